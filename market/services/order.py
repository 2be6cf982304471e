"""Order: a signed job comes in, whole and once."""

import sqlalchemy as sa
from sqlmodel import Session, select

from market.core.admission import check_order
from market.db.blobs import Blobs
from market.db.queries import clearings, events, jobs
from market.db.tables.order import JobRow, TaskRow
from market.runtime import Runtime
from market.services import funding
from market.services.signers import signer_for
from market.services.wakes import CLEARING
from suanli.protocol.documents import JobSpec
from suanli.protocol.errors import MarketError
from suanli.protocol.merkle import spec_tree
from suanli.protocol.messages import InclusionPromise, JobOrder
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.states import TaskState
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.jobs import JobRequest


def place(session: Session, runtime: Runtime, caller: Address, request: JobRequest, now: int) -> JobRow:
    """Takes a job in; the same order again yields the same job. Raises MarketError, and nothing has changed.

    `caller` is the buyer or the delegate that signed.
    """
    order, spec = request.order.message, request.spec
    check_order(order, spec, runtime.operator.address, now)
    signer = signer_for(session, runtime, order, request.order.signature, order.buyer, now)
    if caller not in (order.buyer, signer):
        raise MarketError(Reason.NOT_AUTHORISED, f"the order is {order.buyer}'s, you are {caller}")
    # Before any row: a clearing holds this lock while it waits for jobs' rows.
    epoch = clearings.stay_in_epoch(session)
    account = funding.locked_account(session, order.buyer)
    if (known := session.get(JobRow, order.id())) is not None:
        return known
    _check_nonce(session, order)
    _check_open_jobs(session, runtime, order.buyer)
    _check_blobs(runtime.blobs, spec)
    funding.check_budget(session, runtime, order, spec, now)
    funding.check_money(session, order, account, signer, now)
    promise = InclusionPromise(order=order.id(), epoch=epoch, receivedAt=now)
    job = _save(session, runtime, request, signer, promise)
    events.job_changed(session, job, now)
    events.wake(session, CLEARING)
    return job


def _check_nonce(session: Session, order: JobOrder) -> None:
    query = select(JobRow.id).where(JobRow.buyer == order.buyer, JobRow.nonce == order.nonce)
    if (other := session.exec(query).first()) is not None:
        detail = f"the nonce {order.nonce} belongs to another order of this buyer, {other}"
        raise MarketError(Reason.MESSAGE_REPLAYED, detail, order=other)


def _check_open_jobs(session: Session, runtime: Runtime, buyer: Address) -> None:
    most = runtime.settings.open_jobs_per_buyer
    if jobs.count_open(session, buyer) >= most:
        detail = f"{buyer} has {most} open jobs, which is as many as this market takes of one buyer"
        raise MarketError(Reason.TOO_MANY_JOBS, detail, maximum=most)


def _check_blobs(blobs: Blobs, spec: JobSpec) -> None:
    """Module and inputs of every task have been uploaded, with the sizes that the specification states."""
    stated = {(task.module, task.module_size) for task in spec.tasks}
    stated |= {(one.hash, one.size) for task in spec.tasks for one in task.inputs}
    for blob, size in sorted(stated):
        found = blobs.size(blob)
        if found is None:
            detail = f"the blob {blob} has not been uploaded"
            raise MarketError(Reason.INPUT_UNAVAILABLE, detail, blob=blob)
        if found != size:
            detail = f"the blob {blob} has {found} bytes, the specification says {size}"
            raise MarketError(Reason.DOCUMENT_MALFORMED, detail, blob=blob)


def _save(
    session: Session, runtime: Runtime, request: JobRequest, signer: Address, promise: InclusionPromise
) -> JobRow:
    order = request.order.message
    job = JobRow(
        id=order.id(),
        buyer=order.buyer,
        signer=signer,
        name=request.spec.name,
        order=order,
        signature=request.order.signature,
        promise=promise,
        promise_signature=sign(runtime.operator, runtime.domain, promise),
        promised_epoch=promise.epoch,
        nonce=order.nonce,
        deadline=order.deadline,
        created_at=promise.receivedAt,
        events=0,
    )
    session.add(job)
    session.flush()
    session.execute(sa.insert(TaskRow), _tasks(job.id, order, request.spec))
    return job


def _tasks(job: Hash, order: JobOrder, spec: JobSpec) -> list[dict[str, object]]:
    tree = spec_tree(spec)
    return [
        {
            "job": job,
            "index": index,
            "spec": task,
            "spec_hash": task.content_hash(),
            "proof": tree.proof(index),
            "ingress": task.input_bytes(),
            "state": TaskState.PENDING,
            "open_copies": order.replicas,
        }
        for index, task in enumerate(spec.tasks)
    ]
