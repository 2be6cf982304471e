"""ClaimCourt.commitVerdictBySignature: anyone brings what a juror's node key sealed and signed."""

import pytest

from suanli.protocol.court import verdict_seal, work_hash
from suanli.protocol.messages import VerdictSeal
from tests.contracts.clock import next_block_at
from tests.contracts.court.conftest import RESULT, RULES, SALT, USAGE
from tests.contracts.reverts import reverts
from tests.contracts.signing import full_length, malleable_twin, signed, values


def seal_of(dispute, seat, round_=0):
    verdict = verdict_seal(dispute.id(), round_, seat, work_hash(0, RESULT, USAGE), SALT)
    return VerdictSeal(dispute=dispute.id(), round=round_, seat=seat, verdict=verdict)


def bring(dispute, seal, signature):
    suanli = dispute.court.suanli
    return suanli.court.commitVerdictBySignature(values(seal), signature, {"from": suanli.relayer})


@pytest.mark.parametrize("form", [lambda given: given, full_length])
def test_stranger_brings_the_seal_and_the_juror_opens_it(dispute, form):
    dispute.draw()
    seal = seal_of(dispute, 1)
    receipt = bring(dispute, seal, form(signed(dispute.juror(1), dispute.court.suanli.domain, seal)))
    assert receipt.events["VerdictSealed"]["verdict"] == seal.verdict
    next_block_at(dispute.drawn_at() + RULES.commit_seconds + 1)
    assert "VerdictOpened" in dispute.open(1).events


def test_other_keys_and_spoilt_signatures_seal_nothing(dispute, mallory):
    dispute.draw()
    juror, domain, seal = dispute.juror(0), dispute.court.suanli.domain, seal_of(dispute, 0)
    good = signed(juror, domain, seal)
    others = [signed(who, domain, seal) for who in (mallory, dispute.juror(1))]
    for spoilt in (*others, malleable_twin(good), good[:-1], good + b"\0", b""):
        with reverts("InvalidSignature", juror):
            bring(dispute, seal, spoilt)


def test_signature_counts_for_its_seat_and_verdict_alone(dispute):
    dispute.draw()
    good = signed(dispute.juror(0), dispute.court.suanli.domain, seal_of(dispute, 0))
    changed = seal_of(dispute, 0).model_copy(update={"verdict": "0x" + "11" * 32})
    for seat, other in ((1, seal_of(dispute, 1)), (0, changed)):
        with reverts("InvalidSignature", dispute.juror(seat)):
            bring(dispute, other, good)


def test_seat_is_sealed_once_however_the_seal_comes(dispute):
    dispute.draw()
    seal = seal_of(dispute, 2)
    dispute.seal(2)
    with reverts("AlreadySealed", dispute.id(), 0, 2):
        bring(dispute, seal, signed(dispute.juror(2), dispute.court.suanli.domain, seal))


def test_seal_is_brought_in_time_to_a_seat_of_a_drawn_panel(dispute):
    domain = dispute.court.suanli.domain
    with reverts("NotDrawn", dispute.id(), 0):
        bring(dispute, seal_of(dispute, 0), b"")
    dispute.draw()
    for round_, seat in ((0, 3), (2, 0)):
        with reverts("WrongSeat", round_, seat):
            bring(dispute, seal_of(dispute, seat, round_), b"")
    seal, end = seal_of(dispute, 0), dispute.drawn_at() + RULES.commit_seconds
    next_block_at(end + 1)
    with reverts("PhaseEnded", end):
        bring(dispute, seal, signed(dispute.juror(0), domain, seal))
