"""Quotes explain themselves: every provider is counted once, and each relaxation is told exactly."""

from dataclasses import astuple, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from market.core.engine.decision import Relaxation, Rule
from market.core.engine.fleet import Fleet
from suanli.protocol.arrays import Demand
from tests.unit.market.engine.rounds import REGIONS, Round, brute, small

SEEDS = st.integers(0, 2**32 - 1)
BIG = 1 << 50


def flat(numbers: object) -> int:
    """The sum of a dataclass's numbers and tuples of numbers."""
    return sum(sum(part) if isinstance(part, tuple) else part for part in astuple(numbers))  # type: ignore[call-overload]


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS)
def test_exclusions_and_the_eligible_add_up_to_the_fleet(seed: int) -> None:
    round_ = small(seed)
    fleet = Fleet(round_.measure, round_.supply, REGIONS, variant="numpy")
    items = fleet.items(round_.demand)
    for item in range(len(items)):
        told = fleet.exclusions(items, item)
        assert flat(told) == len(round_.supply)
        assert told.eligible == len(brute(round_, item, round_.supply.capacity))


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS)
def test_a_relaxed_limit_admits_the_provider_that_was_told_and_nothing_less_does(seed: int) -> None:
    round_ = small(seed, providers=8)
    fleet = Fleet(round_.measure, round_.supply, REGIONS, variant="numpy")
    items = fleet.items(round_.demand)
    for item in range(len(items)):
        now = brute(round_, item, round_.supply.capacity)
        for told in fleet.relaxations(items, item):
            found = brute(*eased(round_, item, told))
            assert told.decision in found[:1] or (told.rule == Rule.NEED and told.decision in found)
            cost = told.decision.price + told.decision.quality
            assert told.saving == (now[0][1] + now[0][2] - cost if now else None)
            assert told.saving is None or told.saving > 0


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_both_variants_tell_the_same_relaxations(seed: int) -> None:
    round_ = small(seed, providers=60)
    told = []
    for variant in ("numpy", "numba"):
        fleet = Fleet(round_.measure, round_.supply, REGIONS, variant=variant)  # type: ignore[arg-type]
        items = fleet.items(round_.demand)
        told.append([fleet.relaxations(items, item) for item in range(len(items))])
    assert told[0] == told[1]


def test_a_buyer_hears_what_the_forbidden_region_would_save() -> None:
    round_ = small(3, providers=2)
    supply = replace(
        round_.supply,
        prices=np.array([[9, 0], [2, 0]]), minimum=np.zeros(2, np.int64), quality=np.zeros((2, 2), np.int64),
        region=np.array([0, 1], np.int32), offers=np.full((2, 2), 5), capacity=np.full((2, 2), 4),
    )  # fmt: skip
    demand = replace(
        Fleet(round_.measure, supply, REGIONS).items(small(3, providers=2, items=1).demand).demand,
        value=np.array([BIG]), usage=np.array([[60, 0]]), labels=np.zeros(1, np.uint64),
        region_cost=np.array([[0, -1, -1]]), needs=np.zeros((1, 2), np.int64), load=np.array([[1, 1]]),
        barred_start=np.zeros(2, np.int64), barred=np.zeros(0, np.int64),
    )  # fmt: skip
    fleet = Fleet(round_.measure, supply, REGIONS)
    items = fleet.items(demand)
    (told,) = fleet.relaxations(items)
    now = fleet.decide(items)
    assert now is not None
    assert now.provider == 0
    assert (told.rule, told.number, told.decision.provider) == (Rule.REGION, 1, 1)
    assert told.saving == now.price - told.decision.price > 0


def eased(round_: Round, item: int, told: Relaxation) -> tuple[Round, int, np.ndarray]:
    """The round in which just that limit of the item is moved to where the relaxation says."""
    demand: Demand = round_.demand
    columns = {
        name: getattr(demand, name).copy() for name in ("value", "needs", "labels", "region_cost", "load")
    }
    if told.rule == Rule.REGION:
        columns["region_cost"][item, told.number] = 0
    elif told.rule == Rule.LABELS:
        columns["labels"][item] = int(demand.labels[item]) & ~(1 << told.number)
    elif told.rule == Rule.NEED:
        columns["needs"][item, told.number] = told.limit
    elif told.rule == Rule.CAPACITY:
        columns["load"][item] = 0
    else:
        columns["value"][item] = told.limit
    changed = Round(round_.measure, round_.supply, replace(demand, **columns))
    return changed, item, round_.supply.capacity
