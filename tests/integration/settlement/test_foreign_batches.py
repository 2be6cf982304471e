"""Batches that the market never proposed: they pay what they say, and touch nobody else's receipts."""

import pytest

from market.core.settlement import ProposalState
from market.db.session import transaction
from market.db.tables.run import ReceiptRow
from suanli.protocol.netting import Batch, NettingTask, message, pack
from suanli.protocol.signatures import sign
from suanli.protocol.states import PaymentState
from tests.integration.settlement.conftest import ALICE, BOB, NODE, OTHER, PURSE
from tests.integration.settlement.market import Market


def land(market: Market, *tasks: NettingTask) -> None:
    """Bob and the other node sign a batch of their own and send it past the market."""
    batch = Batch(1, tasks)
    signatures = b"".join(
        bytes.fromhex(sign(party, market.world.runtime.domain, message(batch))[2:]) for party in (BOB, OTHER)
    )
    market.world.send(BOB, "Settlement", "settleBatch", pack(batch), signatures)
    market.world.index()


def theirs(receipt: str, amount: int) -> NettingTask:
    """A line of Bob's batch that names some receipt."""
    return NettingTask(BOB.address, OTHER.address, amount, receipt)


@pytest.mark.parametrize("amount", [0, 1000])
def test_strangers_cannot_settle_others_receipts_nor_end_their_batches(market: Market, amount: int) -> None:
    receipt = market.desk.due(ALICE, NODE, 1000)
    market.propose()
    land(market, theirs(receipt, amount))
    assert market.desk.payment(receipt) is PaymentState.PROPOSED
    (honest,) = [row for row in market.batches() if row.packed and receipt[2:] in row.packed.hex()][:1]
    assert honest.state is ProposalState.OPEN
    market.sign(ALICE, NODE)
    market.world.sync()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    assert market.balance(ALICE.address) == PURSE - 1000


@pytest.mark.parametrize(("amount", "payment"), [(999, PaymentState.DUE), (1000, PaymentState.SETTLED)])
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
