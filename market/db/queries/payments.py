"""The payments of receipts: moved here and nowhere else, under their jobs' locks, with the buyer's event.

A payment becomes DUE where its receipt is accepted; everything later passes through here.
"""

from collections.abc import Collection

from sqlmodel import Session, col, select

from market.core.lifecycle import move as checked_move
from market.db.queries import events, jobs
from market.db.tables.order import JobRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.states import PAYMENT, PaymentState
from suanli.protocol.values import Hash
from suanli.protocol.wire.jobs import EventKind

QUIET = (PaymentState.DUE, PaymentState.PROPOSED)
"""States that come and go while parties sign; a buyer's history does not list them again and again."""


def locked(session: Session, receipts: Collection[Hash]) -> list[ReceiptRow]:
    """The receipts' rows under lock, their jobs' first; unknown ones are left out."""
    found = session.exec(select(ReceiptRow.job).where(col(ReceiptRow.id).in_(receipts)).distinct())
    jobs.lock(session, found)
    query = select(ReceiptRow).where(col(ReceiptRow.id).in_(receipts)).order_by(col(ReceiptRow.number))
    return list(session.exec(query.with_for_update().execution_options(populate_existing=True)))


def move(session: Session, row: ReceiptRow, after: PaymentState, now: int) -> None:
    """One step of a locked receipt's payment. Raises MarketError(STATE_CONFLICT)."""
    before = row.payment
    row.payment = after if before is None else checked_move(PAYMENT, before, after)
    _tell(session, row, now)


def decide(session: Session, row: ReceiptRow, after: PaymentState, now: int) -> None:
    """What the chain has decided about a locked receipt, whatever the market was about to do with it."""
    row.payment = after
    _tell(session, row, now)


def _tell(session: Session, row: ReceiptRow, now: int) -> None:
    if row.payment is None or row.payment in QUIET:
        return
    job = session.get_one(JobRow, row.job)
    where = {"task": row.task, "lease": row.lease, "node": row.node}
    events.append(session, job, EventKind.PAYMENT, row.payment.value, at=now, **where)  # type: ignore[arg-type]
