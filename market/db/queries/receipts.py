"""Receipts and all that stands behind one of them."""

from sqlmodel import Session, col, select

from market.db.queries import nodes
from market.db.tables.clear import ClearingRow
from market.db.tables.connect import AskRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import MarketError
from suanli.protocol.evidence import EvidenceBundle, SignedTerms
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.jobs import ReceiptView


def get(session: Session, receipt: Hash) -> ReceiptRow:
    """One receipt. Raises MarketError(NOT_FOUND)."""
    row = session.get(ReceiptRow, receipt)
    if row is None:
        raise MarketError(Reason.NOT_FOUND, f"there is no receipt {receipt}")
    return row


def of_lease(session: Session, lease: Hash) -> ReceiptRow | None:
    """The receipt of a lease."""
    return session.exec(select(ReceiptRow).where(ReceiptRow.lease == lease)).first()


def page(session: Session, job: Hash, after: int | None, limit: int) -> list[tuple[ReceiptRow, LeaseRow]]:
    """A job's receipts with their leases, in the order of their arrival."""
    query = select(ReceiptRow, LeaseRow).join(LeaseRow, col(LeaseRow.id) == col(ReceiptRow.lease))
    query = query.where(ReceiptRow.job == job).order_by(col(ReceiptRow.number)).limit(limit)
    return list(session.exec(query if after is None else query.where(col(ReceiptRow.number) > after)))


def view(row: ReceiptRow, lease: LeaseRow) -> ReceiptView:
    """A receipt with the lease it answers and its payment."""
    return ReceiptView(
        receipt=Signed(message=row.message, signature=row.signature),
        id=row.id,
        lease=Signed(message=lease.message, signature=lease.signature),
        node=row.node,
        task=row.task,
        payment=row.payment,
        epoch=row.epoch,
        transaction=row.transaction,
    )


def evidence(session: Session, domain: Domain, receipt: Hash) -> EvidenceBundle:
    """The bundle behind a receipt. Raises MarketError(NOT_FOUND, EVIDENCE_MISSING)."""
    row = get(session, receipt)
    lease = session.get_one(LeaseRow, row.lease)
    job, task = session.get_one(JobRow, row.job), session.get_one(TaskRow, (row.job, row.task))
    ask, clearing = session.get_one(AskRow, lease.ask), session.get_one(ClearingRow, lease.clearing)
    return EvidenceBundle(
        domain=domain,
        order=Signed(message=job.order, signature=job.signature),
        spec=task.spec,
        proof=task.proof,
        lease=Signed(message=lease.message, signature=lease.signature),
        receipt=Signed(message=row.message, signature=row.signature),
        manifest=row.manifest,
        ask=Signed(message=ask.message, signature=ask.signature),
        terms=_terms(session, row.node),
        clearing=clearing.document,
    )


def _terms(session: Session, node: str) -> SignedTerms:
    row = nodes.get(session, node)
    if row.terms is None or row.node_signature is None:
        raise MarketError(Reason.EVIDENCE_MISSING, f"the market has not seen the terms of node {node}")
    return SignedTerms(
        message=row.terms,
        owner_signature=row.owner_signature or "",
        node_signature=row.node_signature,
    )
