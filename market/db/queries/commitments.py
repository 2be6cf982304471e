"""What a buyer's money is already promised to, by the market's books, in atoms."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.lifecycle import ENDED_PAYMENTS, OPEN_JOBS
from market.db.queries import reservations
from market.db.tables.order import JobRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Address, Hash

_UNPAID = (PaymentState.DUE, PaymentState.PROPOSED, PaymentState.SENT)


def committed(session: Session, buyer: Address) -> int:
    """What open jobs and unsettled receipts may still take from the buyer's account.

    What is set aside for a job on chain is not taken from there.
    """
    needs = _needs(session, col(JobRow.buyer) == buyer)
    held = reservations.held(session, needs)
    return sum(max(0, need - held.get(job, 0)) for job, need in needs.items())


def committed_by_signer(session: Session, buyer: Address, signer: Address) -> int:
    """What they may still take, from wherever, of what one delegate may sign for."""
    return sum(_needs(session, sa.and_(col(JobRow.buyer) == buyer, col(JobRow.signer) == signer)).values())


def _needs(session: Session, jobs: sa.ColumnElement[bool]) -> dict[Hash, int]:
    """What each job may still take: an open one its budget less what has ended, a closed one what it owes."""
    open_jobs = sa.and_(jobs, col(JobRow.state).in_(OPEN_JOBS))
    needs = {job.id: job.order.budget for job in session.exec(select(JobRow).where(open_jobs))}
    for job, amount in _sums(session, open_jobs, col(ReceiptRow.payment).in_(ENDED_PAYMENTS)):
        needs[job] -= amount
    closed = sa.and_(jobs, col(JobRow.state).not_in(OPEN_JOBS))
    return needs | dict(_sums(session, closed, col(ReceiptRow.payment).in_(_UNPAID)))


def _sums(
    session: Session, jobs: sa.ColumnElement[bool], receipts: sa.ColumnElement[bool]
) -> Iterator[tuple[Hash, int]]:
    query = (
        select(ReceiptRow.job, sa.func.sum(ReceiptRow.amount))
        .join(JobRow, col(JobRow.id) == col(ReceiptRow.job))
        .where(jobs, receipts)
        .group_by(col(ReceiptRow.job))
    )
    for job, amount in session.exec(query):
        yield job, int(amount)
