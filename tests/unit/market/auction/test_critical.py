"""The mode in which no buyer of one item gains by misstating its value."""

from dataclasses import replace

import numpy as np

from market.core.auction import Budget
from market.core.auction.critical import clear_critical, stands_alone
from suanli.protocol.arrays import Demand, Measure, Outcome, Supply, pair
from suanli.protocol.certificate import decision_digest
from tests.unit.market.auction.rounds import hold_feasible, random_round

QUICK = Budget(refreshes=1, steps=5, candidates=3, ruins=0)


def alone(seed: int, providers: int = 5, items: int = 12) -> tuple[Measure, Supply, Demand]:
    """A random round in which every item is its own buyer's only one."""
    measure, supply, demand = random_round(seed, providers, items)
    own = np.arange(len(demand), dtype=np.int32)
    return measure, supply, replace(demand, family=own, group=own, budget=demand.value + 50)


def utility(arrays: tuple[Measure, Supply, Demand], outcome: Outcome, item: int) -> int:
    """What the item's buyer has left by its true value."""
    provider = int(outcome.provider[item])
    if provider < 0:
        return 0
    measure, supply, demand = arrays
    rich = demand.value.copy()
    rich[item] = 10_000  # the pair's quality, also where the buyer lied and the true value does not reach
    match = pair(measure, supply, replace(demand, value=rich), item, provider)
    assert match is not None
    return int(demand.value[item]) - match.quality - int(outcome.payment[item])


def test_no_buyer_gains_by_any_lie_about_a_value() -> None:
    rng = np.random.default_rng(5)
    tried = 0
    for seed in range(250):
        arrays = alone(seed)
        measure, supply, demand = arrays
        truth = clear_critical(*arrays, QUICK)
        for item in rng.permutation(len(demand))[:3].tolist():
            for lie in rng.integers(0, 150, 4).tolist():
                told = demand.value.copy()
                told[item] = lie
                lied = clear_critical(measure, supply, replace(demand, value=told, budget=told + 50), QUICK)
                assert utility(arrays, lied, item) <= utility(arrays, truth, item), (seed, item, lie)
                tried += 1
    assert tried > 2000


def test_a_winner_pays_the_least_value_that_wins() -> None:
    winners = 0
    for seed in range(250):
        arrays = alone(seed, items=9)
        measure, supply, demand = arrays
        truth = clear_critical(*arrays, QUICK)
        for item in np.flatnonzero(truth.provider >= 0).tolist():
            least = int(demand.value[item]) - utility(arrays, truth, item)
            for told, wins in ((least, True), (least - 1, False)):
                value = demand.value.copy()
                value[item] = told
                if told >= 0:
                    other = clear_critical(measure, supply, replace(demand, value=value), QUICK)
                    assert (other.provider[item] >= 0) == wins, (seed, item)
            winners += 1
    assert winners > 200


def test_rules_hold_and_items_that_share_a_family_or_group_wait() -> None:
    for seed in range(300):
        arrays = random_round(seed)
        outcome = clear_critical(*arrays, QUICK)
        hold_feasible(*arrays, outcome)
        assert not (outcome.provider[~stands_alone(arrays[2])] >= 0).any()


def test_both_variants_charge_the_same() -> None:
    for seed in range(60):
        arrays = alone(seed)
        plain, machine = (clear_critical(*arrays, QUICK, compiled=compiled) for compiled in (False, True))
        assert decision_digest(plain) == decision_digest(machine)
