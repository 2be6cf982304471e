"""Leases: those that a node holds, those that nobody waits for any more, and the logs of their runs."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.lifecycle import LIVE_LEASES
from market.db.tables.connect import NodeRow
from market.db.tables.lease import LeaseRow, LogRow
from market.db.tables.order import JobRow, TaskRow
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LeaseState
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.nodes import Assignment


def get(session: Session, lease: Hash) -> LeaseRow:
    """One lease, fresh from the database. Raises MarketError(NOT_FOUND)."""
    row = session.get(LeaseRow, lease, populate_existing=True)
    if row is None:
        raise MarketError(Reason.NOT_FOUND, f"there is no lease {lease}")
    return row


def last_epoch(session: Session, job: Hash) -> int | None:
    """The last clearing that gave a job a lease."""
    return session.exec(select(sa.func.max(LeaseRow.clearing)).where(LeaseRow.job == job)).one()


def unfinished(session: Session, node: Address) -> dict[str, LeaseState]:
    """The states of the leases that a node may still work on, oldest first."""
    query = select(LeaseRow.id, LeaseRow.state).where(
        LeaseRow.node == node, col(LeaseRow.state).in_(LIVE_LEASES)
    )
    return dict(session.exec(query.order_by(LeaseRow.offered_at, LeaseRow.id)).all())  # type: ignore[arg-type]


def assignments(session: Session, node: Address) -> list[Assignment]:
    """The leases that a node may still work on, oldest first, with all it needs to run them."""
    rows = session.exec(
        select(LeaseRow, JobRow, TaskRow)
        .join(JobRow, col(JobRow.id) == col(LeaseRow.job))
        .join(
            TaskRow, sa.and_(col(TaskRow.job) == col(LeaseRow.job), col(TaskRow.index) == col(LeaseRow.task))
        )
        .where(LeaseRow.node == node, col(LeaseRow.state).in_(LIVE_LEASES))
        .order_by(col(LeaseRow.offered_at), col(LeaseRow.id))
    )
    return [
        Assignment(
            lease=Signed(message=lease.message, signature=lease.signature),
            order=Signed(message=job.order, signature=job.signature),
            spec=task.spec,
            proof=task.proof,
        )
        for lease, job, task in rows
    ]


def held(session: Session, node: Address, leases: Sequence[Hash]) -> set[str]:
    """Which of `leases` are the node's own and not void: it may work on them, or has receipted them."""
    void = (LeaseState.HANDED_BACK, LeaseState.LOST, LeaseState.CANCELLED)
    query = select(LeaseRow.id).where(
        LeaseRow.node == node, col(LeaseRow.id).in_(leases), col(LeaseRow.state).not_in(void)
    )
    return set(session.exec(query))


def overdue(session: Session, now: int, offered_before: int, limit: int) -> list[LeaseRow]:
    """Live leases past their deadline, and offers that no agent has started in time."""
    never_started = sa.and_(
        col(LeaseRow.state) == LeaseState.OFFERED, col(LeaseRow.offered_at) < offered_before
    )
    late = sa.and_(col(LeaseRow.state).in_(LIVE_LEASES), col(LeaseRow.deadline) < now)
    query = select(LeaseRow).where(sa.or_(never_started, late)).order_by(col(LeaseRow.job)).limit(limit)
    return list(session.exec(query))


def of_silent_nodes(session: Session, silent_before: int, limit: int) -> list[LeaseRow]:
    """Live leases of nodes whose agent has not been heard since then."""
    seen = sa.func.coalesce(NodeRow.last_seen_at, 0)
    query = select(LeaseRow).join(NodeRow, col(NodeRow.node) == col(LeaseRow.node))
    query = query.where(col(LeaseRow.state).in_(LIVE_LEASES), seen < silent_before)
    return list(session.exec(query.order_by(col(LeaseRow.job)).limit(limit)))


def log(session: Session, lease: Hash) -> LogRow:
    """What a run has printed so far; empty when it has printed nothing."""
    return session.get(LogRow, lease) or LogRow(lease=lease, data=b"")
