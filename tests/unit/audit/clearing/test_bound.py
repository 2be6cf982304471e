"""The auditor's bound is the one of the rules, on all pairs, however the pairs are ruled out."""

from dataclasses import replace

import numpy as np
import pytest

from suanli.audit.clearing import bound, boxes, candidates
from suanli.audit.clearing.bound import best_values, check_full, highest_bound
from suanli.audit.clearing.round import capacity_cost, judge, open_round
from suanli.protocol.arrays import LARGEST, NOBODY, Demand, Integers, Measure, Outcome, Supply, pair
from tests.unit.audit.clearing.rounds import Arrays, bound_by_hand, random_round


def _undecided(arrays: Arrays, duals: Integers) -> Outcome:
    items = len(arrays[2])
    nobody = np.full(items, NOBODY, np.int32)
    return Outcome(nobody, np.zeros(items, np.int64), duals, np.zeros_like(duals), 0, 0)


def _some_duals(arrays: Arrays, seed: int) -> Integers:
    rng = np.random.default_rng(seed)
    shape = arrays[1].capacity.shape
    return np.where(rng.random(shape) < 0.5, rng.integers(0, 60, shape), 0)


@pytest.mark.parametrize("block", range(8))
def test_auditor_finds_the_bound_that_plain_python_finds(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        arrays = random_round(seed, providers=1 + seed % 9, items=1 + seed % 7)
        duals = _some_duals(arrays, seed)
        audited = open_round(*arrays)
        assert highest_bound(audited, _undecided(arrays, duals)) == bound_by_hand(arrays, duals)


@pytest.mark.parametrize(("few", "at_once"), [(0, 3), (4, 50), (1 << 14, 1)])
def test_matches_and_portions_only_say_where_to_look_first(
    monkeypatch: pytest.MonkeyPatch, few: int, at_once: int
) -> None:
    monkeypatch.setattr(candidates, "FEW", few)
    monkeypatch.setattr(candidates, "PAIRS_AT_ONCE", at_once)
    monkeypatch.setattr(bound, "LOOKS_AT_ONCE", at_once)
    monkeypatch.setattr(bound, "ITEMS_AT_ONCE", 3)
    monkeypatch.setattr(boxes, "BOX", 2)
    for seed in range(60):
        arrays = random_round(seed, providers=30, items=9)
        duals = _some_duals(arrays, seed)
        anywhere = np.random.default_rng(seed).integers(NOBODY, 30, 9).astype(np.int32)
        guided = replace(_undecided(arrays, duals), provider=anywhere)
        assert highest_bound(open_round(*arrays), guided) == bound_by_hand(arrays, duals)


def test_every_pair_is_judged_as_the_rules_judge_it() -> None:
    for seed in range(60):
        measure, supply, demand = random_round(seed, providers=5, items=5)
        audited = open_round(measure, supply, demand)
        items, providers = (numbers.ravel() for numbers in np.indices((5, 5)))
        pairs = judge(audited, items, providers)
        for at, (item, provider) in enumerate(zip(items.tolist(), providers.tolist(), strict=True)):
            by_rule = pair(measure, supply, demand, item, provider)
            assert bool(pairs.eligible[at]) == (by_rule is not None)
            if by_rule is not None:
                assert (by_rule.price, by_rule.quality, by_rule.surplus) == (
                    int(pairs.price[at]),
                    int(pairs.quality[at]),
                    int(pairs.surplus[at]),
                )


def test_large_round_agrees_with_plain_python_on_some_items() -> None:
    arrays = random_round(11, providers=700, items=400)
    duals = _some_duals(arrays, 11)
    best = best_values(open_round(*arrays), _undecided(arrays, duals))
    _, supply, demand = arrays
    for item in np.random.default_rng(11).integers(0, len(demand), 12).tolist():
        found = (
            (one.surplus - int((demand.load[item] * duals[provider]).sum()))
            for provider in range(len(supply))
            if (one := pair(*arrays, item, provider)) is not None
        )
        assert int(best[item]) == max([0, *found])


def test_two_providers_one_unit_apart_are_told_apart() -> None:
    """Values near 2^59, of which float32 keeps 24 bits: only whole numbers see which one is better."""
    arrays = _near_the_limit([(1 << 58) + 1, 1 << 58, (1 << 58) + 2])
    duals = np.zeros((3, 1), np.int64)
    assert highest_bound(open_round(*arrays), _undecided(arrays, duals)) == (1 << 59) - (1 << 58)


def test_absurd_duals_neither_overflow_nor_help() -> None:
    arrays = _near_the_limit([1 << 58, (1 << 58) + 1])
    duals = np.full((2, 1), (1 << 63) - 1, np.int64)
    outcome = _undecided(arrays, duals)
    assert highest_bound(open_round(*arrays), outcome) == bound_by_hand(arrays, duals)
    items = np.zeros(1, np.intp)
    assert int(capacity_cost(open_round(*arrays), duals, items, items)[0]) == 2 * LARGEST


@pytest.mark.parametrize(("providers", "items"), [(0, 0), (0, 3), (3, 0)])
def test_empty_sides_have_a_bound(providers: int, items: int) -> None:
    measure, supply, demand = random_round(1, providers=max(1, providers), items=max(1, items))
    if not providers:
        supply = Supply(*(getattr(supply, name)[:0] for name in supply.__slots__))
    if not items:
        whole = {name: getattr(demand, name)[:0] for name in demand.__slots__}
        demand = Demand(**whole | {"barred_start": np.zeros(1, np.int64), "budget": demand.budget})
    arrays = (measure, supply, demand)
    duals = np.ones_like(supply.capacity)
    found = highest_bound(open_round(*arrays), _undecided(arrays, duals))
    assert found == int(supply.capacity.sum())


def test_a_bound_too_small_or_too_large_is_refused() -> None:
    arrays = random_round(3)
    duals = _some_duals(arrays, 3)
    outcome, true = _undecided(arrays, duals), bound_by_hand(arrays, duals)
    audited = open_round(*arrays)
    assert all(one.passed for one in check_full(audited, replace(outcome, bound=true)))
    for said in (true - 1, true + 1, 0):
        assert not all(one.passed for one in check_full(audited, replace(outcome, bound=said)))
    too_good = replace(outcome, bound=true, welfare=true + 1)
    assert not all(one.passed for one in check_full(audited, too_good))


def _near_the_limit(prices: list[int]) -> Arrays:
    count = len(prices)
    supply = Supply(
        prices=np.array(prices, np.int64).reshape(-1, 1),
        minimum=np.zeros(count, np.int64),
        quality=np.zeros((count, 1), np.int64),
        offers=np.zeros((count, 1), np.int64),
        labels=np.zeros(count, np.uint64),
        region=np.zeros(count, np.int32),
        owner=np.arange(count, dtype=np.int32),
        capacity=np.ones((count, 1), np.int64),
    )
    demand = Demand(
        value=np.array([1 << 59]),
        usage=np.ones((1, 1), np.int64),
        weights=np.zeros((1, 1), np.int64),
        needs=np.zeros((1, 1), np.int64),
        labels=np.zeros(1, np.uint64),
        region_cost=np.zeros((1, 1), np.int64),
        load=np.array([[3]]),
        family=np.zeros(1, np.int32),
        group=np.zeros(1, np.int32),
        budget=np.array([1 << 59]),
        barred_start=np.zeros(2, np.int64),
        barred=np.zeros(0, np.int64),
    )
    return Measure((1,)), supply, demand
