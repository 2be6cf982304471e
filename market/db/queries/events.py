"""The numbered history of a job, which its buyer watches."""

from sqlmodel import Session, col, select

from market.db.queries.explained import explained
from market.db.tables.lease import LeaseRow
from market.db.tables.order import EventRow, JobRow, TaskRow
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.jobs import Event, EventKind

TOPICS = "topics"
"""Where a session gathers what it will wake once it has committed (`services.step`)."""


def job_topic(job: str) -> str:
    """What a watcher of the job waits for."""
    return f"job:{job}"


def append(
    session: Session,
    job: JobRow,
    kind: EventKind,
    state: str,
    *,
    at: int,
    task: int | None = None,
    lease: str | None = None,
    node: str | None = None,
    reason: Explanation | None = None,
) -> None:
    """Adds an event to a job whose row the session has locked (`jobs.lock`)."""
    job.events += 1
    row = EventRow(job=job.id, number=job.events, at=at, kind=kind, state=state, task=task, lease=lease)
    row.node = node
    if reason is not None:
        row.reason, row.detail = reason.reason, reason.detail
    session.add(row)
    wake(session, job_topic(job.id))


def wake(session: Session, topic: str) -> None:
    """Notes that waiters for `topic` are to be woken after the commit."""
    session.info.setdefault(TOPICS, set()).add(topic)


def job_changed(session: Session, job: JobRow, at: int, reason: Explanation | None = None) -> None:
    """Adds the event of a job's new state."""
    append(session, job, EventKind.JOB, job.state.value, at=at, reason=reason)


def task_changed(session: Session, job: JobRow, task: TaskRow, at: int) -> None:
    """Adds the event of a task's new state."""
    reason = explained(task.reason, task.detail)
    append(session, job, EventKind.TASK, task.state.value, at=at, task=task.index, reason=reason)


def lease_changed(session: Session, job: JobRow, lease: LeaseRow, at: int) -> None:
    """Adds the event of a lease's new state."""
    reason = explained(lease.reason, lease.detail)
    append(
        session,
        job,
        EventKind.LEASE,
        lease.state.value,
        at=at,
        task=lease.task,
        lease=lease.id,
        node=lease.node,
        reason=reason,
    )


def after(session: Session, job: Hash, number: int, limit: int) -> list[Event]:
    """A job's events with numbers above `number`, in their order."""
    query = select(EventRow).where(EventRow.job == job, EventRow.number > number)
    return [_event(row) for row in session.exec(query.order_by(col(EventRow.number)).limit(limit))]


def _event(row: EventRow) -> Event:
    return Event(
        number=row.number,
        at=row.at,
        kind=row.kind,
        task=row.task,
        lease=row.lease,
        state=row.state,
        node=row.node,
        reason=explained(row.reason, row.detail),
    )
