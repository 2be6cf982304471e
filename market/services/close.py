"""Order, at its end: a job is cancelled, expires, or has paid for everything."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.lifecycle import CLOSED_JOBS, ENDED_PAYMENTS, move
from market.db.queries import events, jobs
from market.db.tables.order import JobRow
from market.db.tables.run import ReceiptRow
from market.services import verify
from market.services.wakes import CLEARING
from suanli.protocol.reasons import Reason
from suanli.protocol.states import JOB, JobState, TaskState
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Explanation


def cancel(session: Session, job_id: Hash, now: int) -> JobRow:
    """Ends a job early: open tasks are cancelled, receipted work is paid. Repeats change nothing.

    Raises MarketError(NOT_FOUND), or STATE_CONFLICT when the job has ended otherwise.
    """
    job = jobs.lock_one(session, job_id)
    if job.state is not JobState.CANCELLED:
        why = Explanation(reason=Reason.JOB_CANCELLED, detail="the buyer cancelled the job")
        _end(session, job, JobState.CANCELLED, TaskState.CANCELLED, why, now)
    return job


def expire(session: Session, job: JobRow, now: int) -> None:
    """Ends a locked job whose deadline has passed: open tasks fail, receipted work is paid."""
    detail = f"the order's deadline {job.deadline} has passed"
    why = Explanation(reason=Reason.DEADLINE_PASSED, detail=detail)
    _end(session, job, JobState.EXPIRED, TaskState.FAILED, why, now)


def close_paid(session: Session, job_ids: Iterable[str], now: int) -> None:
    """Moves ended jobs to SETTLED once nothing is owed for any receipt that was accepted."""
    for job in jobs.lock(session, job_ids):
        if job.state in CLOSED_JOBS and _is_paid(session, job.id):
            job.state = move(JOB, job.state, JobState.SETTLED)
            events.job_changed(session, job, now)


def _end(
    session: Session, job: JobRow, state: JobState, task_state: TaskState, why: Explanation, now: int
) -> None:
    job.state = move(JOB, job.state, state)
    job.reason, job.detail = why.reason, why.detail
    verify.close_tasks(session, job, task_state, why, now)
    events.job_changed(session, job, now, why)
    events.wake(session, CLEARING)


def _is_paid(session: Session, job: Hash) -> bool:
    ended = sa.func.count().filter(col(ReceiptRow.payment).in_(ENDED_PAYMENTS))
    query = select(sa.func.count(), ended).where(ReceiptRow.job == job, col(ReceiptRow.payment).is_not(None))
    accepted, paid = session.exec(query).one()
    return 0 < accepted == paid
