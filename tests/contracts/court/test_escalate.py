"""ClaimCourt.escalate: once, in the appeal time, by the loser, the buyer, or where nobody won."""

from tests.contracts.conftest import FUNDS
from tests.contracts.court.conftest import RESULT, RULES, WRONG
from tests.contracts.reverts import reverts

NOBODY = "0x" + "00" * 20


def test_anyone_escalates_where_no_two_jurors_agree(dispute, mallory):
    dispute.judge(RESULT, WRONG)
    dispute.wait(1)
    receipt = dispute.call(dispute.court.suanli.court.escalate, mallory)
    assert dict(receipt.events["DisputeEscalated"]) == {"dispute": dispute.id(), "appellant": NOBODY}


def test_loser_appeals_with_a_bond_and_nobody_else(dispute, carol, bob):
    suanli = dispute.court.suanli
    dispute.judge(RESULT, RESULT)
    dispute.wait(1)
    with reverts("NotLoser", bob, carol):
        dispute.call(suanli.court.escalate, carol)
    dispute.wait(2)
    receipt = dispute.call(suanli.court.escalate, bob)
    assert dict(receipt.events["DisputeEscalated"]) == {"dispute": dispute.id(), "appellant": bob}
    assert suanli.balance(bob) == FUNDS - RULES.challenge_bond - RULES.appeal_bond


def test_buyer_appeals_against_a_claim_that_stands_though_another_challenged(dispute, alice):
    suanli = dispute.court.suanli
    before = suanli.balance(alice)
    dispute.judge(RESULT, RESULT)
    dispute.wait(1)
    receipt = dispute.call(suanli.court.escalate, alice)
    assert dict(receipt.events["DisputeEscalated"]) == {"dispute": dispute.id(), "appellant": alice}
    assert suanli.balance(alice) == before - RULES.appeal_bond


def test_buyer_does_not_appeal_against_a_claim_found_false(dispute, carol, alice):
    dispute.judge(WRONG, WRONG)
    dispute.wait(1)
    with reverts("NotLoser", carol, alice):
        dispute.call(dispute.court.suanli.court.escalate, alice)


def test_owner_of_a_claim_found_false_is_the_loser(dispute, carol, bob):
    dispute.judge(WRONG, WRONG)
    dispute.wait(1)
    with reverts("NotLoser", carol, bob):
        dispute.call(dispute.court.suanli.court.escalate, bob)


def test_dispute_is_escalated_once(dispute, mallory):
    escalate = dispute.court.suanli.court.escalate
    dispute.judge()
    dispute.wait(1)
    dispute.call(escalate)
    with reverts("AlreadyEscalated", dispute.id()):
        dispute.call(escalate, mallory)


def test_appeal_is_open_until_its_last_second(dispute, bob):
    dispute.judge(RESULT, RESULT)
    end = dispute.wait(RULES.appeal_seconds)
    dispute.wait(RULES.appeal_seconds + 1)
    with reverts("PhaseEnded", end):
        dispute.call(dispute.court.suanli.court.escalate, bob)


def test_first_panel_is_heard_out(dispute, bob):
    dispute.judge(RESULT, RESULT)
    end = dispute.wait(0)
    with reverts("PhaseNotBegun", end):
        dispute.call(dispute.court.suanli.court.escalate, bob)


def test_there_is_no_appeal_without_a_panel(dispute, bob):
    with reverts("NotDrawn", dispute.id(), 0):
        dispute.call(dispute.court.suanli.court.escalate, bob)
