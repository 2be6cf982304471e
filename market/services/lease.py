"""Lease: matches become signed leases; agents fetch them, show that they live, and give leases up."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from market.core.clearing import Match
from market.core.lifecycle import move
from market.db.queries import events, jobs, leases, nodes, tasks
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from market.runtime import Runtime
from market.services import verify
from market.services.moment import moment_at
from market.services.wakes import CLEARING, node_topic
from suanli.protocol.book import BookNode
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import Lease
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.states import JOB, LEASE, TASK, JobState, LeaseState, TaskState
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.nodes import HandbackRequest, Heartbeat, HeartbeatAnswer

BLAMELESS = frozenset(
    {
        Reason.WALL_CLOCK_EXCEEDED,
        Reason.INPUT_UNAVAILABLE,
        Reason.RUNNER_CRASHED,
        Reason.NODE_DRAINING,
        Reason.DISK_FULL,
        Reason.NOT_FUNDED,
        Reason.LEASE_EXPIRED,
        Reason.LEASE_FENCED,
        Reason.SERIAL_TAKEN,
        Reason.MEMORY_TOO_SMALL,
        Reason.SIGNATURE_INVALID,
        Reason.SIGNER_MISMATCH,
        Reason.HASH_MISMATCH,
        Reason.MARKET_UNREACHABLE,
        Reason.CHAIN_UNREACHABLE,
        Reason.DEADLINE_PASSED,
        Reason.DOCUMENT_MALFORMED,
        Reason.PRICE_ABOVE_LIMIT,
        Reason.CHARGE_WRONG,
        Reason.FUEL_LIMIT_TOO_SMALL,
        Reason.INPUT_TOO_LARGE,
        Reason.OUTPUT_TOO_LARGE,
        Reason.WALL_LIMIT_TOO_SMALL,
    }
)
"""The reasons for which a node may hand a lease back: its own or the moment's fault, or terms that it did not
offer; never the program's fault."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lease stands: the clearing that matched it, and its number among its node's leases."""

    epoch: int
    serial: int


def issue(
    session: Session,
    runtime: Runtime,
    job: JobRow,
    matches: Iterable[Match],
    fleet: Mapping[Address, BookNode],
    numbers: Mapping[Address, Iterator[int]],
    epoch: int,
    now: int,
) -> None:
    """Writes the leases of one locked job's matches and wakes the agents that they are for.

    `numbers` yield the serials of each node's next leases (`queries.serials.take`).
    """
    for match in matches:
        task = tasks.get(session, job.id, match.task)
        place = Place(epoch, next(numbers[match.node]))
        row = _row(runtime, job, task, match, fleet[match.node], place, now)
        session.add(row)
        task.open_copies -= 1
        task.waiting = task.waiting_detail = None
        if task.state is TaskState.PENDING:
            task.state = move(TASK, task.state, TaskState.LEASED)
            events.task_changed(session, job, task, now)
        events.lease_changed(session, job, row, now)
        events.wake(session, node_topic(row.node))
    if job.state is JobState.OPEN:
        job.state = move(JOB, job.state, JobState.RUNNING)
        events.job_changed(session, job, now)


def _row(
    runtime: Runtime, job: JobRow, task: TaskRow, match: Match, node: BookNode, place: Place, now: int
) -> LeaseRow:
    settings, limits = runtime.settings, job.order.limits
    seconds = int(settings.offer_seconds) + limits.wallSeconds + settings.lease_grace_seconds
    message = Lease(
        order=job.id,
        task=match.task,
        attempt=match.attempt,
        spec=task.spec_hash,
        ask=match.ask,
        epoch=place.epoch,
        serial=place.serial,
        node=match.node,
        prices=match.prices,
        minimumCharge=match.minimum_charge,
        cap=match.cap,
        deadline=min(job.order.deadline, now + seconds),
    )
    return LeaseRow(
        id=message.id(),
        job=job.id,
        task=match.task,
        attempt=match.attempt,
        buyer=job.buyer,
        serial=place.serial,
        node=match.node,
        owner=node.owner,
        ask=match.ask,
        clearing=place.epoch,
        message=message,
        signature=sign(runtime.operator, runtime.domain, message),
        cap=match.cap,
        deadline=message.deadline,
        offered_at=now,
    )


def heartbeat(
    session: Session, runtime: Runtime, node: Address, beat: Heartbeat, now: int
) -> HeartbeatAnswer:
    """Notes that a node's agent lives, and tells it which of its leases are void."""
    row = nodes.get(session, node, lock=True)
    silent_before = moment_at(runtime.settings, now).silent_before
    if (row.last_seen_at or 0) < silent_before or row.draining != beat.draining:
        events.wake(session, CLEARING)
    row.last_seen_at, row.draining = now, beat.draining
    held = leases.held(session, node, beat.leases)
    return HeartbeatAnswer(fenced=[lease for lease in beat.leases if lease not in held])


def handback(
    session: Session, runtime: Runtime, lease_id: Hash, request: HandbackRequest, now: int
) -> LeaseRow:
    """The node gives a lease up, unpaid; another node gets the task. Repeats change nothing.

    Raises MarketError(MESSAGE_MALFORMED) for a reason that blames the program, and LEASE_FENCED.
    """
    if request.reason not in BLAMELESS:
        detail = f"{request.reason.value} is no reason to hand a lease back"
        raise MarketError(Reason.MESSAGE_MALFORMED, detail)
    job, row = locked(session, lease_id)
    if row.state is not LeaseState.HANDED_BACK:
        check_live(row)
        why = Explanation(reason=request.reason, detail=request.detail[:500])
        end(session, runtime, job, row, LeaseState.HANDED_BACK, why, now)
    return row


def end(
    session: Session,
    runtime: Runtime,
    job: JobRow,
    row: LeaseRow,
    state: LeaseState,
    why: Explanation,
    now: int,
) -> None:
    """Ends a live lease of a locked job without a result; its task looks for another node."""
    row.state = move(LEASE, row.state, state)
    row.reason, row.detail = why.reason, why.detail
    events.lease_changed(session, job, row, now)
    events.wake(session, CLEARING)
    session.flush()
    verify.settle_task(session, runtime, job, row.task, now)


def locked(session: Session, lease_id: Hash) -> tuple[JobRow, LeaseRow]:
    """A lease's job, locked, and the lease as it is under that lock. Raises MarketError(NOT_FOUND)."""
    job = jobs.lock_one(session, leases.get(session, lease_id).job)
    return job, leases.get(session, lease_id)


def check_live(row: LeaseRow) -> None:
    """Raises MarketError(LEASE_FENCED) unless the node may still work on the lease."""
    if row.state not in (LeaseState.OFFERED, LeaseState.RUNNING):
        why = f": {row.detail}" if row.detail else ""
        raise MarketError(Reason.LEASE_FENCED, f"the lease is {row.state.value}{why}", state=row.state.value)
