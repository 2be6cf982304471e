"""What the single writer must know of nodes and leases, as of one moment, and of ended claims."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.lifecycle import OPEN_JOBS
from market.db.queries import book
from market.db.tables.decisions import ClaimRow, WriterRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from suanli.protocol.book import BookNode


@dataclass(frozen=True, slots=True)
class Seen:
    """The nodes with what leases leave free, as of the last of `occupied` clearings that took slots.

    `ended`: claimed holds that a lease has served, or whose order wants no more copy of the task.
    """

    nodes: list[BookNode]
    occupied: int
    ended: list[int]


def seen(session: Session) -> Seen:
    """One consistent look; the session must be one that reads a single snapshot (REPEATABLE READ)."""
    occupied = session.exec(select(WriterRow.occupied)).one()
    return Seen(book.leased_fleet(session), occupied, _ended(session))


def _ended(session: Session) -> list[int]:
    served = sa.exists().where(
        col(LeaseRow.job) == col(ClaimRow.job),
        col(LeaseRow.task) == col(ClaimRow.task),
        col(LeaseRow.node) == col(ClaimRow.node),
    )
    closed = sa.exists().where(col(JobRow.id) == col(ClaimRow.job), col(JobRow.state).not_in(OPEN_JOBS))
    placed = sa.exists().where(
        col(TaskRow.job) == col(ClaimRow.job),
        col(TaskRow.index) == col(ClaimRow.task),
        col(TaskRow.open_copies) == 0,
    )
    return list(session.exec(select(ClaimRow.hold).where(sa.or_(served, closed, placed))))
