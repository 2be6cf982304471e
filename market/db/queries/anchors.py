"""Anchors of clearings, and what they are made of: the orders promised for an epoch, its leases."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.db.tables.anchor import AnchorRow
from market.db.tables.clear import ClearingRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import Lease
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


def promised(session: Session, epoch: int) -> list[Hash]:
    """The orders that were promised this epoch; some may have ended since."""
    return list(session.exec(select(JobRow.id).where(JobRow.promised_epoch == epoch)))


def leases_of(session: Session, epoch: int) -> list[Lease]:
    """The leases of one clearing."""
    return [row.message for row in session.exec(select(LeaseRow).where(LeaseRow.clearing == epoch))]


def get(session: Session, epoch: int) -> AnchorRow:
    """One anchor. Raises MarketError(NOT_FOUND)."""
    row = session.get(AnchorRow, epoch)
    if row is None:
        raise MarketError(Reason.NOT_FOUND, f"clearing {epoch} has no anchor")
    return row


def of_document(session: Session, document: Hash) -> AnchorRow | None:
    """The anchor with this evidence or this list of leases."""
    either = sa.or_(col(AnchorRow.evidence) == document, col(AnchorRow.leases) == document)
    return session.exec(select(AnchorRow).where(either).limit(1)).first()


def due(session: Session, after_epoch: int, since: int, limit: int) -> Sequence[AnchorRow]:
    """Anchors of clearings after an epoch and not before a moment, ascending."""
    query = (
        select(AnchorRow)
        .join(ClearingRow, col(ClearingRow.epoch) == col(AnchorRow.epoch))
        .where(AnchorRow.epoch > after_epoch, ClearingRow.at >= since)
        .order_by(col(AnchorRow.epoch))
        .limit(limit)
    )
    return session.exec(query).all()
