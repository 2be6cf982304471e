"""HTTP to one market: typed answers, typed errors, and retries while the market cannot be reached.

Knows wire bodies, but no job and no key; `sign_in` gives it a bearer token when an answer asks for one.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from suanli.protocol.errors import ClientError, MarketError, SuanliError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.common import API_PREFIX, Page, Problem

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
TokenSource = Callable[["Connection"], str]
Parameters = Mapping[str, str | int]

_TRANSIENT = frozenset({502, 503, 504})
_UNAUTHENTICATED = 401
_TOO_MANY = 429
_SIGN_IN_PATH = "/auth/"
_DETAIL_SHOWN = 200
_PAGE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try again, in seconds: waits double from `first` to `longest` until `total` is used up."""

    total: float = 30.0
    first: float = 0.2
    longest: float = 5.0

    def waits(self) -> Iterator[float]:
        """The waits between attempts, each shortened at random so that clients spread out."""
        wait, left = self.first, self.total
        while left > 0:
            yield min(left, wait * random.uniform(0.5, 1.0))
            left -= wait
            wait = min(wait * 2, self.longest)


class Connection:
    """Requests to the market at `url`; a request that may be repeated safely is retried."""

    def __init__(self, url: str, *, patience: Patience | None = None, long_poll_seconds: int = 20) -> None:
        self.url = httpx.URL(url.rstrip("/"))
        if self.url.scheme not in ("http", "https") or not self.url.host:
            raise ClientError(Reason.SETTINGS_INVALID, f"{url!r} is not the http(s) address of a market")
        timeout = httpx.Timeout(long_poll_seconds + 15.0, connect=5.0)
        self._http = httpx.Client(base_url=f"{self.url}{API_PREFIX}", timeout=timeout, trust_env=False)
        self.patience = patience or Patience()
        self._token: str | None = None
        self._signing_in = threading.RLock()
        self.token_source: TokenSource | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the sockets back."""
        self._http.close()

    def get(self, path: str, answer: type[M], **parameters: str | int) -> M:
        """`GET` an answer of a type. Raises MarketError with the market's reason, or ClientError."""
        return _parsed(self._send("GET", path, params=parameters), answer)

    def get_list(self, path: str, item: type[M], **parameters: str | int) -> list[M]:
        """`GET` a plain list."""
        return _parsed_as(self._send("GET", path, params=parameters), TypeAdapter(list[item]))  # type: ignore[valid-type]

    def get_text(self, path: str) -> str:
        """`GET` plain text."""
        return self._send("GET", path).text

    def pages(self, path: str, item: type[M]) -> Iterator[M]:
        """Every item of a list, page after page."""
        after: dict[str, str | int] = {}
        while True:
            response = self._send("GET", path, params={"limit": _PAGE_LIMIT, **after})
            page: Page[Any] = _parsed_as(response, TypeAdapter(Page[item]))  # type: ignore[valid-type]
            yield from page.items
            if page.next is None:
                return
            after = {"after": page.next}

    def post(self, path: str, body: BaseModel | None, answer: type[M], *, repeatable: bool = False) -> M:
        """`POST` a body or nothing; retried only when `repeatable` says that a repetition is harmless."""
        return _parsed(self._post(path, body, repeatable), answer)

    def post_only(self, path: str, body: BaseModel) -> None:
        """`POST` whose answer does not matter and whose repetition is harmless."""
        self._post(path, body, repeatable=True)

    def exists(self, path: str) -> bool:
        """Whether `HEAD` finds something."""
        try:
            self._send("HEAD", path)
        except SuanliError as error:
            if error.reason is Reason.NOT_FOUND:
                return False
            raise
        return True

    def put(self, path: str, chunks: Callable[[], Iterator[bytes]], size: int) -> None:
        """`PUT` streamed content of `size` bytes; `chunks` is called anew for each attempt."""
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        self._send("PUT", path, content=chunks, headers=headers)

    @contextmanager
    def stream(self, path: str, offset: int = 0) -> Iterator[httpx.Response]:
        """`GET` streamed content from byte `offset`; status 200 means that the market sends all of it."""
        if self._token is None:
            self._authenticate(None)
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        with self._translated(), self._http.stream("GET", path, headers=headers | self._bearer()) as response:
            if response.status_code == _UNAUTHENTICATED:
                self._token = None  # the next attempt signs in anew
            if response.is_error:
                response.read()
                raise _problem(response)
            yield response

    def _post(self, path: str, body: BaseModel | None, repeatable: bool) -> httpx.Response:
        content = None if body is None else body.model_dump_json().encode()
        headers = {"Content-Type": "application/json"}
        return self._send("POST", path, repeatable=repeatable, content=content, headers=headers)

    def _send(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool = True,
        headers: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> httpx.Response:
        token = self._token
        response = self._patiently(method, path, repeatable, headers or {}, rest)
        if response.status_code == _UNAUTHENTICATED and not path.startswith(_SIGN_IN_PATH):
            self._authenticate(token)
            response = self._patiently(method, path, repeatable, headers or {}, rest)
        if response.is_error:
            raise _problem(response)
        return response

    def _patiently(
        self, method: str, path: str, repeatable: bool, headers: Mapping[str, str], rest: dict[str, Any]
    ) -> httpx.Response:
        waits = self.patience.waits()
        while True:
            wait = next(waits, None)
            try:
                with self._translated():
                    response = self._once(method, path, headers, rest)
            except ClientError:
                if wait is None or not repeatable:
                    raise
            else:
                if wait is None or not _may_repeat(response, repeatable):
                    return response
                wait = max(wait, _retry_after(response))
            time.sleep(wait)

    def _once(
        self, method: str, path: str, headers: Mapping[str, str], rest: dict[str, Any]
    ) -> httpx.Response:
        content = rest.get("content")
        fresh = rest | {"content": content()} if callable(content) else rest
        return self._http.request(method, path, headers={**headers, **self._bearer()}, **fresh)

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _authenticate(self, stale: str | None) -> None:
        with self._signing_in:
            if self._token == stale and self.token_source is not None:
                self._token = self.token_source(self)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            detail = f"the market at {self.url} does not answer: {str(error) or type(error).__name__}"
            raise ClientError(Reason.MARKET_UNREACHABLE, detail) from error


def _may_repeat(response: httpx.Response, repeatable: bool) -> bool:
    return response.status_code == _TOO_MANY or (repeatable and response.status_code in _TRANSIENT)


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return min(float(text), 60.0) if text.isdigit() else 0.0


def _problem(response: httpx.Response) -> SuanliError:
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return _problem_of_status(response)
    error = MarketError(problem.reason, problem.detail)
    error.context = problem.context
    return error


def _problem_of_status(response: httpx.Response) -> SuanliError:
    reasons = {401: Reason.NOT_AUTHENTICATED, 403: Reason.NOT_AUTHORISED, 404: Reason.NOT_FOUND}
    reasons |= {413: Reason.BODY_TOO_LARGE, 429: Reason.RATE_LIMITED}
    reason = reasons.get(response.status_code, Reason.MARKET_UNREACHABLE)
    what = f"{response.request.method} {response.request.url.path}"
    return ClientError(reason, f"{what} was answered with status {response.status_code} and no reason")


def _parsed(response: httpx.Response, answer: type[M]) -> M:
    return _parsed_as(response, TypeAdapter(answer))


def _parsed_as(response: httpx.Response, adapter: TypeAdapter[T]) -> T:
    try:
        return adapter.validate_json(response.content)
    except ValidationError as error:
        detail = f"{response.request.url.path} was answered in another shape: {str(error)[:_DETAIL_SHOWN]}"
        raise ClientError(Reason.MESSAGE_MALFORMED, detail) from error
