"""HTTP to a market: signs in with a key (EIP-4361), signs in again when the session ends, translates errors.

Every failure is a NodeError: MARKET_UNREACHABLE for the network and the market's own trouble (try again),
else the market's reason.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from pydantic import BaseModel, TypeAdapter, ValidationError

from provider_agent.sign_in import check_sign_in
from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire import accounts
from suanli.protocol.wire.common import API_PREFIX, Problem

B = TypeVar("B", bound=BaseModel)
R = TypeVar("R")

_TIMEOUT = httpx.Timeout(10.0, read=40.0, write=60.0)
_CHUNK = 1 << 18
_UNAUTHORISED = 401
_TRANSIENT = frozenset(
    {Reason.MARKET_UNREACHABLE, Reason.RATE_LIMITED, Reason.NOT_AUTHENTICATED, Reason.NOT_AUTHORISED}
)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0


async def until_answered(ask: Callable[[], Awaitable[R]]) -> R:
    """The answer to a request that may be repeated; waits as long as network or market are in trouble."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return await ask()
        except NodeError as error:
            if error.reason not in _TRANSIENT:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


class MarketHttp:
    """Requests to one market in the name of one key."""

    def __init__(self, url: str, key: LocalAccount, chain_id: int) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._chain_id = chain_id
        self._http = httpx.AsyncClient(base_url=self._url + API_PREFIX, timeout=_TIMEOUT)
        self._token: str | None = None
        self._signing_in = asyncio.Lock()

    async def close(self) -> None:
        """Ends the connections."""
        await self._http.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: BaseModel | None = None,
        file: Path | None = None,
        query: Mapping[str, Any] | None = None,
        signed_in: bool = True,
    ) -> httpx.Response:
        """The answer to one request; its body is `body` as JSON or the bytes of `file`."""
        answer = await self._attempt(method, path, body, file, query, signed_in)
        if answer.status_code == _UNAUTHORISED and signed_in:
            self._token = None
            answer = await self._attempt(method, path, body, file, query, signed_in)
        if answer.is_error:
            raise problem(answer)
        return answer

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        """The answer to a GET, its body still to be read; errors included."""
        await self._sign_in()
        try:
            async with self._http.stream("GET", path, headers={**headers, **self._headers()}) as answer:
                if answer.is_error:
                    await answer.aread()
                if answer.status_code == _UNAUTHORISED:
                    self._token = None
                yield answer
        except httpx.HTTPError as error:
            raise _unreachable(error) from error

    async def _attempt(
        self,
        method: str,
        path: str,
        body: BaseModel | None,
        file: Path | None,
        query: Mapping[str, Any] | None,
        signed_in: bool,
    ) -> httpx.Response:
        if signed_in:
            await self._sign_in()
        headers, content = _content(body, file)
        headers |= self._headers()
        try:
            return await self._http.request(
                method, path, content=content, params=dict(query or {}), headers=headers
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(error) from error

    def _headers(self) -> dict[str, str]:
        return {} if self._token is None else {"Authorization": f"Bearer {self._token}"}

    async def _sign_in(self) -> None:
        async with self._signing_in:
            if self._token is not None:
                return
            request = accounts.ChallengeRequest(address=self._key.address)
            answer = await self.request("POST", "/auth/challenge", body=request, signed_in=False)
            text = parse(answer, accounts.Challenge).text
            check_sign_in(text, self._key.address, self._chain_id, self._url)
            signed = Account.sign_message(encode_defunct(text=text), self._key.key)
            opening = accounts.SessionRequest(text=text, signature="0x" + signed.signature.hex())
            answer = await self.request("POST", "/auth/session", body=opening, signed_in=False)
            self._token = parse(answer, accounts.Session).token


def parse(answer: httpx.Response, model: type[B]) -> B:
    """The answer's body. Raises NodeError(MESSAGE_MALFORMED)."""
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise _malformed(error) from error


def parse_list(answer: httpx.Response, model: type[B]) -> list[B]:
    """The answer's body, a list. Raises NodeError(MESSAGE_MALFORMED)."""
    try:
        return TypeAdapter(list[model]).validate_json(answer.content)  # type: ignore[valid-type]
    except ValidationError as error:
        raise _malformed(error) from error


def problem(answer: httpx.Response) -> NodeError:
    """What an answer that is no success says."""
    try:
        said = Problem.model_validate_json(answer.content)
    except ValidationError:
        gone = answer.status_code == httpx.codes.NOT_FOUND
        reason = Reason.NOT_FOUND if gone else Reason.MARKET_UNREACHABLE
        return NodeError(reason, f"the market answered HTTP {answer.status_code}")
    if answer.is_server_error:
        return NodeError(Reason.MARKET_UNREACHABLE, f"the market: {said.reason.value}: {said.detail}")
    return NodeError(said.reason, said.detail, **said.context)


def _content(body: BaseModel | None, file: Path | None) -> tuple[dict[str, str], Any]:
    if file is not None:
        size = str(file.stat().st_size)
        return {"Content-Length": size, "Content-Type": "application/octet-stream"}, _read(file)
    if body is not None:
        return {"Content-Type": "application/json"}, body.model_dump_json()
    return {}, None


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _malformed(error: ValidationError) -> NodeError:
    return NodeError(Reason.MESSAGE_MALFORMED, f"the market's answer is malformed: {error}")


def _unreachable(error: Exception) -> NodeError:
    return NodeError(Reason.MARKET_UNREACHABLE, f"the market does not answer: {error!r}")
