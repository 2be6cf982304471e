"""What holds of every round, whatever is in it."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from market.core.auction import GREEDY, Budget, clear_round
from suanli.protocol.arrays import FORBIDDEN, NOBODY, Demand, Measure, Outcome, Supply
from suanli.protocol.certificate import decision_digest
from suanli.protocol.errors import ProtocolError
from tests.unit.market.auction.optimum import best_welfare
from tests.unit.market.auction.rounds import chosen, hold_feasible, random_round

SEED = bytes(range(32))
QUICK = Budget(refreshes=2, steps=10, candidates=4, ruins=60)
THOROUGH = Budget(refreshes=3, steps=30, candidates=8, ruins=400)


@pytest.mark.parametrize(("budget", "rounds"), [(GREEDY, 1000), (QUICK, 1000)], ids=["greedy", "full"])
def test_no_rule_is_broken_and_nobody_pays_above_value_or_earns_below_ask(
    budget: Budget, rounds: int
) -> None:
    for seed in range(rounds):
        arrays = random_round(seed)
        hold_feasible(*arrays, clear_round(*arrays, SEED, budget))


def test_both_variants_of_the_code_decide_the_same() -> None:
    for seed in range(400):
        arrays = random_round(seed, providers=9, items=25)
        plain, machine = (clear_round(*arrays, SEED, QUICK, compiled=compiled) for compiled in (False, True))
        assert decision_digest(plain) == decision_digest(machine), seed


def test_both_variants_agree_on_numbers_near_the_limit() -> None:
    for seed in range(60):
        measure, supply, demand = random_round(seed, providers=9, items=25)
        supply = replace(supply, prices=supply.prices << 26, minimum=supply.minimum << 50)
        demand = replace(
            demand, usage=demand.usage << 24, value=demand.value << 47, budget=demand.budget << 47
        )
        arrays = Measure((1,) * len(measure.sizes), 3), supply, demand
        plain, machine = (clear_round(*arrays, SEED, QUICK, compiled=compiled) for compiled in (False, True))
        hold_feasible(*arrays, plain)
        assert decision_digest(plain) == decision_digest(machine), seed


def test_another_process_decides_the_same() -> None:
    code = (
        "from tests.unit.market.auction.test_round import *;"
        "print(decision_digest(clear_round(*random_round(11, 9, 25), SEED, QUICK)))"
    )
    here = decision_digest(clear_round(*random_round(11, 9, 25), SEED, QUICK))
    for hash_seed in ("0", "1"):
        environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."}
        there = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        assert there.stdout.strip() == here


def test_welfare_is_between_density_greedy_and_the_optimum_and_the_bound_above_that() -> None:
    reached = best = 0
    for seed in range(150):
        arrays = random_round(seed)
        outcome = clear_round(*arrays, SEED, THOROUGH)
        optimum, proven = best_welfare(*arrays)
        assert proven
        assert clear_round(*arrays, SEED, GREEDY).welfare <= outcome.welfare <= optimum <= outcome.bound, seed
        reached, best = reached + outcome.welfare, best + optimum
    assert reached >= 0.99 * best


def test_without_effort_the_outcome_is_density_greedy() -> None:
    arrays = random_round(4)
    assert (clear_round(*arrays, SEED, GREEDY).duals == 0).all()


def by_content(demand: Demand) -> np.ndarray:
    """The order in which a book numbers its items: by what they say, here by their values, which differ."""
    return np.argsort(demand.value, kind="stable")


def test_the_order_of_arrival_changes_nothing() -> None:
    for seed in range(150):
        measure, supply, demand = random_round(seed)
        demand = replace(demand, value=demand.value * 50 + np.arange(len(demand)))
        shuffled = chosen(demand, np.random.default_rng(seed).permutation(len(demand)))
        books = [chosen(book, by_content(book)) for book in (demand, shuffled)]
        one, other = (clear_round(measure, supply, book, SEED, QUICK) for book in books)
        assert decision_digest(one) == decision_digest(other)


def test_an_irrelevant_order_changes_nothing_for_others() -> None:
    for seed in range(300):
        measure, supply, demand = random_round(seed)
        if not len(demand):
            continue
        place = seed % len(demand)
        more = chosen(demand, np.insert(np.arange(len(demand)), place, seed % len(demand)))
        value, cost = more.value.copy(), more.region_cost.copy()
        if seed % 2:
            value[place], cost[place] = 0, np.maximum(cost[place], 1)  # worth nothing anywhere
        else:
            cost[place] = FORBIDDEN  # may go nowhere
        more = replace(more, value=value, region_cost=cost)
        alone, joined = (clear_round(measure, supply, book, SEED, QUICK) for book in (demand, more))
        assert joined.provider[place] == NOBODY
        assert (np.delete(joined.provider, place) == alone.provider).all(), seed
        assert (np.delete(joined.payment, place) == alone.payment).all()
        assert (joined.welfare, joined.bound) == (alone.welfare, alone.bound)


def test_identical_asks_go_to_the_lowest_number_first() -> None:
    measure, supply, demand = uniform(providers=4, items=6, room=2)
    outcome = clear_round(measure, supply, demand, SEED, GREEDY)
    assert outcome.provider.tolist() == [0, 0, 1, 1, 2, 2]
    hold_feasible(measure, supply, demand, clear_round(measure, supply, demand, SEED, QUICK))


def test_a_million_tiny_items_of_one_buyer_clear() -> None:
    measure, supply, demand = uniform(providers=100, items=1_000_000, room=2_000)
    outcome = clear_round(measure, supply, demand, SEED, replace(QUICK, ruins=20))
    assert int((outcome.provider >= 0).sum()) == 200_000
    assert outcome.bound == outcome.welfare


def uniform(providers: int, items: int, room: int) -> tuple[Measure, Supply, Demand]:
    """Like machines and like items, each worth 10 where it costs 4; `room` items fit one machine."""
    nothing = np.zeros((items, 0), np.int64)
    supply = Supply(
        prices=np.full((providers, 1), 4),
        minimum=np.zeros(providers, np.int64),
        quality=np.zeros((providers, 0), np.int64),
        offers=np.zeros((providers, 0), np.int64),
        labels=np.zeros(providers, np.uint64),
        region=np.zeros(providers, np.int32),
        owner=np.arange(providers, dtype=np.int32),
        capacity=np.full((providers, 1), room),
    )
    demand = Demand(
        value=np.full(items, 10),
        usage=np.ones((items, 1), np.int64),
        weights=nothing,
        needs=nothing,
        labels=np.zeros(items, np.uint64),
        region_cost=np.zeros((items, 1), np.int64),
        load=np.ones((items, 1), np.int64),
        family=np.arange(items, dtype=np.int32),
        group=np.zeros(items, np.int32),
        budget=np.array([10 * items]),
        barred_start=np.zeros(items + 1, np.int64),
        barred=np.zeros(0, np.int64),
    )
    return Measure((1,)), supply, demand


def matches(outcome: Outcome) -> int:
    return int((outcome.provider != NOBODY).sum())


@pytest.mark.parametrize(("providers", "items"), [(0, 0), (0, 5), (5, 0)])
def test_a_round_with_an_empty_side_clears_to_nothing(providers: int, items: int) -> None:
    for compiled in (False, True):
        outcome = clear_round(*uniform(providers, items, 1), SEED, QUICK, compiled=compiled)
        assert (matches(outcome), outcome.welfare, outcome.bound) == (0, 0, 0)


def test_without_capacity_or_permission_nobody_is_matched() -> None:
    measure, supply, demand = uniform(3, 8, 0)
    assert matches(clear_round(measure, supply, demand, SEED, QUICK)) == 0
    forbidden = replace(demand, region_cost=np.full((8, 1), FORBIDDEN))
    outcome = clear_round(measure, replace(supply, capacity=supply.capacity + 5), forbidden, SEED, QUICK)
    assert (matches(outcome), outcome.bound) == (0, 0)


def test_a_product_that_may_overflow_is_refused() -> None:
    measure, supply, demand = uniform(2, 2, 1)
    with pytest.raises(ProtocolError):
        clear_round(measure, replace(supply, prices=supply.prices << 58), demand, SEED, QUICK)


def test_duals_of_the_last_round_are_a_valid_start_whatever_they_are() -> None:
    for seed in range(200):
        arrays = random_round(seed)
        shape = arrays[1].capacity.shape
        warm = np.random.default_rng(seed).integers(-5, 1 << 62, shape)
        hold_feasible(*arrays, clear_round(*arrays, SEED, QUICK, warm))


def test_nobody_pays_for_scarcity_that_keeps_nobody_out() -> None:
    measure, supply, demand = uniform(providers=3, items=5, room=2)
    outcome = clear_round(measure, supply, demand, SEED, QUICK, np.full((3, 1), 3))
    assert matches(outcome) == 5
    assert outcome.supports.sum() == 0
    assert outcome.payment.tolist() == [4] * 5


def test_all_pay_the_same_where_items_wait_for_like_machines() -> None:
    measure, supply, demand = uniform(providers=3, items=9, room=2)
    outcome = clear_round(measure, supply, demand, SEED, THOROUGH)
    paid = outcome.payment[outcome.provider != NOBODY]
    assert len(paid) == 6
    assert (paid == paid[0]).all()
    assert (outcome.supports <= outcome.duals).all()
