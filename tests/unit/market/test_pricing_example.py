"""The worked example of docs/pricing.md, by the engine."""

import re
from pathlib import Path

import numpy as np

from market.core.auction import Budget, clear_round
from market.core.premiums import LosingBids
from suanli.protocol.arrays import Demand, Measure, Outcome, Supply

PAGE = Path(__file__).parents[3] / "docs" / "pricing.md"
GIGAFUEL = 10
BUDGET = Budget(refreshes=4, steps=200, candidates=8, ruins=50)


def cleared(*most_per_gigafuel: int) -> Outcome:
    """Nodes A and B ask 4 and 5 per gigafuel and have a slot each; each order has one task of 10 gigafuel."""
    one = np.ones((2, 1), np.int64)
    supply = Supply(
        prices=np.array([[4], [5]]),
        minimum=np.zeros(2, np.int64),
        quality=np.zeros((2, 0), np.int64),
        offers=np.zeros((2, 0), np.int64),
        labels=np.zeros(2, np.uint64),
        region=np.zeros(2, np.int32),
        owner=np.arange(2, dtype=np.int32),
        capacity=one,
    )
    orders = len(most_per_gigafuel)
    value = GIGAFUEL * np.array(most_per_gigafuel)
    demand = Demand(
        value=value,
        usage=np.full((orders, 1), GIGAFUEL),
        weights=np.zeros((orders, 0), np.int64),
        needs=np.zeros((orders, 0), np.int64),
        labels=np.zeros(orders, np.uint64),
        region_cost=np.zeros((orders, 1), np.int64),
        load=np.ones((orders, 1), np.int64),
        family=np.arange(orders, dtype=np.int32),
        group=np.arange(orders, dtype=np.int32),
        budget=value,
        barred_start=np.zeros(orders + 1, np.int64),
        barred=np.zeros(0, np.int64),
    )
    return clear_round(Measure((1,)), supply, demand, bytes(32), BUDGET)


def test_page_and_engine_tell_the_same_welfare_and_bound() -> None:
    outcome = cleared(9, 7, 6)
    bound, welfare = re.findall(r"= \*\*(\d+)\*\*|bound = .* = (\d+)$", PAGE.read_text(), re.MULTILINE)
    assert outcome.welfare == int(bound[0] or bound[1]) == 70
    assert outcome.bound == int(welfare[0] or welfare[1]) == 70


def test_both_buyers_pay_what_the_third_offered() -> None:
    outcome, bids = cleared(9, 7, 6), LosingBids(2)
    assert sorted(outcome.provider.tolist()) == [-1, 0, 1]
    bids.add(2, np.array([20, 10]))
    for order, at in enumerate(outcome.provider.tolist()[:2]):
        assert min(int(outcome.payment[order]), (40, 50)[at] + bids.against(order, at)) == 60


def test_without_the_third_order_the_asks_are_paid() -> None:
    outcome = cleared(9)
    assert (outcome.provider.tolist(), outcome.payment.tolist()) == ([0], [40])
