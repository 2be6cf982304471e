"""`/batches` in public, and `/settlement`: proposals that parties fetch, check and sign."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session

from market.api.access import Account, Caller, Public
from market.api.context import HashPath, Market, Wait, Wanted, now
from market.api.waiting import wait_for
from market.db.queries import settlement
from market.db.tables.settle import BatchRow
from market.services import cosign, statements
from market.services.settle import party_topic
from market.services.step import step
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.common import Explanation, Page
from suanli.protocol.wire.settlement import BatchProposal, BatchView, CoSignature, Refusal, StatementProposal

router = APIRouter(tags=["settlement"])

_Party = Annotated[Address, Query(description="the account or node whose signature is asked for")]


@router.get("/batches", dependencies=[Public], summary="List netting batches")
def list_batches(runtime: Market, part: Wanted) -> Page[BatchView]:
    """Newest first, with how far each one is."""
    after = part.after_number()
    with step(runtime) as session:
        rows = settlement.batch_page(session, after, part.limit)
        return part.page(rows, lambda row: cosign.batch_view(session, row), lambda row: row.number)


@router.get("/batches/{id}", dependencies=[Public], summary="See a netting batch")
def see_batch(id: HashPath, runtime: Market) -> BatchView:
    """Its tasks in packed form, its parties, and the transaction that landed it."""
    with step(runtime) as session:
        row = session.get(BatchRow, id)
        if row is None:
            raise MarketError(Reason.NOT_FOUND, f"there is no batch {id}")
        return cosign.batch_view(session, row)


@router.get("/settlement/batches", summary="Fetch the batches that wait for your signature")
async def waiting_batches(
    party: _Party, caller: Account, runtime: Market, wait: Wait = 0
) -> list[BatchProposal]:
    """For the party itself or its delegate. Check each against your own books, then sign or refuse."""

    def look(session: Session) -> list[BatchProposal]:
        cosign.check_may_act(session, caller.address, party, now())
        return cosign.waiting_for(session, party)

    return await wait_for(runtime, party_topic(party), wait, look, bool)


@router.post("/settlement/batches/{id}/signatures", status_code=204, summary="Sign a batch")
def sign_batch(id: HashPath, request: CoSignature, caller: Account, runtime: Market) -> None:
    """The party's signature of the Netting, or its delegate's. The last signature sends the batch off."""
    with step(runtime) as session:
        _check_party(session, caller, request.party)
        cosign.sign_batch(session, runtime, id, request.party, request.signature, now())


@router.post("/settlement/batches/{id}/refusals", status_code=204, summary="Refuse a batch")
def refuse_batch(id: HashPath, request: Refusal, caller: Account, runtime: Market) -> None:
    """Your books differ: your receipts leave the batch, and the rest is proposed anew."""
    with step(runtime) as session:
        _check_party(session, caller, request.party)
        cosign.refuse_batch(session, runtime, id, request.party, _why(request), now())


@router.get("/settlement/statements", summary="Fetch the statements that wait for your signature")
async def waiting_statements(
    party: _Party, caller: Account, runtime: Market, wait: Wait = 0
) -> list[StatementProposal]:
    """Lists of receipts between one buyer and one node, over what netting left over."""

    def look(session: Session) -> list[StatementProposal]:
        cosign.check_may_act(session, caller.address, party, now())
        return statements.waiting_for(session, party)

    return await wait_for(runtime, party_topic(party), wait, look, bool)


@router.post("/settlement/statements/{id}/signatures", status_code=204, summary="Sign a statement")
def sign_statement(id: HashPath, request: CoSignature, caller: Account, runtime: Market) -> None:
    """The buyer's, its delegate's or its contract's signature, or the node's."""
    with step(runtime) as session:
        _check_party(session, caller, request.party)
        statements.sign_statement(session, runtime, id, request.party, request.signature, now())


@router.post("/settlement/statements/{id}/refusals", status_code=204, summary="Refuse a statement")
def refuse_statement(id: HashPath, request: Refusal, caller: Account, runtime: Market) -> None:
    """Your books differ: the statement ends, with your reason."""
    with step(runtime) as session:
        _check_party(session, caller, request.party)
        statements.refuse_statement(session, id, request.party, _why(request), now())


def _check_party(session: Session, caller: Caller, party: Address) -> None:
    cosign.check_may_act(session, caller.address, party, now())


def _why(request: Refusal) -> Explanation:
    """The refusal's reason; one that we do not know is kept in its words."""
    if request.reason in Reason.__members__:
        return Explanation(reason=Reason(request.reason), detail=request.detail)
    return Explanation(reason=Reason.BATCH_MISMATCH, detail=f"{request.reason}: {request.detail}")
