"""Limits on what anyone may send: bytes per body, requests per minute.

Both stand before routing, so that nothing is parsed, stored or looked up for a request over the limit.
"""

import hashlib
import math
import re
import time
from collections import Counter

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market.api.errors import problem
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason

WINDOW_SECONDS = 60
ADDRESS_FACTOR = 10
_DUTIES = re.compile(r"/v\d+/(nodes/[^/]+/heartbeat|leases/[^/]+/(start|receipt|handback))")


class BodyLimit:
    """Refuses bodies over a limit, by their stated length or, where that is missing, as they come in."""

    def __init__(self, app: ASGIApp, maximum_bytes: int, prefix: str, prefix_maximum_bytes: int) -> None:
        self._app = app
        self._maximum, self._prefix, self._prefix_maximum = maximum_bytes, prefix, prefix_maximum_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        most = self._prefix_maximum if scope["path"].startswith(self._prefix) else self._maximum
        stated = Headers(scope=scope).get("content-length", "0")
        if stated.isdigit() and int(stated) > most:
            return await problem(_too_large(most))(scope, receive, send)
        return await self._app(scope, _counted(receive, most), send)


def _counted(receive: Receive, most: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, _too_large(most).detail)
        return message

    return counted


def _too_large(most: int) -> MarketError:
    return MarketError(Reason.BODY_TOO_LARGE, f"a body has at most {most} bytes", maximum=most)


class RateLimit:
    """Refuses requests over a number per minute of one token, and over ten times that of one address.

    The second bound holds whoever makes tokens up; the first lets many agents share an address. What a node
    must say in time (that it lives, what became of its leases) is counted apart from all else.
    """

    def __init__(self, app: ASGIApp, requests_per_minute: int) -> None:
        self._app = app
        self._most = requests_per_minute
        self._window = 0
        self._counts: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or self._admit(scope):
            return await self._app(scope, receive, send)
        wait = math.ceil(WINDOW_SECONDS - time.monotonic() % WINDOW_SECONDS)
        detail = f"more than {self._most} requests in {WINDOW_SECONDS} s"
        refusal = problem(MarketError(Reason.RATE_LIMITED, detail), {"Retry-After": str(wait)})
        return await refusal(scope, receive, send)

    def _admit(self, scope: Scope) -> bool:
        window = int(time.monotonic() // WINDOW_SECONDS)
        if window != self._window:
            self._window, self._counts = window, Counter()
        address, token = _address(scope), Headers(scope=scope).get("authorization")
        bucket = "duties" if _DUTIES.fullmatch(scope["path"]) else "all"
        if token is None:
            return self._count(f"{bucket} of {address}", self._most)
        by_token = hashlib.sha256(token.encode()).hexdigest()
        within = self._count(f"{bucket} signed in at {address}", self._most * ADDRESS_FACTOR)
        return within and self._count(f"{bucket} of {by_token}", self._most)

    def _count(self, caller: str, most: int) -> bool:
        self._counts[caller] += 1
        return self._counts[caller] <= most


def _address(scope: Scope) -> str:
    client: tuple[str, int] | None = scope.get("client")
    return client[0] if client else ""
