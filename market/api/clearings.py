"""`/clearings`: every epoch's book and outcome, so that anyone can repeat the decision."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from sqlmodel import Session

from market.api.access import Public
from market.api.context import Market, Wanted
from market.db.queries import anchors, clearings
from market.db.tables.clear import ClearingRow
from market.services.accounts import intent_view
from market.services.anchor import intent_of
from market.services.step import step
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.clearings import AnchorView, ClearingView
from suanli.protocol.wire.common import Page, Signed

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
    id: Annotated[
        str, Path(description="an epoch, or the hash of its document, book or evidence", max_length=66)
    ],
    runtime: Market,
) -> Response:
    """The clearing document of an epoch; by hash, that document, book or anchor's evidence."""
    with step(runtime) as session:
        if _EPOCH.fullmatch(id):
            blob = clearings.get(session, int(id)).document
        elif _is_document(session, id.lower()):
            blob = id.lower()
        else:
            raise MarketError(Reason.NOT_FOUND, f"there is no clearing {id}")
    with runtime.blobs.open(blob) as document:
        return Response(document.read(), media_type="application/json")


@router.get("/{epoch}/anchor", dependencies=[Public], summary="Get a clearing's anchor")
def get_anchor(epoch: Annotated[int, Path(ge=0, lt=1 << 63)], runtime: Market) -> AnchorView:
    """The operator's signed commitment to an epoch, and how far it has come on chain."""
    with step(runtime) as session:
        row = anchors.get(session, epoch)
        intent = intent_of(session, row)
        return AnchorView(
            anchor=Signed(message=row.message, signature=row.signature),
            operator=runtime.operator.address,
            intent=None if intent is None else intent_view(intent),
        )


def _is_document(session: Session, id: Hash) -> bool:
    return clearings.of_document(session, id) is not None or anchors.of_evidence(session, id) is not None
