"""ClaimCourt.commitVerdict: a juror seals what it found, once, in its own seat."""

import pytest

from suanli.protocol.court import verdict_seal, work_hash
from tests.contracts.clock import next_block_at
from tests.contracts.court.conftest import RESULT, RULES, SALT, USAGE
from tests.contracts.reverts import reverts


def commit(dispute, round_, seat, sender):
    contract = dispute.court.suanli.court
    return contract.commitVerdict(dispute.id(), round_, seat, SALT, {"from": sender})


def test_sealed_verdict_is_kept_by_its_lower_half_with_the_lowest_bit_set(dispute):
    dispute.draw()
    receipt = dispute.seal(0)
    sealed = verdict_seal(dispute.id(), 0, 0, work_hash(0, RESULT, USAGE), SALT)
    assert receipt.events["VerdictSealed"]["verdict"] == sealed
    kept = int(bytes(dispute.court.suanli.court.verdictOf(dispute.id(), 0, 0)).hex(), 16)
    assert kept == int(sealed, 16) & ((1 << 128) - 1) | 1


def test_seal_whose_lowest_bit_is_clear_is_kept_as_sealed(dispute):
    dispute.draw()
    commit(dispute, 0, 0, dispute.juror(0))
    kept = int(bytes(dispute.court.suanli.court.verdictOf(dispute.id(), 0, 0)).hex(), 16)
    assert int(SALT, 16) & 1 == 0
    assert kept == int(SALT, 16) & ((1 << 128) - 1) | 1


def test_owner_seals_for_its_node(dispute, jurors, dave):
    dispute.draw()
    owner_of = {node: owner for owner, node in jurors}
    juror = dispute.juror(1)
    commit(dispute, 0, 1, owner_of.get(juror, dave))


def test_stranger_and_other_jurors_do_not_seal(dispute, mallory):
    dispute.draw()
    juror = dispute.juror(0)
    for caller in (mallory, dispute.juror(1)):
        with reverts("NotJuror", juror, caller):
            commit(dispute, 0, 0, caller)


def test_juror_seals_once(dispute):
    dispute.draw()
    dispute.seal(2)
    with reverts("AlreadySealed", dispute.id(), 0, 2):
        dispute.seal(2)


@pytest.mark.parametrize(("round_", "seat"), [(0, 3), (2, 0), (1, 7)])
def test_there_are_three_seats_and_seven_in_two_rounds(dispute, mallory, round_, seat):
    dispute.draw()
    with reverts("WrongSeat", round_, seat):
        commit(dispute, round_, seat, mallory)


def test_nobody_judges_before_the_draw(dispute, mallory):
    with reverts("NotDrawn", dispute.id(), 0):
        commit(dispute, 0, 0, mallory)


def test_verdict_is_sealed_in_time(dispute):
    dispute.draw()
    juror = dispute.juror(0)
    end = dispute.drawn_at() + RULES.commit_seconds
    next_block_at(end + 1)
    with reverts("PhaseEnded", end):
        commit(dispute, 0, 0, juror)
