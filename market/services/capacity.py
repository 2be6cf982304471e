"""Capacity: each clearing keeps one row of what the fleet had on offer; the oldest rows make room."""

from sqlmodel import Session

from market.core.capacity import capacity_of
from market.core.clearing import Cleared
from market.db.queries import capacity
from market.db.tables.clear import CapacityRow, ClearingRow
from market.runtime import Runtime


def keep(session: Session, runtime: Runtime, cleared: Cleared, row: ClearingRow) -> CapacityRow:
    """Stores a round's capacity."""
    view = capacity_of(cleared.decided, row.epoch, row.at)
    kept = CapacityRow(epoch=row.epoch, at=row.at, view=view)
    session.add(kept)
    capacity.forget_before(session, row.epoch - runtime.settings.capacity_rows_maximum)
    return kept
