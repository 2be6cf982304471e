"""Verify: what the rules decide on a task, written down with all that follows for leases, money and job."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.lifecycle import LIVE_LEASES, OPEN_JOBS, OPEN_TASKS, move
from market.core.verification import Policy, Verdict, judge, judge_at_close, judge_by_buyer
from market.db.queries import events, jobs, tasks
from market.db.queries.tasks import LeaseWithReceipt
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from market.db.tables.run import ReceiptRow
from market.runtime import Runtime
from market.services.wakes import CLEARING
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import VerificationPolicy
from suanli.protocol.reasons import Reason
from suanli.protocol.states import JOB, LEASE, TASK, JobState, LeaseState, PaymentState, TaskState, is_final
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.jobs import EventKind, VerdictRequest


def settle_task(session: Session, runtime: Runtime, job: JobRow, index: int, now: int) -> None:
    """Judges a task of a locked job anew, after one of its leases has changed."""
    task = tasks.get(session, job.id, index)
    if job.state not in OPEN_JOBS or is_final(TASK, task.state):
        return
    pairs = tasks.copies_of(session, task)
    verdict = judge(policy_of(runtime, job), [tasks.as_copy(pair) for pair in pairs])
    _apply(session, job, task, pairs, verdict, now)
    finish(session, job, now)


def buyer_verdict(
    session: Session, runtime: Runtime, job_id: Hash, index: int, request: VerdictRequest, now: int
) -> None:
    """The buyer accepts or rejects one result. The same verdict again changes nothing.

    Raises MarketError(POLICY_UNSUPPORTED, NOT_FOUND, STATE_CONFLICT).
    """
    job = jobs.lock_one(session, job_id)
    if job.order.policy != VerificationPolicy.BUYER:
        raise MarketError(Reason.POLICY_UNSUPPORTED, "the order leaves verification to replicas")
    task = tasks.get(session, job.id, index)
    pairs = tasks.copies_of(session, task)
    lease = next((lease for lease, _ in pairs if lease.id == request.lease), None)
    if lease is None:
        raise MarketError(Reason.NOT_FOUND, f"task {index} has no lease {request.lease}")
    wanted = LeaseState.ACCEPTED if request.accept else LeaseState.REJECTED
    if lease.state is wanted:
        return
    move(LEASE, lease.state, wanted)
    copies = [tasks.as_copy(pair) for pair in pairs]
    policy = policy_of(runtime, job)
    verdict = judge_by_buyer(policy, copies, lease.id, request.accept, request.detail)
    _apply(session, job, task, pairs, verdict, now)
    finish(session, job, now)


def close_tasks(session: Session, job: JobRow, state: TaskState, why: Explanation, now: int) -> None:
    """Ends every open task of a locked job with `state`; receipted work is accepted where it agrees."""
    query = select(TaskRow).where(TaskRow.job == job.id, col(TaskRow.state).in_(OPEN_TASKS))
    for task in session.exec(query.where(TaskRow.state != TaskState.PENDING).order_by(col(TaskRow.index))):
        close_task(session, job, task, state, why, now)
    pending = sa.and_(col(TaskRow.job) == job.id, col(TaskRow.state) == TaskState.PENDING)
    ended = {"state": state, "reason": why.reason, "detail": why.detail, "open_copies": 0}
    session.execute(sa.update(TaskRow).where(pending).values(**ended))


def close_task(
    session: Session, job: JobRow, task: TaskRow, state: TaskState, why: Explanation, now: int
) -> None:
    """Ends one open task with `state`; receipted work is accepted where it agrees."""
    pairs = tasks.copies_of(session, task)
    decided = judge_at_close([tasks.as_copy(pair) for pair in pairs])
    verdict = Verdict(state, decided.accepted, decided.rejected, decided.rejection, why)
    _apply(session, job, task, pairs, verdict, now)


def finish(session: Session, job: JobRow, now: int) -> None:
    """Moves an open job to FINISHED when none of its tasks is open any more."""
    session.flush()
    if job.state in OPEN_JOBS and not jobs.has_open_tasks(session, job.id):
        job.state = move(JOB, job.state, JobState.FINISHED)
        events.job_changed(session, job, now)


def policy_of(runtime: Runtime, job: JobRow) -> Policy:
    """How a job's results are accepted, and how often a task is tried."""
    kind = VerificationPolicy(job.order.policy)
    return Policy(kind, job.order.replicas, runtime.settings.attempts_maximum)


def _apply(
    session: Session, job: JobRow, task: TaskRow, pairs: list[LeaseWithReceipt], verdict: Verdict, now: int
) -> None:
    for lease, receipt in pairs:
        if lease.id in verdict.accepted and receipt is not None:
            _accept(session, job, lease, receipt, now)
        elif lease.id in verdict.rejected:
            _end_lease(session, job, lease, LeaseState.REJECTED, verdict.rejection, now)
        elif lease.state in LIVE_LEASES and is_final(TASK, verdict.state):
            _end_lease(session, job, lease, LeaseState.CANCELLED, verdict.reason, now)
    if verdict.state is TaskState.ACCEPTED:
        task.accepted_receipt = next(
            receipt.id for lease, receipt in pairs if receipt and lease.id == verdict.accepted[0]
        )
    _move_task(session, job, task, verdict, now)


def _move_task(session: Session, job: JobRow, task: TaskRow, verdict: Verdict, now: int) -> None:
    if verdict.open_copies > 0:
        events.wake(session, CLEARING)
    else:
        task.waiting = task.waiting_detail = None
    task.open_copies = verdict.open_copies
    if verdict.state is task.state:
        return
    task.state = move(TASK, task.state, verdict.state)
    if verdict.reason is not None:
        task.reason, task.detail = verdict.reason.reason, verdict.reason.detail
    events.task_changed(session, job, task, now)


def _accept(session: Session, job: JobRow, lease: LeaseRow, receipt: ReceiptRow, now: int) -> None:
    lease.state = move(LEASE, lease.state, LeaseState.ACCEPTED)
    receipt.payment = PaymentState.DUE
    events.lease_changed(session, job, lease, now)
    events.append(
        session,
        job,
        EventKind.PAYMENT,
        receipt.payment.value,
        at=now,
        task=lease.task,
        lease=lease.id,
        node=lease.node,
    )


def _end_lease(
    session: Session, job: JobRow, lease: LeaseRow, state: LeaseState, why: Explanation | None, now: int
) -> None:
    lease.state = move(LEASE, lease.state, state)
    if why is not None:
        lease.reason, lease.detail = why.reason, why.detail
    events.lease_changed(session, job, lease, now)
    events.wake(session, CLEARING)
