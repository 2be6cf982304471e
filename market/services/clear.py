"""Clear: one epoch. The rule proposes on the book; here its outcome becomes leases and reasons to wait."""

from collections import Counter
from collections.abc import Mapping
from itertools import groupby

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.clearing import Cleared, Clearing, NonMatch
from market.core.clearing import clear as decide
from market.core.lifecycle import LIVE_LEASES
from market.db.blobs import put
from market.db.queries import anchors, clearings, events, serials
from market.db.queries import book as books
from market.db.tables.clear import ClearingRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from market.runtime import Runtime
from market.services import anchor, capacity, holds, lease, rounds, verify
from market.services.moment import moment_at, surroundings_at
from suanli.protocol.book import Book, BookNode
from suanli.protocol.reasons import Reason
from suanli.protocol.states import TaskState
from suanli.protocol.wire.common import Explanation


def clear(session: Session, runtime: Runtime, now: int, *, alone: bool = False) -> ClearingRow | None:
    """Clears the market once; None when nothing waits, or nothing is decided otherwise than last time.

    An epoch that an order was promised is always kept, even if the order has ended before it. alone: takes on
    the spot wait meanwhile. Raises MarketError(STATE_CONFLICT) where they did not and one was in the way.
    """
    clearings.close_epoch(session)
    begun = holds.begin(session, alone=alone)
    epoch = clearings.next_epoch(session)
    is_promised = bool(anchors.promised(session, epoch))
    nodes = books.fleet(session)
    if not (is_promised or any(node.free_slots for node in nodes) or books.has_unexplained_jobs(session)):
        return None
    limit = runtime.settings.jobs_per_clearing
    jobs = {job.id: job for job in books.open_jobs(session, limit, now)}
    if not jobs and not is_promised:
        return None
    book = _book(session, runtime, list(jobs.values()), nodes, now)
    origin = rounds.origin_of(session, runtime)
    cleared = decide(book, epoch, origin.terms)
    clearing = cleared.clearing
    is_news = is_promised or bool(clearing.matches)
    if not is_news and not _is_news(session, clearing, jobs, is_crowded=len(jobs) >= limit):
        return None
    row = _save(session, runtime, cleared, now)
    fleet = {node.node: node for node in nodes}
    numbers = serials.take(session, Counter(match.node for match in clearing.matches))
    by_order = sorted(clearing.matches, key=lambda match: match.order)
    for job_id, matches in groupby(by_order, key=lambda match: match.order):
        lease.issue(session, runtime, jobs[job_id], matches, fleet, numbers, row.epoch, now)
    for non_match in clearing.non_matches:
        _wait(session, jobs[non_match.order], non_match, now)
    anchor.keep(session, runtime, row, cleared, origin)
    capacity.keep(session, runtime, cleared, row)
    if clearing.matches:
        holds.confirm(session, begun, nodes, clearing.matches[len(cleared.decided.encoded.fixed) :])
    return row


def _book(session: Session, runtime: Runtime, jobs: list[JobRow], nodes: list[BookNode], now: int) -> Book:
    settings = runtime.settings
    around, moment = surroundings_at(session, settings, now), moment_at(settings, now)
    return books.load(session, jobs, nodes, moment, settings.leases_per_clearing, around)


def _is_news(session: Session, clearing: Clearing, jobs: Mapping[str, JobRow], *, is_crowded: bool) -> bool:
    """Whether anything differs from last time, which was about other jobs when they take turns."""
    if is_crowded:
        return any(
            _is_hopeless(session, jobs[one.order], one) or _is_unexpected(session, one)
            for one in clearing.non_matches
        )
    last = clearings.last(session)
    return last is None or last.verdict != clearing.verdict()


def _save(session: Session, runtime: Runtime, cleared: Cleared, now: int) -> ClearingRow:
    clearing = cleared.clearing
    row = ClearingRow(
        epoch=clearing.epoch,
        at=now,
        document=put(runtime.blobs, clearing.canonical()),
        book=put(runtime.blobs, cleared.decided.encoded.book.canonical()),
        matches=len(clearing.matches),
        non_matches=sum(len(one.tasks) for one in clearing.non_matches),
        verdict=clearing.verdict(),
    )
    session.add(row)
    session.flush()
    return row


def _wait(session: Session, job: JobRow, non_match: NonMatch, now: int) -> None:
    """Notes why tasks wait; a job that cannot afford the next copy and has nothing under way fails them."""
    why = Explanation(reason=non_match.reason, detail=non_match.detail)
    chosen = _chosen(non_match)
    if _is_hopeless(session, job, non_match):
        for task in session.exec(select(TaskRow).where(chosen).order_by(col(TaskRow.index))):
            verify.close_task(session, job, task, TaskState.FAILED, why, now)
        verify.finish(session, job, now)
        return
    is_news = _is_unexpected(session, non_match)
    waiting = {"waiting": why.reason, "waiting_detail": why.detail}
    session.execute(sa.update(TaskRow).where(chosen).values(**waiting))
    if is_news:
        events.job_changed(session, job, now, why)


def _chosen(non_match: NonMatch) -> sa.ColumnElement[bool]:
    return sa.and_(col(TaskRow.job) == non_match.order, col(TaskRow.index).in_(non_match.tasks))


def _is_hopeless(session: Session, job: JobRow, non_match: NonMatch) -> bool:
    return non_match.reason is Reason.BUDGET_TOO_SMALL and not _under_way(session, job)


def _is_unexpected(session: Session, non_match: NonMatch) -> bool:
    """Whether some task waits for another reason than its buyer was told."""
    unaware = sa.or_(col(TaskRow.waiting).is_(None), col(TaskRow.waiting) != non_match.reason)
    found = session.exec(select(TaskRow.index).where(_chosen(non_match), unaware).limit(1))
    return found.first() is not None


def _under_way(session: Session, job: JobRow) -> bool:
    """Whether a copy runs or awaits its buyer's verdict: either may yet free some of the budget."""
    live = select(LeaseRow.id).where(LeaseRow.job == job.id, col(LeaseRow.state).in_(LIVE_LEASES))
    judged = select(TaskRow.index).where(
        TaskRow.job == job.id, TaskRow.state == TaskState.VERIFYING, TaskRow.open_copies == 0
    )
    return (
        session.exec(live.limit(1)).first() is not None or session.exec(judged.limit(1)).first() is not None
    )
