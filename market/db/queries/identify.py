"""What an urn stands for: one small look-up for each kind, each of which yields signed facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from market.db.blobs import Blobs
from market.db.queries import clearings
from market.db.tables.chain import AccountRow
from market.db.tables.clear import ClearingRow
from market.db.tables.connect import NodeRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import BatchRow
from suanli.protocol.documents import MAXIMUM_TASKS
from suanli.protocol.eip712 import Message
from suanli.protocol.identifiers import CONTENT_KINDS, Urn, UrnKind


@dataclass(frozen=True, slots=True)
class Found:
    """The signed facts, and where more of them lie."""

    facts: dict[str, Any]
    see: list[str]


def resolve(session: Session, blobs: Blobs, urn: Urn) -> Found | None:
    """The facts behind an urn; None when there are none."""
    if urn.kind in CONTENT_KINDS:
        return _content(session, blobs, urn)
    lookup = _LOOKUPS.get(urn.kind)
    return None if lookup is None else lookup(session, urn)


def _content(session: Session, blobs: Blobs, urn: Urn) -> Found | None:
    if urn.kind is UrnKind.CLEARING and clearings.of_document(session, urn.value) is not None:
        return Found({"sha256": urn.value}, [f"/v1/clearings/{urn.value}"])
    size = blobs.size(urn.value)
    return None if size is None else Found({"sha256": urn.value, "bytes": size}, [f"/v1/blobs/{urn.value}"])


def _node(session: Session, urn: Urn) -> Found | None:
    row = session.get(NodeRow, urn.value)
    if row is None:
        return None
    terms = {
        "message": None if row.terms is None else row.terms.to_json(),
        "owner_signature": row.owner_signature,
        "node_signature": row.node_signature,
    }
    facts = {"terms": terms, "owner": row.owner, "state": row.state.name, "stake": str(row.stake)}
    return Found(facts, [f"/v1/nodes/{row.node}"])


def _account(session: Session, urn: Urn) -> Found | None:
    row = session.get(AccountRow, urn.value)
    if row is None:
        return None
    facts = {"balance": str(row.balance), "epoch": str(row.epoch)}
    return Found(facts, [f"/v1/accounts/{row.address}"])


def _job(session: Session, urn: Urn) -> Found | None:
    row = session.get(JobRow, urn.value)
    if row is None or _is_sealed(session, row):
        return None
    promise = _signed(row.promise, row.promise_signature)
    facts = {"order": _signed(row.order, row.signature), "promise": promise, "state": row.state.value}
    return Found(facts, [f"/v1/evidence?order={row.id}"])


def _task(session: Session, urn: Urn) -> Found | None:
    if urn.index is None or urn.index >= MAXIMUM_TASKS:
        return None
    job, task = session.get(JobRow, urn.value), session.get(TaskRow, (urn.value, urn.index))
    if job is None or task is None or _is_sealed(session, job):
        return None
    order = _signed(job.order, job.signature)
    facts = {"order": order, "spec": task.spec_hash, "proof": task.proof, "state": task.state.value}
    return Found(facts, [f"/v1/evidence?order={job.id}"])


def _is_sealed(session: Session, job: JobRow) -> bool:
    """Whether the epoch that the order was promised is still open: only its buyer may see it."""
    return session.get(ClearingRow, job.promised_epoch) is None


def _lease(session: Session, urn: Urn) -> Found | None:
    row = session.get(LeaseRow, urn.value)
    if row is None:
        return None
    facts = {"lease": _signed(row.message, row.signature), "state": row.state.value}
    return Found(facts, [f"/v1/clearings/{row.clearing}", f"/v1/nodes/{row.node}"])


def _receipt(session: Session, urn: Urn) -> Found | None:
    row = session.get(ReceiptRow, urn.value)
    if row is None:
        return None
    payment = None if row.payment is None else row.payment.value
    facts = {"receipt": _signed(row.message, row.signature), "payment": payment}
    if row.payment_reason is not None:
        facts["payment_reason"] = f"{row.payment_reason.value}: {row.payment_detail}"
    return Found(facts | {"transaction": row.transaction}, [f"/v1/evidence/{row.id}"])


def _batch(session: Session, urn: Urn) -> Found | None:
    row = session.get(BatchRow, urn.value)
    if row is None:
        return None
    facts = {"packed": "0x" + row.packed.hex(), "epoch": str(row.epoch), "transaction": row.transaction}
    return Found(facts, [f"/v1/batches/{row.id}"])


def _signed(message: Message, signature: str) -> dict[str, Any]:
    return {"message": message.to_json(), "signature": signature}


_LOOKUPS: Mapping[UrnKind, Callable[[Session, Urn], Found | None]] = {
    UrnKind.NODE: _node,
    UrnKind.ACCOUNT: _account,
    UrnKind.JOB: _job,
    UrnKind.TASK: _task,
    UrnKind.LEASE: _lease,
    UrnKind.RECEIPT: _receipt,
    UrnKind.BATCH: _batch,
}
