"""Batches that the market never proposed: they pay what they say, and touch nobody else's receipts."""

import pytest

from market.core.settlement import ProposalState
from market.db.queries import evidence
from market.db.session import transaction
from market.db.tables.run import ReceiptRow
from suanli.protocol import root_netting
from suanli.protocol.netting import Batch, NettingTask, message, pack
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.states import JobState, PaymentState
from tests.integration.settlement.conftest import ALICE, BOB, NODE, OTHER, OTHER_OWNER, PURSE
from tests.integration.settlement.market import Market


def land(market: Market, *tasks: NettingTask) -> None:
    """Bob and the other node sign a batch of their own and send it past the market."""
    batch = Batch(1, tasks, {OTHER.address: OTHER_OWNER.address})
    signatures = b"".join(
        bytes.fromhex(sign(party, market.world.runtime.domain, message(batch))[2:]) for party in (BOB, OTHER)
    )
    market.world.send(BOB, "Settlement", "settleBatch", pack(batch), signatures)
    market.world.index()


def theirs(receipt: str, amount: int, serial: int = 0) -> NettingTask:
    """A line of Bob's batch that names some receipt."""
    return NettingTask(BOB.address, OTHER.address, amount, receipt, serial)


@pytest.mark.parametrize("amount", [0, 1000])
def test_strangers_cannot_settle_others_receipts_nor_end_their_batches(market: Market, amount: int) -> None:
    receipt = market.desk.due(ALICE, NODE, 1000)
    market.propose()
    land(market, theirs(receipt, amount))
    assert market.desk.payment(receipt) is PaymentState.PROPOSED
    (honest,) = [row for row in market.batches() if row.id == market.desk.row(receipt).proposal]
    assert honest.state is ProposalState.OPEN
    market.sign(ALICE, NODE)
    market.world.sync()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert market.balance(ALICE.address) == PURSE - 1000


@pytest.mark.parametrize(
    ("amount", "payment"), [(999, PaymentState.PAID_ELSEWHERE), (1000, PaymentState.SETTLED)]
)
def test_a_batch_past_the_market_settles_its_own_receipts_at_their_full_amount_only(
    market: Market, amount: int, payment: PaymentState
) -> None:
    receipt = market.desk.due(BOB, OTHER, 1000)
    land(market, theirs(receipt, amount))
    assert market.desk.payment(receipt) is payment


def test_a_receipt_that_was_never_accepted_is_not_marked_paid(market: Market) -> None:
    receipt = market.desk.due(BOB, OTHER, 1000)
    with transaction(market.world.runtime.engine) as session:
        session.get_one(ReceiptRow, receipt).payment = None
    land(market, theirs(receipt, 1000))
    assert market.desk.payment(receipt) is None


def test_a_serial_that_its_node_gave_away_ends_the_receipt_with_the_reason_and_hinders_no_other(
    market: Market,
) -> None:
    """The other node signs the serial of its lease from Alice away to Bob, while a batch with it is open."""
    spent, sound = market.desk.due(ALICE, OTHER, 1000), market.desk.due(ALICE, NODE, 500)
    market.propose()
    land(market, theirs("0x" + "ee" * 32, 0))
    row = market.desk.row(spent)
    assert (row.payment, row.payment_reason) == (PaymentState.PAID_ELSEWHERE, Reason.SERIAL_TAKEN)
    assert f"serial 0 of {OTHER.address}" in str(row.payment_detail)
    assert market.desk.job_state(spent) is JobState.SETTLED
    assert market.desk.payment(sound) is PaymentState.DUE
    market.wait(60)
    market.propose()
    market.sign(ALICE, NODE)
    market.world.sync()
    assert market.desk.payment(sound) is PaymentState.SETTLED
    assert market.balance(ALICE.address) == PURSE - 500


def test_a_batch_that_was_sent_before_its_serial_was_given_away_fails_and_leaves_the_rest_due(
    market: Market,
) -> None:
    spent, sound = market.desk.due(ALICE, OTHER, 1000), market.desk.due(ALICE, NODE, 500)
    market.propose()
    market.sign(ALICE, NODE, OTHER)
    assert market.desk.payment(spent) is PaymentState.SENT
    land(market, theirs("0x" + "ee" * 32, 0))
    assert market.desk.payment(spent) is PaymentState.PAID_ELSEWHERE
    market.world.sync()
    market.wait(60)
    assert market.desk.payment(spent) is PaymentState.PAID_ELSEWHERE
    assert market.desk.payment(sound) is PaymentState.DUE


def test_a_serial_that_a_reorganisation_gives_back_makes_its_receipt_due_again(market: Market) -> None:
    receipt = market.desk.due(ALICE, OTHER, 1000)
    land(market, theirs("0x" + "ee" * 32, 0))
    assert market.desk.payment(receipt) is PaymentState.PAID_ELSEWHERE
    market.world.deployed.anvil.rpc("anvil_reorg", 1, [])
    market.world.index()
    row = market.desk.row(receipt)
    assert (row.payment, row.payment_reason) == (PaymentState.DUE, None)


def test_a_batch_by_root_settles_the_receipts_that_make_up_its_root(market: Market) -> None:
    receipts = [market.desk.due(BOB, OTHER, amount) for amount in (100, 200)]
    unpaid = market.desk.due(BOB, OTHER, 300)
    tasks = tuple(
        theirs(receipt, amount, serial)
        for serial, (receipt, amount) in enumerate(zip(receipts, (100, 200), strict=True))
    )
    form = root_netting.root_form(Batch(1, tasks, {OTHER.address: OTHER_OWNER.address}))
    signed = root_netting.message(form)
    signatures = b"".join(
        bytes.fromhex(sign(party, market.world.runtime.domain, signed)[2:]) for party in (BOB, OTHER)
    )
    market.world.send(BOB, "Settlement", "settleRoot", root_netting.pack(form), signatures)
    market.world.index()
    assert {market.desk.payment(one) for one in receipts} == {PaymentState.SETTLED}
    assert market.desk.payment(unpaid) is PaymentState.DUE
    with transaction(market.world.runtime.engine) as session:
        listed = [receipt for _, receipt in evidence.under_root(session, form.root, None, 10)]
    assert listed == receipts
    assert market.world.account(OTHER_OWNER.address).balance == market.balance(OTHER_OWNER.address)
