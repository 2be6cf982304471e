"""`/clearings`: every epoch's book and outcome, so that anyone can repeat the decision."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from sqlmodel import Session

from market.api.access import Account, Public
from market.api.apart import apart
from market.api.context import Market, Wanted, now
from market.db.queries import anchors, challenges, clearings
from market.db.tables.clear import ClearingRow, RoundChallengeRow
from market.runtime import Runtime
from market.services.accounts import intent_view
from market.services.anchor import intent_of
from market.services.challenge import challenge
from market.services.step import step
from suanli.protocol.challenges import Challenge
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.clearings import AnchorView, ChallengeView, ClearingView
from suanli.protocol.wire.common import Page, Signed

router = APIRouter(prefix="/clearings", tags=["clearings"])

Epoch = Annotated[int, Path(ge=0, lt=1 << 63)]
_EPOCH = re.compile(r"[0-9]{1,18}")
_DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}}, "description": "The document, byte for byte."}
}


def view(row: ClearingRow) -> ClearingView:
    """An epoch in a list."""
    return ClearingView(**row.model_dump(exclude={"verdict", "prices"}))


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
        str,
        Path(description="an epoch, or the hash of one of its documents", max_length=66),
    ],
    runtime: Market,
) -> Response:
    """The clearing document of an epoch; by hash, that document or one that belongs to it: book, certificate,
    challenge, an anchor's evidence or leases.
    """
    with step(runtime) as session:
        if _EPOCH.fullmatch(id):
            blob = clearings.get(session, int(id)).document
        elif _is_document(session, id.lower()):
            blob = id.lower()
        else:
            raise MarketError(Reason.NOT_FOUND, f"there is no clearing {id}")
    return _document(runtime, blob)


@router.get(
    "/{epoch}/certificate", dependencies=[Public], summary="Get a clearing's certificate", responses=_DOCUMENT
)
def get_certificate(epoch: Epoch, runtime: Market) -> Response:
    """The proof of how near the optimum the epoch was cleared: check it with `suanli audit clearing`."""
    with step(runtime) as session:
        row = clearings.get(session, epoch)
        if row.certificate is None:
            raise MarketError(Reason.NOT_FOUND, f"clearing {epoch} has no certificate")
    return _document(runtime, row.certificate)


@router.get("/{epoch}/challenges", dependencies=[Public], summary="List challenges to a clearing")
def list_challenges(epoch: Epoch, runtime: Market) -> list[ChallengeView]:
    """The better allocations that somebody has shown, the best first."""
    with step(runtime) as session:
        row = clearings.get(session, epoch)
        return [_challenge_view(one, row) for one in challenges.of_epoch(session, epoch)]


@router.post("/{epoch}/challenges", status_code=201, summary="Show a better allocation")
async def give_challenge(epoch: Epoch, request: Challenge, caller: Account, runtime: Market) -> ChallengeView:
    """Takes any feasible allocation of the epoch's book that gains more than all that were known."""

    def judge() -> ChallengeView:
        with step(runtime) as session:
            row = clearings.get(session, epoch)
            kept = challenge(session, runtime, epoch, request, caller.address, now())
            return _challenge_view(kept, row)

    return await apart(judge)


@router.get("/{epoch}/anchor", dependencies=[Public], summary="Get a clearing's anchor")
def get_anchor(epoch: Epoch, runtime: Market) -> AnchorView:
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
    if session.get(RoundChallengeRow, id) is not None:
        return True
    return clearings.of_document(session, id) is not None or anchors.of_document(session, id) is not None


def _document(runtime: Runtime, blob: Hash) -> Response:
    with runtime.blobs.open(blob) as document:
        return Response(document.read(), media_type="application/json")


def _challenge_view(row: RoundChallengeRow, clearing: ClearingRow) -> ChallengeView:
    gain = row.welfare - (clearing.welfare or 0)
    return ChallengeView(**row.model_dump(), gain=gain)
