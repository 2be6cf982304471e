"""ClaimCourt.challenge: anyone says that a claim is false, in time and with a bond."""

from dataclasses import replace

from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS
from tests.contracts.court.conftest import RULES, claim_values
from tests.contracts.reverts import reverts


def test_challenger_risks_its_bond(court, bob):
    claim = court.open()
    challenge, receipt = court.challenge(claim, bob)
    assert court.suanli.balance(bob) == FUNDS - RULES.challenge_bond
    assert (challenge.challenger, challenge.challenged_at) == (bob.address, receipt.timestamp)
    assert challenge.node_count == court.suanli.registry.nodeCount()


def test_challenger_without_the_bond_is_refused(court, mallory):
    claim = court.open()
    with reverts("BalanceTooSmall", mallory, 0, RULES.challenge_bond):
        court.suanli.court.challenge(claim_values(claim), {"from": mallory})


def test_claim_is_challenged_in_the_windows_last_second_and_no_later(court, bob):
    claim, late = court.open(0), court.open(1)
    end = claim.opened_at + RULES.claim_window_seconds
    next_block_at(end)
    court.challenge(claim, bob)
    end = late.opened_at + RULES.claim_window_seconds
    next_block_at(end + 1)
    with reverts("PhaseEnded", end):
        court.suanli.court.challenge(claim_values(late), {"from": bob})


def test_claim_is_challenged_once(dispute, bob):
    claim = dispute.claim
    with reverts("ClaimMismatch", claim.id, dispute.id(), claim.hash()):
        dispute.court.suanli.court.challenge(claim_values(claim), {"from": bob})


def test_another_claim_than_was_opened_is_not_challenged(court, bob):
    claim = court.open()
    changed = replace(claim, amount=claim.amount + 1)
    with reverts("ClaimMismatch", claim.id, claim.hash(), changed.hash()):
        court.suanli.court.challenge(claim_values(changed), {"from": bob})
