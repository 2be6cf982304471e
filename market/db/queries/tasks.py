"""Tasks with their leases: for rules, and for the buyer's eyes."""

from collections.abc import Sequence
from itertools import groupby

from sqlmodel import Session, col, select

from market.core.verification import Copy
from market.db.queries.explained import explained
from market.db.tables.lease import LeaseRow
from market.db.tables.order import TaskRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.jobs import LeaseView, TaskView

LeaseWithReceipt = tuple[LeaseRow, ReceiptRow | None]


def get(session: Session, job: Hash, index: int) -> TaskRow:
    """One task. Raises MarketError(NOT_FOUND)."""
    row = session.get(TaskRow, (job, index))
    if row is None:
        raise MarketError(Reason.NOT_FOUND, f"job {job} has no task {index}")
    return row


def copies_of(session: Session, task: TaskRow) -> list[LeaseWithReceipt]:
    """A task's leases in the order of their attempts, each with its receipt."""
    return _leases(session, task.job, [task.index])


def as_copy(pair: LeaseWithReceipt) -> Copy:
    """What verification looks at."""
    lease, receipt = pair
    reason = explained(lease.reason, lease.detail)
    return Copy(lease.id, lease.state, reason, None if receipt is None else receipt.message)


def page(session: Session, job: Hash, after: int | None, limit: int) -> list[TaskView]:
    """A job's tasks by index."""
    query = select(TaskRow).where(TaskRow.job == job).order_by(col(TaskRow.index)).limit(limit)
    rows = session.exec(query if after is None else query.where(TaskRow.index > after)).all()
    leases = _leases(session, job, [row.index for row in rows])
    by_task = {index: list(pairs) for index, pairs in groupby(leases, key=lambda pair: pair[0].task)}
    return [_view(row, by_task.get(row.index, [])) for row in rows]


def lease_view(lease: LeaseRow, receipt: ReceiptRow | None) -> LeaseView:
    """One copy of a task as buyer and node see it."""
    return LeaseView(
        id=lease.id,
        node=lease.node,
        attempt=lease.attempt,
        state=lease.state,
        reason=explained(lease.reason, lease.detail),
        usage=receipt and receipt.message.usage,
        amount=None if receipt is None else receipt.amount,
        result=receipt and receipt.message.result,
        receipt=receipt and receipt.id,
        payment=receipt and receipt.payment,
        payment_reason=receipt and explained(receipt.payment_reason, receipt.payment_detail),
    )


def _leases(session: Session, job: Hash, indexes: Sequence[int]) -> list[LeaseWithReceipt]:
    query = (
        select(LeaseRow, ReceiptRow)
        .outerjoin(ReceiptRow, col(ReceiptRow.lease) == col(LeaseRow.id))
        .where(LeaseRow.job == job, col(LeaseRow.task).in_(indexes))
        .order_by(col(LeaseRow.task), col(LeaseRow.attempt))
    )
    return list(session.exec(query))


def _view(task: TaskRow, leases: list[LeaseWithReceipt]) -> TaskView:
    results = (
        receipt.message.result for _, receipt in leases if receipt and receipt.id == task.accepted_receipt
    )
    return TaskView(
        index=task.index,
        state=task.state,
        reason=explained(task.reason, task.detail),
        waiting=explained(task.waiting, task.waiting_detail),
        result=next(results, None),
        leases=[lease_view(*pair) for pair in leases],
    )
