"""`/capacity`: what the fleet has on offer by region and tier, and what rounds cleared at. For everyone."""

from typing import Annotated

from fastapi import APIRouter, Query

from market.api.access import Public
from market.api.context import Market, Wanted
from market.db.queries import capacity
from market.db.tables.clear import CapacityRow, ClearingRow
from market.services.step import step
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Uint64
from suanli.protocol.wire.capacity import Capacity
from suanli.protocol.wire.clearings import RoundPrice, RoundPrices
from suanli.protocol.wire.common import Page

router = APIRouter(prefix="/capacity", tags=["capacity"])


@router.get("", dependencies=[Public], summary="See the fleet of the last round")
def see_capacity(runtime: Market) -> Capacity:
    """Nodes, slots, prices and scarcity by region and tier."""
    with step(runtime) as session:
        row = capacity.last(session)
        if row is None:
            raise MarketError(Reason.NOT_FOUND, "no round has been kept yet")
        return row.view


@router.get("/history", dependencies=[Public], summary="See the fleet of past rounds")
def list_capacity(runtime: Market, part: Wanted) -> Page[Capacity]:
    """Newest first; `after` is an epoch."""
    before = part.after_number()
    with step(runtime) as session:
        rows = capacity.page(session, before, part.limit)
        return part.page(rows, _view, lambda row: row.epoch)


@router.get("/prices", dependencies=[Public], summary="See what rounds cleared at")
def list_prices(
    runtime: Market,
    rounds: Annotated[int, Query(ge=1, le=1000, description="how many epochs with a lease")] = 20,
    until: Annotated[Uint64 | None, Query(description="none after this epoch")] = None,
) -> RoundPrices:
    """The last epochs with a lease, the newest first: of each dimension the upper median of lease prices."""
    with step(runtime) as session:
        return RoundPrices(items=[_price(row) for row in capacity.priced_rounds(session, until, rounds)])


def _view(row: CapacityRow) -> Capacity:
    return row.view


def _price(row: ClearingRow) -> RoundPrice:
    if row.prices is None:
        raise TypeError("a priced round has prices")
    return RoundPrice(
        epoch=row.epoch, at=row.at, leases=row.matches, waiting=row.non_matches, prices=row.prices
    )
