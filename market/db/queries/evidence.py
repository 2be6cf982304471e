"""Everything that stands behind a receipt, gathered from the rows of its whole way."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.db.queries import nodes, receipts, settlement
from market.db.tables.clear import ClearingRow
from market.db.tables.connect import AskRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import StatementReceiptRow, StatementRow
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


def under_root(session: Session, root: Hash, after: int | None, limit: int) -> list[Numbered]:
    """The receipts under a statement's root in the order of the tree's leaves; none for an unknown root."""
    message = sa.cast(col(StatementRow.message), sa.dialects.postgresql.JSONB)
    query = select(StatementRow).where(message["receiptsRoot"].astext == root).limit(1)
    statement = session.exec(query).first()
    if statement is None:
        return []
    leaves = list(enumerate(settlement.statement_receipts(session, statement), start=1))
    return leaves[after or 0 :][:limit]


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
    """The list of the statement that paid a receipt; None when none has, or a netting did."""
    place = session.get(StatementReceiptRow, row.id)
    if place is None or row.payment is not PaymentState.SETTLED or row.epoch is not None:
        return None
    pair = StatementRow.buyer == row.buyer, StatementRow.node == row.node
    paid = session.exec(select(StatementRow).where(*pair, col(StatementRow.block).is_not(None))).all()
    covering = [one for one in paid if one.message.receipts > place.position]
    first = min(covering, key=lambda one: one.message.receipts, default=None)
    return None if first is None else settlement.statement_receipts(session, first)
