"""ClaimCourt.closeClaim: an unchallenged claim is paid, once, by whoever calls."""

from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.court.conftest import RULES, claim_values
from tests.contracts.reverts import reverts

NO_RECORD = "0x" + "00" * 32


def close(court, claim):
    return court.suanli.court.closeClaim(claim_values(claim), {"from": court.suanli.relayer})


def test_anyone_closes_after_the_window_and_the_owner_is_paid(court, carol, carols_node):
    claim = court.open()
    next_block_at(claim.opened_at + RULES.claim_window_seconds + 1)
    receipt = close(court, claim)
    assert dict(receipt.events["ClaimClosed"]) == {
        "id": claim.id, "node": carols_node, "payee": carol, "amount": claim.amount,
    }  # fmt: skip
    assert court.suanli.balance(carol) == FUNDS - STAKE + claim.amount
    assert court.suanli.stake(carols_node) == (STAKE, 0, STAKE)


def test_claim_is_not_closed_in_the_windows_last_second(court):
    claim = court.open()
    end = claim.opened_at + RULES.claim_window_seconds
    next_block_at(end)
    with reverts("PhaseNotBegun", end):
        close(court, claim)


def test_claim_is_closed_once(court):
    claim = court.open()
    next_block_at(claim.opened_at + RULES.claim_window_seconds + 1)
    close(court, claim)
    with reverts("ClaimMismatch", claim.id, NO_RECORD, claim.hash()):
        close(court, claim)


def test_challenged_claim_is_not_closed(dispute):
    claim = dispute.claim
    next_block_at(claim.opened_at + RULES.claim_window_seconds + 1)
    with reverts("ClaimMismatch", claim.id, dispute.id(), claim.hash()):
        close(dispute.court, claim)
