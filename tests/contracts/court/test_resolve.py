"""ClaimCourt.resolve: when the time is over anyone ends the dispute and everyone gets what is due."""

from suanli.protocol.court import Ruling
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.court.conftest import RESULT, RULES, WRONG
from tests.contracts.reverts import reverts

BURNED = "0x000000000000000000000000000000000000dEaD"
FALLEN = "0x" + "00" * 31 + "01"


def resolve(dispute):
    return dispute.call(dispute.court.suanli.court.resolve)


def test_false_claim_pays_jurors_challenger_and_buyer(dispute, alice, bob, carol, carols_node):
    suanli = dispute.court.suanli
    dispute.judge(WRONG, WRONG, WRONG)
    dispute.wait(RULES.appeal_seconds + 1)
    assert resolve(dispute).events["DisputeResolved"]["ruling"] == Ruling.FALLS
    left = RULES.claim_bond - 3 * RULES.juror_fee
    assert suanli.balance(alice) == FUNDS + left // 2
    assert suanli.balance(bob) == FUNDS + left - left // 2
    assert suanli.balance(carol) == FUNDS - STAKE
    assert suanli.stake(carols_node) == (STAKE - RULES.claim_bond, 0, STAKE - RULES.claim_bond)
    assert suanli.balance(suanli.court) == 0
    assert "0x" + bytes(suanli.court.recordOf(dispute.claim.id)).hex() == FALLEN


def test_juror_in_the_minority_and_one_who_stays_away_lose_stake(dispute):
    suanli = dispute.court.suanli
    dispute.judge(WRONG, RESULT)
    jurors = [dispute.juror(seat) for seat in range(3)]
    dispute.wait(RULES.appeal_seconds + 1)
    assert resolve(dispute).events["DisputeResolved"]["ruling"] == Ruling.UNDECIDED
    assert [suanli.stake(juror)[0] for juror in jurors] == [STAKE, STAKE, STAKE - RULES.juror_slash]
    assert suanli.balance(BURNED) == RULES.juror_slash


def test_dispute_that_nobody_drew_returns_everything(dispute, alice, bob, carols_node):
    suanli = dispute.court.suanli
    end = dispute.challenge.challenged_at + RULES.draw_seconds
    next_block_at(end)
    with reverts("PhaseNotBegun", end):
        resolve(dispute)
    next_block_at(end + 1)
    assert resolve(dispute).events["DisputeResolved"]["ruling"] == Ruling.UNDECIDED
    assert (suanli.balance(alice), suanli.balance(bob)) == (FUNDS, FUNDS)
    assert suanli.stake(carols_node) == (STAKE, 0, STAKE)


def test_loser_is_left_the_whole_time_for_its_appeal(dispute):
    dispute.judge(RESULT, RESULT, RESULT)
    end = dispute.wait(RULES.appeal_seconds)
    with reverts("PhaseNotBegun", end):
        resolve(dispute)


def test_appeal_that_nobody_hears_returns_its_bond(dispute, bob, carol):
    suanli = dispute.court.suanli
    dispute.judge(RESULT, RESULT, RESULT)
    dispute.wait(1)
    appealed = dispute.call(suanli.court.escalate, bob).timestamp
    next_block_at(appealed + RULES.draw_seconds + 1)
    assert resolve(dispute).events["DisputeResolved"]["ruling"] == Ruling.STANDS
    assert suanli.balance(bob) == FUNDS - RULES.challenge_bond
    left = RULES.challenge_bond - 3 * RULES.juror_fee
    assert suanli.balance(carol) == FUNDS - STAKE + dispute.claim.amount + left


def test_dispute_ends_once(dispute):
    dispute.judge(RESULT, RESULT, RESULT)
    dispute.wait(RULES.appeal_seconds + 1)
    resolve(dispute)
    with reverts("ClaimMismatch", dispute.claim.id, "0x" + "00" * 32, dispute.id()):
        resolve(dispute)
