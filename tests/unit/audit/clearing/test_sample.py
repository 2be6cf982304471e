"""A sample finds a bound that hides money, and never doubts a true one."""

from dataclasses import replace

import numpy as np
import pytest

from suanli.audit.clearing.bound import best_values, highest_bound, known_values
from suanli.audit.clearing.boxes import costs_of
from suanli.audit.clearing.round import open_round
from suanli.audit.clearing.sample import best_of, check_sample
from suanli.protocol.arrays import Outcome
from suanli.protocol.reasons import Reason
from tests.unit.audit.clearing.decided import decide
from tests.unit.audit.clearing.rounds import Arrays, random_round


@pytest.mark.parametrize("block", range(4))
def test_true_bound_is_never_doubted(block: int) -> None:
    for seed in range(block * 50, block * 50 + 50):
        arrays, outcome = decide(seed, providers=1 + seed % 8, items=1 + seed % 11)
        result = check_sample(open_round(*arrays), outcome, seed)
        assert result.check.passed
        assert result.least <= outcome.bound
        assert result.gap(outcome.welfare) >= 0.0


def _loose(items: int) -> tuple[Arrays, Outcome]:
    """A large round with nothing matched: no linear check sees what its bound is made of."""
    arrays = random_round(9, providers=60, items=items)
    nothing = np.zeros_like(arrays[1].capacity)
    nobody = np.full(items, -1, np.int32)
    outcome = Outcome(nobody, np.zeros(items, np.int64), nothing, nothing, 0, 0)
    return arrays, replace(outcome, bound=highest_bound(open_round(*arrays), outcome))


def test_bound_that_hides_half_of_the_money_is_refused() -> None:
    arrays, outcome = _loose(2000)
    audited = open_round(*arrays)
    assert int(known_values(audited, outcome).sum()) == 0
    assert check_sample(audited, outcome, 1).check.passed
    for said in (outcome.bound // 2, 0, 2 * outcome.bound + 10**6):
        found = check_sample(audited, replace(outcome, bound=said), 1).check
        assert found.reason is Reason.CERTIFICATE_INVALID


def test_stated_confidence_holds_over_many_samples() -> None:
    arrays, outcome = _loose(2000)
    audited = open_round(*arrays)
    results = [check_sample(audited, outcome, seed, items=64) for seed in range(200)]
    assert sum(outcome.bound > result.most for result in results) <= 6
    assert all(result.check.passed and result.least <= outcome.bound for result in results)
    mean = sum(result.likely for result in results) / len(results)
    assert mean == pytest.approx(outcome.bound, rel=0.05)


def test_same_seed_draws_the_same_items() -> None:
    arrays, outcome = _loose(300)
    audited = open_round(*arrays)
    assert check_sample(audited, outcome, 4) == check_sample(audited, outcome, 4)
    assert check_sample(audited, outcome, 4, items=16) != check_sample(audited, outcome, 5, items=16)


def test_every_item_that_is_drawn_gets_its_best_provider() -> None:
    for seed in range(30):
        arrays = random_round(seed, providers=40, items=60)
        rng = np.random.default_rng(seed)
        duals = rng.integers(0, 40, arrays[1].capacity.shape)
        nobody, nothing = np.full(60, -1, np.int32), np.zeros_like(duals)
        outcome = Outcome(nobody, np.zeros(60, np.int64), duals, nothing, 0, 0)
        audited = open_round(*arrays)
        known = known_values(audited, outcome)
        drawn = best_of(audited, outcome, costs_of(audited, duals), known, np.arange(60))
        assert drawn.tolist() == best_values(audited, outcome).tolist()
