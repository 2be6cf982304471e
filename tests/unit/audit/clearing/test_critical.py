"""In rounds with critical payments, the auditor accepts those of the auction, and no others."""

from dataclasses import replace

import numpy as np
import pytest

from market.core.auction import clear_critical
from suanli.audit.clearing.certified import check_certificate
from suanli.audit.clearing.critical import check_critical
from suanli.audit.clearing.round import open_round
from suanli.protocol.arrays import NOBODY, Outcome
from suanli.protocol.certificate import Mechanism
from suanli.protocol.checks import all_passed
from tests.unit.audit.clearing.decided import EFFORT, altered, certify, expected
from tests.unit.audit.clearing.rounds import Arrays, random_round


def _alone(seed: int) -> Arrays:
    """A random round in which nearly every item is its own buyer's only one."""
    measure, supply, demand = random_round(seed, providers=1 + seed % 6, items=2 + seed % 11)
    own = np.arange(len(demand), dtype=np.int32)
    if len(demand) > 6:
        own[-1] = own[-2]
    budget = demand.value + np.random.default_rng(seed).integers(-3, 60, len(demand))
    return measure, supply, replace(demand, family=own, group=own, budget=np.maximum(budget, 0))


def _decide(seed: int) -> tuple[Arrays, Outcome]:
    arrays = _alone(seed)
    return arrays, clear_critical(*arrays, EFFORT, compiled=False)


@pytest.mark.parametrize("block", range(4))
def test_critical_payments_of_the_auction_are_accepted(block: int) -> None:
    winners = 0
    for seed in range(block * 100, block * 100 + 100):
        arrays, outcome = _decide(seed)
        certificate = certify(outcome, Mechanism.CRITICAL)
        checks = check_certificate(open_round(*arrays), certificate, expected(certificate))
        assert all_passed(checks), (seed, [one for one in checks if not one.passed])
        winners += int((outcome.provider != NOBODY).sum())
    assert winners > 100


def test_critical_payment_off_by_a_micro_atom_is_found() -> None:
    tried = 0
    for seed in range(60):
        arrays, outcome = _decide(seed)
        audited = open_round(*arrays)
        for item in np.flatnonzero(outcome.provider != NOBODY).tolist():
            for by in (-1, 1):
                assert not all_passed(check_critical(audited, altered(outcome, "payment", (item,), by), 0))
                tried += 1
    assert tried > 100


def test_allocation_that_is_not_greedy_is_found() -> None:
    tried = 0
    for seed in range(60):
        arrays, outcome = _decide(seed)
        for item in np.flatnonzero(outcome.provider != NOBODY).tolist():
            gone = outcome.provider.copy()
            gone[item] = NOBODY
            found = check_critical(open_round(*arrays), replace(outcome, provider=gone), 0)
            assert [one.name for one in found if not one.passed] == ["greedy"]
            tried += 1
    assert tried > 50


def test_round_of_one_mechanism_is_not_taken_for_the_other() -> None:
    refused = 0
    for seed in range(40):
        arrays, outcome = _decide(seed)
        as_support = certify(outcome, Mechanism.SUPPORT)
        paid_above = outcome.payment.any() and not all_passed(
            check_certificate(open_round(*arrays), as_support, expected())
        )
        refused += bool(paid_above)
    assert refused > 5
