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
from suanli.protocol.wire.common import Explanation
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
    _tell(session, row, None, now)


def decide(
    session: Session, row: ReceiptRow, after: PaymentState, now: int, why: Explanation | None = None
) -> None:
    """What the chain has decided about a locked receipt, whatever the market was about to do with it."""
    row.payment = after
    _tell(session, row, why, now)


def _tell(session: Session, row: ReceiptRow, why: Explanation | None, now: int) -> None:
    row.payment_reason, row.payment_detail = (None, None) if why is None else (why.reason, why.detail)
    if row.payment is None or (row.payment in QUIET and why is None):
        return
    job = session.get_one(JobRow, row.job)
    where = {"task": row.task, "lease": row.lease, "node": row.node, "reason": why}
    events.append(session, job, EventKind.PAYMENT, row.payment.value, at=now, **where)  # type: ignore[arg-type]
