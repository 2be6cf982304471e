"""Run: an agent starts a lease, streams its log, and hands in its receipt."""

import base64
import binascii

from sqlmodel import Session

from market.core.lifecycle import move
from market.db.blobs import Blobs, put
from market.db.queries import events, leases, receipts, tasks
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow
from market.db.tables.run import ReceiptRow
from market.runtime import Runtime
from market.services import verify
from market.services.lease import check_live, locked
from market.services.signers import check_signer
from market.services.wakes import CLEARING
from suanli.protocol.charging import wrong_charge
from suanli.protocol.documents import ResultManifest
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import Receipt
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LEASE, LeaseState
from suanli.protocol.values import Hash
from suanli.protocol.wire.nodes import LogChunk, ReceiptRequest

_VOID = (LeaseState.HANDED_BACK, LeaseState.LOST, LeaseState.CANCELLED)


def start(session: Session, lease_id: Hash, now: int) -> LeaseRow:
    """The agent has taken the lease on. Repeats change nothing. Raises MarketError(LEASE_FENCED)."""
    job, row = locked(session, lease_id)
    if row.state is LeaseState.OFFERED:
        row.state = move(LEASE, row.state, LeaseState.RUNNING)
        events.lease_changed(session, job, row, now)
    elif row.state in _VOID:
        check_live(row)
    return row


def log(session: Session, runtime: Runtime, lease_id: Hash, chunk: LogChunk) -> None:
    """Adds to a run's log, up to its cap; bytes that are already there change nothing.

    Raises MarketError(MESSAGE_MALFORMED, LEASE_FENCED), or STATE_CONFLICT when earlier bytes are missing.
    """
    lease = leases.get(session, lease_id)
    if lease.state in _VOID:
        check_live(lease)
    row, data = leases.log(session, lease_id), _decoded(chunk)
    if chunk.offset > len(row.data):
        detail = f"the log has {len(row.data)} bytes, the chunk begins at {chunk.offset}"
        raise MarketError(Reason.STATE_CONFLICT, detail, expected=len(row.data))
    longer = row.data[: chunk.offset] + data
    if len(longer) > len(row.data):
        row.data = longer[: runtime.settings.log_maximum_bytes]
        session.add(row)


def receipt(
    session: Session, runtime: Runtime, lease_id: Hash, request: ReceiptRequest, now: int
) -> ReceiptRow:
    """Takes a node's receipt in and judges its task. The same receipt again yields the same answer.

    Raises MarketError: signature, hash, charge or outputs wrong, lease void, another receipt there already.
    """
    message = request.receipt.message
    lease = leases.get(session, lease_id)
    if message.lease != lease.id:
        raise MarketError(Reason.MESSAGE_MALFORMED, f"the receipt is for lease {message.lease}")
    check_signer(runtime.domain, message, request.receipt.signature, lease.node)
    _check_result(runtime.blobs, message, request.manifest)
    job, lease = locked(session, lease_id)
    if (known := receipts.of_lease(session, lease.id)) is not None:
        return _repeated(known, message)
    check_live(lease)
    _check_charge(session, job, lease, request)
    row = _save(session, runtime, job, lease, request, now)
    lease.state = move(LEASE, lease.state, LeaseState.RECEIPTED)
    events.lease_changed(session, job, lease, now)
    events.wake(session, CLEARING)
    session.flush()
    verify.settle_task(session, runtime, job, lease.task, now)
    return row


def _check_result(blobs: Blobs, message: Receipt, manifest: ResultManifest) -> None:
    if message.result != (found := manifest.content_hash()):
        detail = f"the manifest hashes to {found}, the receipt says {message.result}"
        raise MarketError(Reason.HASH_MISMATCH, detail)
    if message.outcome != manifest.outcome:
        raise MarketError(Reason.HASH_MISMATCH, "receipt and manifest state different outcomes")
    for output in manifest.outputs:
        if (size := blobs.size(output.hash)) is None:
            detail = f"the output {output.path} ({output.hash}) has not been uploaded"
            raise MarketError(Reason.INPUT_UNAVAILABLE, detail, blob=output.hash)
        if size != output.size:
            detail = f"the output {output.path} has {size} bytes, the manifest says {output.size}"
            raise MarketError(Reason.DOCUMENT_MALFORMED, detail, blob=output.hash)


def _check_charge(session: Session, job: JobRow, lease: LeaseRow, request: ReceiptRequest) -> None:
    spec = tasks.get(session, job.id, lease.task).spec
    wrong = wrong_charge(lease.message, job.order.limits, spec, request.receipt.message, request.manifest)
    if wrong:
        raise MarketError(Reason.CHARGE_WRONG, wrong)


def _repeated(known: ReceiptRow, message: Receipt) -> ReceiptRow:
    if known.id != message.id():
        detail = f"the lease has another receipt, {known.id}"
        raise MarketError(Reason.STATE_CONFLICT, detail, receipt=known.id)
    return known


def _save(
    session: Session, runtime: Runtime, job: JobRow, lease: LeaseRow, request: ReceiptRequest, now: int
) -> ReceiptRow:
    put(runtime.blobs, request.manifest.canonical())
    row = ReceiptRow(
        id=request.receipt.message.id(),
        lease=lease.id,
        job=job.id,
        task=lease.task,
        buyer=job.buyer,
        node=lease.node,
        message=request.receipt.message,
        signature=request.receipt.signature,
        manifest=request.manifest,
        amount=request.receipt.message.amount,
        received_at=now,
    )
    session.add(row)
    return row


def _decoded(chunk: LogChunk) -> bytes:
    try:
        return base64.b64decode(chunk.data, validate=True)
    except binascii.Error as error:
        raise MarketError(Reason.MESSAGE_MALFORMED, f"the chunk is not base64: {error}") from error
