"""`/quotes`: what a job would cost, before anything is signed or paid, and copies taken on the spot."""

import hashlib
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from market.api.access import Public, Recent
from market.api.apart import apart
from market.api.context import Market, runtime_of
from market.db.queries import decisions
from market.db.session import transaction
from market.runtime import Runtime
from market.services.quote import Quoting
from market.services.wakes import CLEARING
from market.writer.writer import Writer
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.jobs import Quote, QuoteRequest
from suanli.protocol.wire.quotes import (
    ITEMS_MAXIMUM,
    QuoteResults,
    ReleaseAnswer,
    ReleaseRequest,
    TakeAnswer,
    TakeRequest,
)

router = APIRouter(tags=["quotes"])

LOOK_AGAIN_SECONDS = 0.5
STREAMS_MAXIMUM = 200
"""Prices that one process watches at once; each is looked at twice a second."""
STREAM_SECONDS = 900
NDJSON = "application/x-ndjson"

_LIMITS = {
    "fuel": "20000000000",
    "memoryBytes": "268435456",
    "inputBytes": "16777216",
    "outputBytes": "4194304",
    "wallSeconds": 120,
}
_PRICES = {"fuel": "2000000", "memoryFuel": "500000", "ingress": "100000", "egress": "100000"}
_EXAMPLE = {
    "tasks": 24,
    "policy": 1,
    "replicas": 2,
    "limits": _LIMITS,
    "maximum_prices": _PRICES,
    "budget": "5000000",
    "deadline": "1900000000",
}
_TAKE = {
    "key": "job-17",
    "seconds": 30,
    "items": [{"limits": _LIMITS, "maximum_prices": _PRICES, "copies": 2}],
}

QuoteBody = Annotated[QuoteRequest, Body(openapi_examples={"a photo job": {"value": _EXAMPLE}})]


def quoting_of(request: Request) -> Quoting:
    """The floor that this process quotes from."""
    runtime = runtime_of(request)
    quoting: Quoting | None = getattr(request.app.state, "quoting", None)
    if quoting is None or quoting.runtime is not runtime:
        quoting = request.app.state.quoting = Quoting(runtime)
    return quoting


async def writer_of(request: Request) -> Writer:
    """The writer, if this process is it. Raises MarketError(NOT_THE_WRITER) with the writer's `url`."""
    writer: Writer | None = getattr(request.app.state, "writer", None)
    if writer is not None and writer.desk is not None:
        return writer
    url = await run_in_threadpool(_writer_url, runtime_of(request))
    detail = f"the writer is at {url}" if url else "there is no writer yet; try again"
    raise MarketError(Reason.NOT_THE_WRITER, detail, url=url)


def _streams_of(request: Request) -> set[object]:
    """The prices that are being watched in this process."""
    streams: set[object] | None = getattr(request.app.state, "quote_streams", None)
    if streams is None:
        streams = request.app.state.quote_streams = set()
    return streams


def _writer_url(runtime: Runtime) -> str:
    with transaction(runtime.engine) as session:
        return decisions.writer_url(session)


@router.post("/quotes", dependencies=[Public], summary="Ask for a price")
async def ask_quote(body: QuoteBody, request: Request) -> Quote:
    """The best node at once: the price by dimension, quality, fee and cap, who is second and what would be
    cheaper, and which rule excludes how many nodes.
    """
    quoting = quoting_of(request)
    return await apart(lambda: quoting.quote(body))


@router.post("/quotes/batch", dependencies=[Public], summary="Ask for many prices")
async def ask_quotes(
    body: Annotated[list[Any], Body(max_length=ITEMS_MAXIMUM)], request: Request
) -> QuoteResults:
    """Each element is a request as for a single quote; one that is wrong spoils no other."""
    quoting = quoting_of(request)
    return QuoteResults(items=await apart(lambda: [quoting.result(one) for one in body]))


@router.post(
    "/quotes/stream",
    dependencies=[Public],
    summary="Watch a price",
    response_class=StreamingResponse,
    responses={200: {"model": Quote, "description": "One quote per line (NDJSON)."}},
)
async def watch_quote(body: QuoteBody, request: Request, runtime: Market) -> StreamingResponse:
    """A line at once, and another whenever the best answer changes, until the deadline or for 15 minutes."""
    quoting, open_streams = quoting_of(request), _streams_of(request)
    if len(open_streams) >= STREAMS_MAXIMUM:
        detail = f"{STREAMS_MAXIMUM} prices are watched here already; ask by POST /quotes"
        raise MarketError(Reason.RATE_LIMITED, detail, maximum=STREAMS_MAXIMUM)
    first = await apart(lambda: quoting.quote(body))
    ends = min(body.deadline - 1, time.time() + STREAM_SECONDS)

    async def lines() -> AsyncIterator[bytes]:
        stream, last = object(), first
        open_streams.add(stream)
        try:
            yield _line(last)
            while time.time() < ends and not runtime.wakes.closed:
                await runtime.wakes.wait(CLEARING, LOOK_AGAIN_SECONDS)
                found = await apart(lambda: quoting.quote(body))
                if _said(found) != _said(last):
                    last = found
                    yield _line(last)
        finally:
            open_streams.discard(stream)

    return StreamingResponse(lines(), media_type=NDJSON)


@router.post("/quotes/take", summary="Take copies on the spot", response_model=TakeAnswer)
async def take(
    body: Annotated[TakeRequest, Body(openapi_examples={"two copies": {"value": _TAKE}})],
    request: Request,
    caller: Recent,
) -> Response:
    """Decides and holds at once, durably: each copy at the best node, or why not. The same key with the same
    bytes gets the same answer. Only the writer decides; another process says where it is.
    """
    writer, digest = await writer_of(request), hashlib.sha256(await request.body()).hexdigest()
    answer = await writer.take(caller.address, body, digest)
    return Response(answer, media_type="application/json")


@router.post("/quotes/release", summary="Give held copies back")
async def release(body: ReleaseRequest, request: Request, caller: Recent) -> ReleaseAnswer:
    """What an order has claimed stays; what is no open hold of the caller is left out of the answer."""
    writer = await writer_of(request)
    return ReleaseAnswer(released=await writer.release(caller.address, body.holds))


def _line(quote: Quote) -> bytes:
    return (quote.model_dump_json() + "\n").encode()


def _said(quote: Quote) -> tuple[object, ...]:
    """What a caller decides by."""
    return quote.best, quote.task_cap, quote.cap, quote.eligible, quote.runner_up and quote.runner_up.node
