"""`/clearings`: every epoch's book and outcome, so that anyone can repeat the decision."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from market.api.access import Public
from market.api.context import Market, Wanted
from market.db.queries import clearings
from market.db.tables.clear import ClearingRow
from market.services.step import step
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.clearings import ClearingView
from suanli.protocol.wire.common import Page

router = APIRouter(prefix="/clearings", tags=["clearings"])

_EPOCH = re.compile(r"[0-9]{1,18}")
_DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}}, "description": "The document, byte for byte."}
}


def view(row: ClearingRow) -> ClearingView:
    """An epoch in a list."""
    return ClearingView(**row.model_dump(exclude={"verdict"}))


@router.get("", dependencies=[Public], summary="List clearings")
def list_clearings(runtime: Market, part: Wanted) -> Page[ClearingView]:
    """Newest first; epochs in which nothing changed are not kept."""
    before = part.after_number()
    with step(runtime) as session:
        rows = clearings.page(session, before, part.limit)
        return part.page(rows, view, lambda row: row.epoch)


@router.get("/{id}", dependencies=[Public], summary="Get a clearing", responses=_DOCUMENT)
def get_clearing(
    id: Annotated[str, Path(description="an epoch, or the hash of its document or its book", max_length=66)],
    runtime: Market,
) -> Response:
    """The clearing document of an epoch; by hash, that document or book."""
    with step(runtime) as session:
        if _EPOCH.fullmatch(id):
            blob = clearings.get(session, int(id)).document
        elif clearings.of_document(session, id.lower()) is not None:
            blob = id.lower()
        else:
            raise MarketError(Reason.NOT_FOUND, f"there is no clearing {id}")
    with runtime.blobs.open(blob) as document:
        return Response(document.read(), media_type="application/json")
