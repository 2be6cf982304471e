"""Jobs: their rows under lock, their money, and what buyers see of them."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.lifecycle import OPEN_JOBS, OPEN_TASKS
from market.db.queries.explained import explained
from market.db.tables.order import JobRow, TaskRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import PaymentState, TaskState
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.jobs import JobView


def lock(session: Session, jobs: Iterable[str]) -> list[JobRow]:
    """The jobs' rows, locked in the one order that cannot deadlock. Everything of a job changes under it."""
    query = select(JobRow).where(col(JobRow.id).in_(set(jobs))).order_by(col(JobRow.id))
    return list(session.exec(query.with_for_update().execution_options(populate_existing=True)))


def lock_one(session: Session, job: Hash) -> JobRow:
    """One job's locked row. Raises MarketError(NOT_FOUND)."""
    rows = lock(session, [job])
    if not rows:
        raise _missing(job)
    return rows[0]


def get(session: Session, job: Hash) -> JobRow:
    """One job's row. Raises MarketError(NOT_FOUND)."""
    row = session.get(JobRow, job)
    if row is None:
        raise _missing(job)
    return row


def has_open_tasks(session: Session, job: Hash) -> bool:
    """Whether any task of the job is not final."""
    query = select(TaskRow.index).where(TaskRow.job == job, col(TaskRow.state).in_(OPEN_TASKS)).limit(1)
    return session.exec(query).first() is not None


def of_buyer(session: Session, address: Address, after: int | None, limit: int) -> list[JobRow]:
    """The jobs that an address ordered or signed, newest first."""
    mine = sa.or_(col(JobRow.buyer) == address, col(JobRow.signer) == address)
    query = select(JobRow).where(mine).order_by(col(JobRow.number).desc()).limit(limit)
    return list(session.exec(query if after is None else query.where(col(JobRow.number) < after)))


def count_open(session: Session, buyer: Address) -> int:
    """How many jobs of a buyer may still get leases."""
    query = select(sa.func.count()).where(JobRow.buyer == buyer, col(JobRow.state).in_(OPEN_JOBS))
    return int(session.exec(query).one())


def past_deadline(session: Session, now: int, limit: int) -> list[str]:
    """Open jobs whose deadline has passed."""
    query = select(JobRow.id).where(col(JobRow.state).in_(OPEN_JOBS), JobRow.deadline <= now)
    return list(session.exec(query.order_by(col(JobRow.deadline)).limit(limit)))


def view(session: Session, job: JobRow) -> JobView:
    """The job as its buyer sees it."""
    spent, settled = _money(session, job.id)
    return JobView(
        id=job.id,
        name=job.name,
        state=job.state,
        reason=explained(job.reason, job.detail),
        order=Signed(message=job.order, signature=job.signature),
        promise=Signed(message=job.promise, signature=job.promise_signature),
        created_at=job.created_at,
        tasks_by_state=_tasks_by_state(session, job.id),
        spent=spent,
        settled=settled,
    )


def _tasks_by_state(session: Session, job: Hash) -> dict[TaskState, int]:
    query = select(col(TaskRow.state), sa.func.count()).where(TaskRow.job == job).group_by(col(TaskRow.state))
    return dict(session.exec(query).all())


def _money(session: Session, job: Hash) -> tuple[int, int]:
    """Atoms charged by accepted receipts, and atoms of them that the chain has paid."""
    paid = sa.func.sum(ReceiptRow.amount).filter(col(ReceiptRow.payment) == PaymentState.SETTLED)
    query = select(sa.func.sum(ReceiptRow.amount), paid).where(
        ReceiptRow.job == job, col(ReceiptRow.payment).is_not(None)
    )
    spent, settled = session.exec(query).one()
    return int(spent or 0), int(settled or 0)


def _missing(job: Hash) -> MarketError:
    return MarketError(Reason.NOT_FOUND, f"there is no job {job}")
