"""What a buyer's money is already promised to, by the market's books, in atoms."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.lifecycle import ENDED_PAYMENTS, OPEN_JOBS
from market.db.tables.order import JobRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Address


def committed(session: Session, buyer: Address) -> int:
    """What open jobs and unsettled receipts may still take from the buyer's account."""
    return _committed(session, col(JobRow.buyer) == buyer)


def committed_by_signer(session: Session, buyer: Address, signer: Address) -> int:
    """The part of it that one delegate has signed for."""
    return _committed(session, sa.and_(col(JobRow.buyer) == buyer, col(JobRow.signer) == signer))


def _committed(session: Session, jobs: sa.ColumnElement[bool]) -> int:
    open_jobs = sa.and_(jobs, col(JobRow.state).in_(OPEN_JOBS))
    orders = session.exec(select(col(JobRow.order)).where(open_jobs)).all()
    ended = _sum(session, open_jobs, col(ReceiptRow.payment).in_(ENDED_PAYMENTS))
    closed = sa.and_(jobs, col(JobRow.state).not_in(OPEN_JOBS))
    unpaid = (PaymentState.DUE, PaymentState.PROPOSED, PaymentState.SENT)
    owed = _sum(session, closed, col(ReceiptRow.payment).in_(unpaid))
    return sum(order.budget for order in orders) - ended + owed


def _sum(session: Session, jobs: sa.ColumnElement[bool], receipts: sa.ColumnElement[bool]) -> int:
    query = (
        select(sa.func.sum(ReceiptRow.amount))
        .select_from(ReceiptRow)
        .join(JobRow, col(JobRow.id) == col(ReceiptRow.job))
    )
    return int(session.exec(query.where(jobs, receipts)).one() or 0)
