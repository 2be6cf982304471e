"""What the auction decides is found allowed and paid right; what breaks one rule is found to break it."""

from dataclasses import replace

import numpy as np
import pytest

from suanli.audit.clearing.bound import check_full
from suanli.audit.clearing.feasibility import check_feasibility
from suanli.audit.clearing.round import open_round
from suanli.protocol.arrays import NOBODY, Outcome, pair
from suanli.protocol.checks import all_passed
from suanli.protocol.reasons import Reason
from tests.unit.audit.clearing.decided import altered, decide
from tests.unit.audit.clearing.rounds import Arrays, payments_by_hand


def _failed(arrays: Arrays, outcome: Outcome) -> set[str]:
    found = [one for one in check_feasibility(open_round(*arrays), outcome) if not one.passed]
    assert all(one.reason is Reason.CERTIFICATE_INVALID for one in found)
    return {one.name for one in found}


@pytest.mark.parametrize("block", range(10))
def test_auditor_accepts_what_the_auction_decides(block: int) -> None:
    for seed in range(block * 200, block * 200 + 200):
        arrays, outcome = decide(seed, providers=1 + seed % 8, items=1 + seed % 11)
        audited = open_round(*arrays)
        checks = (*check_feasibility(audited, outcome), *check_full(audited, outcome))
        assert all_passed(checks), (seed, [one for one in checks if not one.passed])
        assert outcome.payment.tolist() == payments_by_hand(arrays, outcome)


def _decided_with_matches(seed: int) -> tuple[Arrays, Outcome]:
    arrays, outcome = decide(seed)
    return (arrays, outcome) if (outcome.provider != NOBODY).any() else _decided_with_matches(seed + 1)


@pytest.mark.parametrize("seed", range(40, 80))
def test_item_at_a_provider_that_may_not_have_it_is_found(seed: int) -> None:
    arrays, outcome = _decided_with_matches(seed)
    item = int(np.flatnonzero(outcome.provider != NOBODY)[0])
    for provider in range(len(arrays[1])):
        if pair(*arrays, item, provider) is None:
            moved = outcome.provider.copy()
            moved[item] = provider
            assert _failed(arrays, replace(outcome, provider=moved)) == {"eligible"}


@pytest.mark.parametrize("seed", range(40))
def test_overloaded_provider_is_found(seed: int) -> None:
    (measure, supply, demand), outcome = _decided_with_matches(seed)
    taken = np.zeros_like(supply.capacity)
    matched = outcome.provider != NOBODY
    np.add.at(taken, outcome.provider[matched], demand.load[matched])
    full = np.argwhere(taken > 0)
    for provider, resource in full.tolist():
        less = supply.capacity.copy()
        less[provider, resource] = taken[provider, resource] - 1
        assert "capacities" in _failed((measure, replace(supply, capacity=less), demand), outcome)


@pytest.mark.parametrize("seed", range(40))
def test_owner_with_two_copies_of_a_task_is_found(seed: int) -> None:
    (measure, supply, demand), outcome = _decided_with_matches(seed)
    one_family = replace(demand, family=np.zeros_like(demand.family))
    matched = outcome.provider[outcome.provider != NOBODY]
    owners = supply.owner[matched].tolist()
    found = "families" in _failed((measure, supply, one_family), outcome)
    assert found == (len(set(owners)) < len(owners))


@pytest.mark.parametrize("seed", range(40))
def test_overspent_budget_is_found(seed: int) -> None:
    (measure, supply, demand), outcome = _decided_with_matches(seed)
    asks = np.zeros_like(demand.budget)
    for item in np.flatnonzero(outcome.provider != NOBODY).tolist():
        found = pair(measure, supply, demand, item, int(outcome.provider[item]))
        assert found is not None
        asks[demand.group[item]] += found.price
    for group in np.flatnonzero(asks).tolist():
        less = demand.budget.copy()
        less[group] = asks[group] - 1
        assert "budgets" in _failed((measure, supply, replace(demand, budget=less)), outcome)


@pytest.mark.parametrize("by", [-1, 1])
@pytest.mark.parametrize("seed", range(40))
def test_payment_off_by_a_micro_atom_is_found(seed: int, by: int) -> None:
    arrays, outcome = _decided_with_matches(seed)
    for item in range(len(arrays[2])):
        name = "unmatched_pay_nothing" if outcome.provider[item] == NOBODY else "payments"
        assert name in _failed(arrays, altered(outcome, "payment", (item,), by))


@pytest.mark.parametrize("seed", range(40))
def test_welfare_off_by_a_micro_atom_is_found(seed: int) -> None:
    arrays, outcome = _decided_with_matches(seed)
    for by in (-1, 1):
        assert _failed(arrays, replace(outcome, welfare=outcome.welfare + by)) == {"welfare"}


@pytest.mark.parametrize("seed", range(40))
def test_support_price_beyond_the_duals_is_found(seed: int) -> None:
    arrays, outcome = _decided_with_matches(seed)
    for where in np.ndindex(outcome.supports.shape):
        beyond = int(outcome.duals[where]) + 1
        raised = replace(outcome, supports=outcome.supports.copy())
        raised.supports[where] = beyond
        assert "supports" in _failed(arrays, raised)


def test_arrays_of_another_round_are_refused() -> None:
    arrays, outcome = decide(1)
    for wrong in (
        replace(outcome, provider=outcome.provider[:-1]),
        replace(outcome, payment=outcome.payment[1:]),
        replace(outcome, duals=outcome.duals[:-1]),
        replace(outcome, supports=-outcome.supports - 1),
        altered(outcome, "provider", (0,), len(arrays[1]) + 1),
        altered(outcome, "provider", (0,), -len(arrays[1]) - 2),
    ):
        assert _failed(arrays, wrong) == {"shapes"}
