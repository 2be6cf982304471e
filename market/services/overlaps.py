"""Ends the proposals that cannot land any more, because the chain has taken a serial in them."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from market.core.settlement import ProposalState
from market.db.tables.settle import BatchReceiptRow, BatchRow, StatementReceiptRow, StatementRow
from market.services import statements
from market.services.settle import close, receipts_of, release
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Explanation


def close_overlapping(
    session: Session, receipts: Collection[Hash], why: str, landed: Hash | None, now: int
) -> None:
    """Ends open proposals, other than the one that landed, that list one of the receipts."""
    told = Explanation(reason=Reason.EPOCH_STALE, detail=why)
    for batch in _batches(session, receipts, landed):
        close(session, batch, ProposalState.FAILED, told.reason, told.detail)
        release(session, batch, receipts_of(session, batch), now)
    for statement in _statements(session, receipts, landed):
        statements.end(session, statement, ProposalState.REPLACED, told, now)


def _batches(session: Session, receipts: Collection[Hash], landed: Hash | None) -> Collection[BatchRow]:
    listing = select(BatchReceiptRow.batch).where(col(BatchReceiptRow.receipt).in_(receipts))
    query = select(BatchRow).where(
        BatchRow.state == ProposalState.OPEN, BatchRow.id != landed, col(BatchRow.id).in_(listing)
    )
    return session.exec(query.order_by(col(BatchRow.id)).with_for_update()).all()


def _statements(
    session: Session, receipts: Collection[Hash], landed: Hash | None
) -> Collection[StatementRow]:
    listing = select(StatementReceiptRow.statement).where(col(StatementReceiptRow.receipt).in_(receipts))
    query = select(StatementRow).where(
        StatementRow.state == ProposalState.OPEN, StatementRow.id != landed, col(StatementRow.id).in_(listing)
    )
    return session.exec(query.order_by(col(StatementRow.id)).with_for_update()).all()
