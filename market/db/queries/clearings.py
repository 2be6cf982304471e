"""Clearings, newest first."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.db.tables.clear import ClearingRow
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

_LOCK = 0x5375616E6C69  # "Suanli" in ASCII: one advisory lock for the numbering of epochs


def close_epoch(session: Session) -> None:
    """Waits for orders that are being written, and keeps new ones out until the transaction ends."""
    session.exec(select(sa.func.pg_advisory_xact_lock(_LOCK)))


def stay_in_epoch(session: Session) -> int:
    """The number of the next clearing; it will not begin before this transaction has ended."""
    session.exec(select(sa.func.pg_advisory_xact_lock_shared(_LOCK)))
    return next_epoch(session)


def next_epoch(session: Session) -> int:
    """One more than the last clearing's epoch."""
    return (session.exec(select(sa.func.max(ClearingRow.epoch))).one() or 0) + 1


def last(session: Session) -> ClearingRow | None:
    """The last clearing."""
    return session.exec(select(ClearingRow).order_by(col(ClearingRow.epoch).desc()).limit(1)).first()


def get(session: Session, epoch: int) -> ClearingRow:
    """One clearing. Raises MarketError(NOT_FOUND)."""
    row = session.get(ClearingRow, epoch)
    if row is None:
        raise MarketError(Reason.NOT_FOUND, f"there is no clearing {epoch}")
    return row


def of_document(session: Session, document: Hash) -> ClearingRow | None:
    """The clearing with this document, this book or this certificate."""
    columns = (col(ClearingRow.document), col(ClearingRow.book), col(ClearingRow.certificate))
    either = sa.or_(*(column == document for column in columns))
    return session.exec(select(ClearingRow).where(either).limit(1)).first()


def page(session: Session, before: int | None, limit: int) -> list[ClearingRow]:
    """Clearings before an epoch, newest first."""
    query = select(ClearingRow).order_by(col(ClearingRow.epoch).desc()).limit(limit)
    return list(session.exec(query if before is None else query.where(ClearingRow.epoch < before)))
