"""`/quotes`: what a job would cost, before anything is signed or paid."""

from typing import Annotated

from fastapi import APIRouter, Body

from market.api.access import Public
from market.api.context import Market, now
from market.services import quote
from market.services.step import step
from suanli.protocol.wire.jobs import Quote, QuoteRequest

router = APIRouter(tags=["quotes"])


_EXAMPLE = {
    "tasks": 24,
    "policy": 1,
    "replicas": 2,
    "limits": {
        "fuel": "20000000000",
        "memoryBytes": "268435456",
        "inputBytes": "16777216",
        "outputBytes": "4194304",
        "wallSeconds": 120,
    },
    "maximum_prices": {"fuel": "2000000", "memoryFuel": "500000", "ingress": "100000", "egress": "100000"},
    "budget": "5000000",
    "deadline": "1900000000",
}


@router.post("/quotes", dependencies=[Public], summary="Ask for a price")
def ask_quote(
    request: Annotated[QuoteRequest, Body(openapi_examples={"a photo job": {"value": _EXAMPLE}})],
    runtime: Market,
) -> Quote:
    """The price by dimension, the fee and the cap, and which rule excludes how many nodes."""
    with step(runtime) as session:
        return quote.quote(session, runtime, request, now())
