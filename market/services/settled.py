"""What the chain has decided about payments, written into the books. Only the indexer calls this."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from market.core.settlement import ProposalState
from market.db.queries import payments, settlement
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import BatchReceiptRow, BatchRow, StatementRow
from market.services.close import close_paid
from market.services.settle import close, receipts_of, release
from suanli.protocol.messages import Statement
from suanli.protocol.netting import NettingTask, read_packed
from suanli.protocol.reasons import Reason
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Hash


@dataclass(frozen=True, slots=True)
class Landed:
    """Where a settlement stands on chain."""

    transaction: Hash
    block: int


def batch_settled(
    session: Session, id_: Hash, epoch: int, packed: bytes | None, landed: Landed, now: int
) -> None:
    """A batch has landed; one that the market never made is remembered all the same.

    `packed` is None when the transaction's calldata could not be read.
    """
    row = session.get(BatchRow, id_, with_for_update=True)
    if row is None:
        row = BatchRow(id=id_, epoch=epoch, packed=packed or b"", created_at=now)
        session.add(row)
    row.state, row.transaction, row.block = ProposalState.SETTLED, landed.transaction, landed.block
    row.reason = row.detail = None
    paid = _paid_by(session, read_packed(row.packed).tasks if row.packed else ())
    _settle(session, paid, row.id, epoch, landed, now)
    _close_overlapping(session, row, [receipt.id for receipt in paid], now)


def statement_settled(session: Session, statement: Statement, landed: Landed, now: int) -> None:
    """A statement has landed; one that the market never made is remembered without its receipts."""
    row = session.get(StatementRow, statement.id(), with_for_update=True)
    if row is None:
        row = StatementRow(
            id=statement.id(),
            buyer=statement.buyer,
            node=statement.node,
            message=statement,
            created_at=now,
        )
        session.add(row)
        listed: list[ReceiptRow] = []
    else:
        listed = payments.locked(session, settlement.statement_receipts(session, row))
    row.state, row.transaction, row.block = ProposalState.SETTLED, landed.transaction, landed.block
    row.reason = row.detail = None
    pair = (statement.buyer, statement.node)
    paid = [one for one in listed if (one.buyer, one.node) == pair and one.payment is not None]
    _settle(session, paid, row.id, None, landed, now)


def undo(session: Session, above: int, now: int) -> None:
    """The blocks above a number are no more: what they settled is on its way again, or due."""
    batches = session.exec(select(BatchRow).where(col(BatchRow.block) > above).with_for_update()).all()
    statements = session.exec(select(StatementRow).where(col(StatementRow.block) > above).with_for_update())
    landed: list[BatchRow | StatementRow] = [*batches, *statements.all()]
    for row in landed:
        paid = session.exec(select(ReceiptRow.id).where(ReceiptRow.transaction == row.transaction)).all()
        is_ours = row.intent is not None
        row.state = ProposalState.SENT if is_ours else ProposalState.FAILED
        row.transaction = row.block = None
        _unsettle(session, paid, PaymentState.SENT if is_ours else PaymentState.DUE, now)


def _paid_by(session: Session, tasks: Collection[NettingTask]) -> list[ReceiptRow]:
    """The accepted receipts that the tasks truly pay, locked.

    The contract does not look at receipts: whoever signs a batch may name anybody's, with any amount.
    """
    named = {(task.receipt, task.buyer, task.node, task.amount) for task in tasks}
    rows = payments.locked(session, {task.receipt for task in tasks})
    return [
        row for row in rows if row.payment is not None and (row.id, row.buyer, row.node, row.amount) in named
    ]


def _settle(
    session: Session,
    rows: Sequence[ReceiptRow],
    proposal: Hash,
    epoch: int | None,
    landed: Landed,
    now: int,
) -> None:
    for row in rows:
        if row.payment is PaymentState.SETTLED:
            continue
        payments.decide(session, row, PaymentState.SETTLED, now)
        row.proposal, row.epoch, row.transaction = proposal, epoch, landed.transaction
    session.flush()
    close_paid(session, {row.job for row in rows}, now)


def _unsettle(session: Session, receipts: Sequence[Hash], payment: PaymentState, now: int) -> None:
    for row in payments.locked(session, receipts):
        payments.decide(session, row, payment, now)
        row.transaction = None


def _close_overlapping(session: Session, landed: BatchRow, receipts: Collection[Hash], now: int) -> None:
    """Open batches with a receipt that is now paid cannot land any more."""
    overlapping = (
        select(BatchRow.id)
        .join(BatchReceiptRow, col(BatchReceiptRow.batch) == col(BatchRow.id))
        .where(
            BatchRow.state == ProposalState.OPEN,
            BatchRow.id != landed.id,
            col(BatchReceiptRow.receipt).in_(receipts),
        )
    )
    query = select(BatchRow).where(col(BatchRow.id).in_(overlapping)).order_by(col(BatchRow.id))
    for row in session.exec(query.with_for_update()).all():
        close(session, row, ProposalState.FAILED, Reason.EPOCH_STALE, f"the variant {landed.id} has landed")
        release(session, row, receipts_of(session, row), now)
