"""Everything that stands behind a receipt, gathered from the rows of its whole way."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.db.queries import nodes, receipts, settlement
from market.db.tables.clear import ClearingRow
from market.db.tables.connect import AskRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import BatchRow, StatementRow
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import MarketError
from suanli.protocol.evidence import EvidenceBundle, SignedTerms
from suanli.protocol.reasons import Reason
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Signed

Numbered = tuple[int, Hash]
"""A receipt's place in a list, by which pages are cut, and its id."""


def bundle(session: Session, domain: Domain, receipt: Hash) -> EvidenceBundle:
    """The bundle behind a receipt. Raises MarketError(NOT_FOUND, EVIDENCE_MISSING)."""
    row = receipts.get(session, receipt)
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
        statement=_paying_statement(session, row),
    )


def of_order(session: Session, order: Hash, after: int | None, limit: int) -> list[Numbered]:
    """A job's accepted receipts in the order of their arrival."""
    query = select(col(ReceiptRow.number), col(ReceiptRow.id)).where(
        ReceiptRow.job == order, col(ReceiptRow.payment).is_not(None), col(ReceiptRow.number) > (after or 0)
    )
    rows = session.exec(query.order_by(col(ReceiptRow.number)).limit(limit))
    return [(number or 0, receipt) for number, receipt in rows]


def of_reference(session: Session, reference: str, after: int | None, limit: int) -> list[Numbered]:
    """The receipts whose ids begin with the half that a packed batch names; normally one."""
    query = select(col(ReceiptRow.number), col(ReceiptRow.id)).where(
        col(ReceiptRow.id) >= reference,
        col(ReceiptRow.id) <= reference + "f" * 32,
        col(ReceiptRow.number) > (after or 0),
    )
    rows = session.exec(query.order_by(col(ReceiptRow.number)).limit(limit))
    return [(number or 0, receipt) for number, receipt in rows]


def under_root(session: Session, root: Hash, after: int | None, limit: int) -> list[Numbered]:
    """The receipts under the root of a statement or batch, in the leaves' order; none for an unknown root."""
    message = sa.cast(col(StatementRow.message), sa.dialects.postgresql.JSONB)
    statement = session.exec(select(StatementRow.id).where(message["receiptsRoot"].astext == root)).first()
    batch = session.exec(select(BatchRow.id).where(BatchRow.root == root)).first()
    if statement is not None:
        leaves = settlement.statement_receipts(session, statement)
    else:
        leaves = [] if batch is None else settlement.root_receipts(session, batch)
    return list(enumerate(leaves, start=1))[after or 0 :][:limit]


def _terms(session: Session, node: str) -> SignedTerms:
    row = nodes.get(session, node)
    if row.terms is None or row.node_signature is None:
        raise MarketError(Reason.EVIDENCE_MISSING, f"the market has not seen the terms of node {node}")
    return SignedTerms(
        message=row.terms,
        owner_signature=row.owner_signature or "",
        node_signature=row.node_signature,
    )


def _paying_statement(session: Session, row: ReceiptRow) -> list[Hash] | None:
    """The list under whose root a receipt was paid; None when it was not, or by a batch that lists tasks."""
    if row.payment is not PaymentState.SETTLED or row.proposal is None:
        return None
    batch = session.get(BatchRow, row.proposal)
    if batch is not None:
        return None if batch.root is None else settlement.root_receipts(session, batch.id)
    return settlement.statement_receipts(session, row.proposal) or None
