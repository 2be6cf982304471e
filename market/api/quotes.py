"""`/quotes`: what a job would cost, before anything is signed or paid."""

from fastapi import APIRouter

from market.api.access import Public
from market.api.context import Market, now
from market.services import quote
from market.services.step import step
from suanli.protocol.wire.jobs import Quote, QuoteRequest

router = APIRouter(tags=["quotes"])


@router.post("/quotes", dependencies=[Public], summary="Ask for a price")
def ask_quote(request: QuoteRequest, runtime: Market) -> Quote:
    """The price by dimension, the fee and the cap, and which rule excludes how many nodes."""
    with step(runtime) as session:
        return quote.quote(session, runtime, request, now())
