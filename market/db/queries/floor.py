"""What the single writer must know of nodes and leases, as of one moment, and of ended claims."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.lifecycle import OPEN_JOBS
from market.db.queries import book
from market.db.tables.decisions import ClaimRow, DecisionRow, WriterRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from suanli.protocol.book import BookNode, Moment

ORPHAN_MILLISECONDS = 120_000
"""So long after its hold's end an order that claimed it is either known or never will be."""

_MARK = sa.text("""
SELECT (SELECT occupied FROM writer WHERE id = 1)
  || ':' || (SELECT count(*) || ':' || coalesce(sum(hashtextextended(leases.node, 0)::numeric), 0) FROM leases
             WHERE leases.state IN ('OFFERED', 'RUNNING'))
  || ':' || (SELECT count(*) || ':' || coalesce(sum(hashtextextended(concat_ws(
               ' ', nodes.node, nodes.owner, nodes.state, nodes.draining, nodes.last_seen_at < :silent_before,
               asks.id, (asks.message ->> 'expiry')::numeric <= :now), 0)::numeric), 0)
             FROM nodes LEFT JOIN asks ON asks.node = nodes.node AND asks.current)""")


@dataclass(frozen=True, slots=True)
class Seen:
    """The nodes with what leases leave free, as of the last of `occupied` clearings that took slots.

    `ended`: claimed holds that a lease has served, or whose order wants no more copy of the task. `mark`: who
    finds the same later need not look at all nodes again.
    """

    nodes: list[BookNode]
    occupied: int
    ended: list[int]
    mark: str


def mark_of(session: Session, moment: Moment) -> str:
    """Changes whenever a node, an ask or a live lease does; made in the database, of all of them."""
    values = {"silent_before": moment.silent_before, "now": moment.now}
    return str(session.execute(_MARK, values).scalar_one())


def seen(session: Session, mark: str) -> Seen:
    """One consistent look; the session must be one that reads a single snapshot (REPEATABLE READ)."""
    occupied = session.exec(select(WriterRow.occupied)).one()
    return Seen(book.leased_fleet(session), occupied, ended(session), mark)


def ended(session: Session) -> list[int]:
    """Claimed holds that are served or void, or whose order never came in."""
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
    known = sa.exists().where(col(JobRow.id) == col(ClaimRow.job))
    given_up = sa.exists().where(
        col(DecisionRow.number) == col(ClaimRow.hold),
        col(DecisionRow.until) + ORPHAN_MILLISECONDS <= col(WriterRow.at),
        col(WriterRow.id) == 1,
    )
    void = sa.or_(served, closed, placed, sa.and_(~known, given_up))
    return list(session.exec(select(ClaimRow.hold).where(void)))
