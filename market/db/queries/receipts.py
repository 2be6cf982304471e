"""Receipts, as rules and buyers see them."""

from sqlmodel import Session, col, select

from market.db.queries.explained import explained
from market.db.tables.lease import LeaseRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.jobs import ReceiptView


def get(session: Session, receipt: Hash) -> ReceiptRow:
    """One receipt. Raises MarketError(NOT_FOUND)."""
    row = session.get(ReceiptRow, receipt)
    if row is None:
        raise MarketError(Reason.NOT_FOUND, f"there is no receipt {receipt}")
    return row


def of_lease(session: Session, lease: Hash) -> ReceiptRow | None:
    """The receipt of a lease."""
    return session.exec(select(ReceiptRow).where(ReceiptRow.lease == lease)).first()


def page(session: Session, job: Hash, after: int | None, limit: int) -> list[tuple[ReceiptRow, LeaseRow]]:
    """A job's receipts with their leases, in the order of their arrival."""
    query = select(ReceiptRow, LeaseRow).join(LeaseRow, col(LeaseRow.id) == col(ReceiptRow.lease))
    query = query.where(ReceiptRow.job == job).order_by(col(ReceiptRow.number)).limit(limit)
    return list(session.exec(query if after is None else query.where(col(ReceiptRow.number) > after)))


def view(row: ReceiptRow, lease: LeaseRow) -> ReceiptView:
    """A receipt with the lease it answers and its payment."""
    return ReceiptView(
        receipt=Signed(message=row.message, signature=row.signature),
        id=row.id,
        lease=Signed(message=lease.message, signature=lease.signature),
        node=row.node,
        task=row.task,
        payment=row.payment,
        payment_reason=explained(row.payment_reason, row.payment_detail),
        epoch=row.epoch,
        transaction=row.transaction,
    )
