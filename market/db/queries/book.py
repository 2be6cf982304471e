"""The book of a clearing as the database holds it: open copies of tasks, nodes, budgets left."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session, col, select

from market.core.lifecycle import FORGIVEN, FORGIVEN_MAXIMUM, LIVE_LEASES, OPEN_JOBS, PAYABLE_LEASES
from market.core.reputation import Record
from market.db.queries import decisions, holds, reputation
from market.db.tables.connect import AskRow, NodeRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.book import Book, BookNode, BookOrder, BookPath, BookTask, Moment, regions_of
from suanli.protocol.reasons import Reason
from suanli.protocol.requirements import Requirements
from suanli.protocol.states import LeaseState, NodeState
from suanli.protocol.values import Region

FLEET = (NodeState.CONNECTED, NodeState.DRAINING, NodeState.UNBONDING)
"""Nodes that count as the market's; those not yet or no longer on chain do not."""
_REQUIREMENTS = sa.type_coerce(col(TaskRow.spec), JSONB)["requirements"]
_COPIES_WITH_RESULT = (*LIVE_LEASES, LeaseState.RECEIPTED, LeaseState.ACCEPTED, LeaseState.REJECTED)


def open_jobs(session: Session, limit: int, now: int) -> list[JobRow]:
    """The jobs with a copy to place that this clearing looks at, locked until the transaction ends.

    At most `limit`, those first that no clearing has looked at for longest. New ones are all among them: they
    were promised this epoch.
    """
    waiting = sa.exists().where(col(TaskRow.job) == col(JobRow.id), col(TaskRow.open_copies) > 0)
    is_open = sa.and_(col(JobRow.state).in_(OPEN_JOBS), waiting)
    turn = select(JobRow.id).where(is_open, col(JobRow.looked_at).is_not(None))
    turn = turn.order_by(col(JobRow.looked_at), col(JobRow.id))
    new = list(session.exec(select(JobRow.id).where(is_open, col(JobRow.looked_at).is_(None))))
    chosen = [*new, *session.exec(turn.limit(max(0, limit - len(new))))]
    # in the one order that cannot deadlock
    query = select(JobRow).where(is_open, col(JobRow.id).in_(chosen)).order_by(col(JobRow.id))
    rows = list(session.exec(query.with_for_update().execution_options(populate_existing=True)))
    if len(rows) >= limit:
        last = session.exec(select(sa.func.max(JobRow.looked_at))).one() or 0
        seen = sa.update(JobRow).where(col(JobRow.id).in_([row.id for row in rows]))
        turn_ends = max(now, last + 1)  # a clock that goes back makes nobody wait longer
        session.execute(seen.values(looked_at=turn_ends).execution_options(synchronize_session=False))
    return rows


def has_unexplained_jobs(session: Session) -> bool:
    """Whether some job has copies to place and nobody has been told yet why they wait."""
    open_task = sa.and_(col(TaskRow.job) == col(JobRow.id), col(TaskRow.open_copies) > 0)
    explained = sa.exists().where(open_task, col(TaskRow.waiting).is_not(None))
    query = select(JobRow.id).where(
        col(JobRow.state).in_(OPEN_JOBS), sa.exists().where(open_task), ~explained
    )
    return session.exec(query.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a book knows beside orders and nodes: the measured ways, and where the market's store stands."""

    paths: tuple[BookPath, ...] = ()
    home: Region | None = None


def load(
    session: Session,
    jobs: Sequence[JobRow],
    nodes: Sequence[BookNode],
    moment: Moment,
    tasks_per_job: int,
    around: Surroundings,
) -> Book:
    """The book of `nodes` and `jobs` (at most `tasks_per_job` open tasks of each, lowest index first)."""
    orders = tuple(_order(session, job, tasks_per_job) for job in jobs)
    return Book(
        now=moment.now,
        silent_before=moment.silent_before,
        orders=orders,
        nodes=tuple(nodes),
        regions=regions_of(nodes, orders, around.paths, around.home),
        paths=around.paths,
        home=around.home,
    )


def fleet(session: Session) -> list[BookNode]:
    """Every node of the market with its current ask and the slots that neither leases nor holds take."""
    held = decisions.held_slots(session)
    return [_less(node, held[node.node]) for node in leased_fleet(session)]


def leased_fleet(session: Session) -> list[BookNode]:
    """Every node of the market with its current ask and the slots that leases leave free, held or not."""
    live = dict(
        session.exec(
            select(LeaseRow.node, sa.func.count())
            .where(col(LeaseRow.state).in_(LIVE_LEASES))
            .group_by(col(LeaseRow.node))
        ).all()
    )
    asks = sa.and_(col(AskRow.node) == col(NodeRow.node), col(AskRow.current))
    rows = session.exec(select(NodeRow, AskRow).outerjoin(AskRow, asks).where(col(NodeRow.state).in_(FLEET)))
    records = reputation.records(session)
    return [
        _node(node, ask, live.get(node.node, 0), records.get(node.node, Record())) for node, ask in rows.all()
    ]


def _less(node: BookNode, held: int) -> BookNode:
    free = max(0, node.free_slots - held)
    return node.model_copy(update={"free_slots": free}) if held else node


def _node(node: NodeRow, ask: AskRow | None, live: int, record: Record) -> BookNode:
    slots = 0 if ask is None else ask.message.slots
    return BookNode(
        node=node.node,
        owner=node.owner,
        state=node.state,
        draining=node.draining,
        last_seen_at=node.last_seen_at,
        ask=None if ask is None else ask.message,
        free_slots=max(0, slots - live),
        offering=None if ask is None else ask.offering,
        trust=record.trust,
        reliability=record.reliability,
    )


def _order(session: Session, job: JobRow, tasks_per_job: int) -> BookOrder:
    rows = session.exec(
        select(TaskRow.index, TaskRow.ingress, TaskRow.open_copies, _REQUIREMENTS)
        .where(TaskRow.job == job.id, TaskRow.open_copies > 0)
        .order_by(col(TaskRow.index))
        .limit(tasks_per_job)
    ).all()
    history = _history(session, job, [index for index, *_ in rows])
    sizes = {index: ingress for index, ingress, *_ in rows}
    held = holds.claimed_by(session, job.id, job.order.limits, sizes)
    return BookOrder(
        order=job.id,
        buyer=job.buyer,
        limits=job.order.limits,
        maximum_prices=job.order.maximumPrices,
        budget_left=budget_left(session, job),
        deadline=job.order.deadline,
        tasks=tuple(
            BookTask(
                index=index,
                attempt=history[index].attempts,
                copies=copies,
                ingress=ingress,
                tried=tuple(sorted(history[index].tried)),
                owners=tuple(sorted(history[index].owners)),
                requirements=None if required is None else Requirements.model_validate(required),
                held=held.get(index, ()),
            )
            for index, ingress, copies, required in rows
        ),
    )


def budget_left(session: Session, job: JobRow) -> int:
    """The budget less payable receipts and the caps of live leases, in atoms."""
    claimed = sa.case(
        (col(LeaseRow.state).in_(PAYABLE_LEASES), ReceiptRow.amount),
        (col(LeaseRow.state).in_(LIVE_LEASES), LeaseRow.cap),
        else_=0,
    )
    query = (
        select(sa.func.sum(claimed))
        .select_from(LeaseRow)
        .outerjoin(ReceiptRow, col(ReceiptRow.lease) == col(LeaseRow.id))
        .where(LeaseRow.job == job.id)
    )
    return max(0, job.order.budget - int(session.exec(query).one() or 0))


@dataclass(slots=True)
class _History:
    attempts: int
    tried: set[str]
    owners: set[str]


def _history(session: Session, job: JobRow, indexes: Sequence[int]) -> dict[int, _History]:
    """By task: how many leases it had, the nodes that may not have it again, the owners that have a copy."""
    histories: dict[int, _History] = defaultdict(lambda: _History(0, set(), set()))
    columns = sa.select(LeaseRow.task, LeaseRow.node, LeaseRow.owner, LeaseRow.state, LeaseRow.reason)  # type: ignore[call-overload]
    rows = session.execute(columns.where(LeaseRow.job == job.id, col(LeaseRow.task).in_(indexes)))
    forgiven = Counter[tuple[int, str]]()
    for task, node, owner, state, reason in rows:
        history = histories[task]
        history.attempts += 1
        again = _may_try_again(state, reason)
        forgiven[task, node] += again
        if not again or forgiven[task, node] >= FORGIVEN_MAXIMUM:
            history.tried.add(node)
        if state in _COPIES_WITH_RESULT:
            history.owners.add(owner)
    return histories


def _may_try_again(state: LeaseState, reason: Reason | None) -> bool:
    return state in (LeaseState.LOST, LeaseState.HANDED_BACK) and reason in FORGIVEN
