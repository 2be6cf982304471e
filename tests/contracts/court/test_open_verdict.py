"""ClaimCourt.openVerdict: what was sealed, after all have sealed, and nothing else."""

import pytest

from suanli.protocol.court import UNAVAILABLE, kept, work_hash
from tests.contracts.clock import next_block_at
from tests.contracts.court.conftest import RESULT, RULES, USAGE, WRONG
from tests.contracts.reverts import reverts


@pytest.fixture
def opening(dispute):
    """Seat 0 sealed the receipt's result; opening has begun."""
    dispute.draw()
    dispute.seal(0)
    dispute.seal(1, outcome=UNAVAILABLE)
    next_block_at(dispute.drawn_at() + RULES.commit_seconds + 1)
    return dispute


def verdict(dispute, seat):
    return int(bytes(dispute.court.suanli.court.verdictOf(dispute.id(), 0, seat)).hex(), 16)


def test_anyone_who_knows_the_salt_opens(opening):
    opening.open(0)
    assert verdict(opening, 0) == kept(work_hash(0, RESULT, USAGE))


def test_juror_without_the_inputs_abstains(opening):
    opening.open(1, outcome=UNAVAILABLE)
    assert verdict(opening, 1) == 2


def test_another_finding_than_was_sealed_is_not_opened(opening):
    with reverts("SealMismatch", opening.id(), 0, 0):
        opening.open(0, WRONG)


def test_verdict_is_opened_once(opening):
    opening.open(0)
    with reverts("SealMismatch", opening.id(), 0, 0):
        opening.open(0)


def test_empty_seat_is_not_opened(opening):
    with reverts("SealMismatch", opening.id(), 0, 2):
        opening.open(2)


def test_unknown_outcome_is_not_opened(opening):
    with reverts("WrongOutcome", UNAVAILABLE + 1):
        opening.open(0, outcome=UNAVAILABLE + 1)


def test_nothing_is_opened_while_others_seal(dispute):
    dispute.draw()
    dispute.seal(0)
    end = dispute.drawn_at() + RULES.commit_seconds
    next_block_at(end)
    with reverts("PhaseNotBegun", end):
        dispute.open(0)


def test_verdict_is_opened_in_the_last_second_and_no_later(opening):
    end = opening.drawn_at() + RULES.commit_seconds + RULES.open_seconds
    next_block_at(end)
    opening.open(0)
    next_block_at(end + 1)
    with reverts("PhaseEnded", end):
        opening.open(1, outcome=UNAVAILABLE)
