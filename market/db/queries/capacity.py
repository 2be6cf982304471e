"""What the fleet had on offer, and what rounds cleared at, newest first."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.db.tables.clear import CapacityRow, ClearingRow


def last(session: Session) -> CapacityRow | None:
    """The newest."""
    return session.exec(select(CapacityRow).order_by(col(CapacityRow.epoch).desc()).limit(1)).first()


def page(session: Session, before: int | None, limit: int) -> list[CapacityRow]:
    """Those before an epoch, newest first."""
    query = select(CapacityRow).order_by(col(CapacityRow.epoch).desc()).limit(limit)
    return list(session.exec(query if before is None else query.where(CapacityRow.epoch < before)))


def forget_before(session: Session, epoch: int) -> None:
    """Drops the rows of epochs before `epoch`."""
    session.execute(sa.delete(CapacityRow).where(col(CapacityRow.epoch) < epoch))


def priced_rounds(session: Session, until: int | None, limit: int) -> list[ClearingRow]:
    """The clearings with a lease up to epoch `until`, newest first."""
    query = select(ClearingRow).where(col(ClearingRow.prices).is_not(None))
    if until is not None:
        query = query.where(ClearingRow.epoch <= until)
    return list(session.exec(query.order_by(col(ClearingRow.epoch).desc()).limit(limit)))
