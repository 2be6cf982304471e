"""Receipts of many parties paid by one batch; who is silent, refuses or has no money delays nobody."""

import pytest

from market.core.settlement import ProposalState
from market.db.queries import settlement
from market.db.session import transaction
from market.services import cosign
from market.services.settle import netting_of
from market.services.step import step
from suanli.protocol.errors import MarketError
from suanli.protocol.netting import unpack
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.states import JobState, PaymentState
from suanli.protocol.wire.common import Explanation
from tests.integration.conftest import FEE_RECIPIENT
from tests.integration.settlement.conftest import ALICE, BOB, NODE, OTHER, OTHER_OWNER, OWNER, PURSE
from tests.integration.settlement.market import Market

DUE, PROPOSED, SENT, SETTLED = (
    PaymentState.DUE,
    PaymentState.PROPOSED,
    PaymentState.SENT,
    PaymentState.SETTLED,
)


def test_receipts_of_two_buyers_and_two_nodes_are_paid_by_one_transaction(market: Market) -> None:
    receipts = [
        market.desk.due(ALICE, NODE, 1000),
        market.desk.due(ALICE, OTHER, 2000),
        market.desk.due(BOB, NODE, 4000),
    ]
    market.propose()
    assert {market.desk.payment(one) for one in receipts} == {PROPOSED}
    market.sign(ALICE, BOB, NODE)
    assert {market.desk.payment(one) for one in receipts} == {PROPOSED}
    market.sign(OTHER)
    assert {market.desk.payment(one) for one in receipts} == {SENT}
    market.world.sync()
    assert {market.desk.payment(one) for one in receipts} == {SETTLED}
    assert {market.desk.job_state(one) for one in receipts} == {JobState.SETTLED}
    assert len({market.desk.row(one).transaction for one in receipts}) == 1
    assert market.balance(ALICE.address) == PURSE - 3000
    assert market.balance(BOB.address) == PURSE - 4000
    assert market.balance(OWNER.address) == 5000 * 95 // 100
    assert market.balance(OTHER_OWNER.address) == 2000 * 95 // 100
    assert market.balance(FEE_RECIPIENT) == 7000 * 5 // 100
    for address in (ALICE.address, BOB.address, OWNER.address, OTHER_OWNER.address, FEE_RECIPIENT):
        assert market.world.account(address).balance == market.balance(address)


def test_the_operator_signs_for_a_buyer_who_delegated_to_it_within_the_cap(market: Market) -> None:
    market.world.delegate(ALICE, market.world.runtime.operator.address, 3000)
    market.world.sync()
    small, large = market.desk.due(ALICE, NODE, 2000), market.desk.due(ALICE, NODE, 1500)
    market.propose()
    market.sign(NODE)
    market.world.sync()
    assert (market.desk.payment(small), market.desk.payment(large)) == (SETTLED, DUE)
    market.propose()  # 1000 are left of the cap: the buyer is asked herself
    market.sign(NODE)
    assert market.desk.payment(large) is PROPOSED
    market.sign(ALICE)
    market.world.sync()
    assert market.desk.payment(large) is SETTLED
    assert market.balance(ALICE.address) == PURSE - 3500


def test_a_delegate_signs_within_its_cap_and_no_further(market: Market) -> None:
    market.world.delegate(ALICE, BOB.address, 1999)
    market.world.sync()
    receipt = market.desk.due(ALICE, NODE, 2000)
    market.propose()
    with pytest.raises(MarketError) as refused:
        market.sign(ALICE, by=BOB)
    assert refused.value.reason is Reason.DELEGATION_EXCEEDED
    market.world.delegate(ALICE, BOB.address, 2000, nonce=2)
    market.world.sync()
    market.sign(ALICE, by=BOB)
    market.sign(NODE)
    market.world.sync()
    assert market.desk.payment(receipt) is SETTLED


def test_a_strangers_signature_is_refused_and_changes_nothing(market: Market) -> None:
    receipt = market.desk.due(ALICE, NODE, 10)
    market.propose()
    with pytest.raises(MarketError) as refused:
        market.sign(ALICE, by=BOB)
    assert refused.value.reason is Reason.SIGNER_MISMATCH
    market.sign(NODE)
    assert market.desk.payment(receipt) is PROPOSED


def test_a_silent_buyer_is_dropped_and_the_others_are_paid_under_the_same_epoch(market: Market) -> None:
    paid, unpaid = market.desk.due(ALICE, NODE, 10), market.desk.due(BOB, NODE, 20)
    market.propose()
    market.sign(ALICE, NODE)
    market.wait(6)
    market.sign(ALICE, NODE)
    market.world.sync()
    assert (market.desk.payment(paid), market.desk.payment(unpaid)) == (SETTLED, DUE)
    first, second = market.batches()
    assert first.epoch == second.epoch
    assert (first.state, first.reason) == (ProposalState.REPLACED, Reason.PARTY_SILENT)
    assert market.balance(BOB.address) == PURSE


def test_a_refusing_node_is_left_out_at_once_with_its_reason(market: Market) -> None:
    paid, refused = market.desk.due(ALICE, NODE, 10), market.desk.due(ALICE, OTHER, 20)
    market.propose()
    (batch,) = market.open_batches(OTHER)
    why = Explanation(reason=Reason.CHARGE_WRONG, detail="my journal says 21")
    with step(market.world.runtime) as session:
        cosign.refuse_batch(session, market.world.runtime, batch.id, OTHER.address, why, market.world.now)
    market.sign(ALICE, NODE)
    market.world.sync()
    assert (market.desk.payment(paid), market.desk.payment(refused)) == (SETTLED, DUE)
    with transaction(market.world.runtime.engine) as session:
        (place,) = [one for one in settlement.batch_parties(session, batch.id) if one.party == OTHER.address]
    assert (place.reason, place.detail) == (Reason.CHARGE_WRONG, "my journal says 21")


def test_a_buyer_who_withdrew_fails_the_batch_and_is_left_out_of_the_next(
    market: Market,
) -> None:
    paid, unpaid = market.desk.due(ALICE, NODE, 10), market.desk.due(BOB, NODE, 20)
    market.propose()
    market.sign(ALICE, BOB, NODE)
    market.world.send(BOB, "Ledger", "thaw", PURSE)
    market.world.deployed.anvil.rpc("evm_increaseTime", 3601)
    market.world.deployed.anvil.mine()
    market.world.send(BOB, "Ledger", "withdraw", BOB.address)
    market.world.sync()
    market.wait(1)
    (failed,) = market.batches()
    assert (failed.state, failed.reason) == (ProposalState.FAILED, Reason.CONTRACT_REVERTED)
    assert failed.detail == f"BalanceTooSmall(account={BOB.address}, balance=0, needed=20)"
    market.wait(60)
    market.propose()
    market.sign(ALICE, NODE)
    market.world.sync()
    assert (market.desk.payment(paid), market.desk.payment(unpaid)) == (SETTLED, DUE)


def test_when_a_party_was_silent_the_receipt_is_proposed_again_later_under_a_fresh_epoch(
    market: Market,
) -> None:
    receipt = market.desk.due(ALICE, NODE, 10)
    market.propose()
    market.sign(NODE)
    market.wait(6)
    assert market.desk.payment(receipt) is DUE
    market.propose()
    assert market.desk.payment(receipt) is DUE  # a pause, so that it does not hold up others
    market.wait(30)
    market.propose()
    first, second = market.batches()
    assert (first.state, second.state) == (ProposalState.FAILED, ProposalState.OPEN)
    assert second.epoch > first.epoch
    market.sign(ALICE, NODE)
    market.world.sync()
    assert market.desk.payment(receipt) is SETTLED


def test_a_buyer_takes_part_in_one_batch_at_a_time(market: Market) -> None:
    first = market.desk.due(ALICE, NODE, 10)
    market.propose()
    second = market.desk.due(ALICE, NODE, 20)
    market.propose()
    assert (market.desk.payment(first), market.desk.payment(second)) == (PROPOSED, DUE)
    market.sign(ALICE, NODE)
    market.world.sync()
    market.propose()
    market.sign(ALICE, NODE)
    market.world.sync()
    assert (market.desk.payment(first), market.desk.payment(second)) == (SETTLED, SETTLED)
    assert market.balance(ALICE.address) == PURSE - 30


@pytest.mark.parametrize("replacement_is_signed", [True, False])
def test_an_older_variant_that_lands_by_other_hands_is_paid_once(
    market: Market, replacement_is_signed: bool
) -> None:
    """Somebody kept all signatures of the first variant and lands it after the market has replaced it."""
    receipts = [
        market.desk.due(ALICE, NODE, 10),
        market.desk.due(ALICE, OTHER, 20),
        market.desk.due(BOB, NODE, 40),
    ]
    market.propose()
    (first,) = market.batches()
    keys = {party.address: party for party in (ALICE, BOB, NODE, OTHER)}
    domain = market.world.runtime.domain
    signed = [sign(keys[party], domain, netting_of(first)) for party in unpack(first.packed).parties()]
    market.sign(ALICE, BOB, NODE)
    market.wait(6)
    market.sign(BOB, NODE, *([ALICE] if replacement_is_signed else []))
    signatures = b"".join(bytes.fromhex(text[2:]) for text in signed)
    market.world.send(OWNER, "Settlement", "settleBatch", first.packed, signatures)
    market.world.sync()
    for _ in range(3):
        market.wait(60)
        market.propose()
    assert {market.desk.payment(one) for one in receipts} == {SETTLED}
    assert [row.state for row in market.batches()] == [ProposalState.SETTLED, ProposalState.FAILED]
    assert (market.balance(ALICE.address), market.balance(BOB.address)) == (PURSE - 30, PURSE - 40)
