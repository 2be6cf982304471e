"""Every answer that is not a success has a `Problem` as its body; its reason decides the status.

Foreign errors are translated here, once.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from suanli.protocol.errors import MarketError, SuanliError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.common import Problem

log = structlog.get_logger()

DECLINED = 422
"""By a rule: the request is well-formed, and may succeed another time or in another form."""
STATUS: Mapping[Reason, int] = {
    Reason.SIGNATURE_INVALID: 400,
    Reason.SIGNER_MISMATCH: 400,
    Reason.WRONG_CHAIN: 400,
    Reason.WRONG_OPERATOR: 400,
    Reason.MESSAGE_MALFORMED: 400,
    Reason.MESSAGE_EXPIRED: 400,
    Reason.MESSAGE_REPLAYED: 400,
    Reason.DOCUMENT_MALFORMED: 400,
    Reason.URN_UNKNOWN: 400,
    Reason.HASH_MISMATCH: 400,
    Reason.NOT_AUTHENTICATED: 401,
    Reason.NOT_AUTHORISED: 403,
    Reason.NOT_FOUND: 404,
    Reason.EVIDENCE_MISSING: 404,
    Reason.STATE_CONFLICT: 409,
    Reason.LEASE_FENCED: 409,
    Reason.EPOCH_STALE: 409,
    Reason.CAPACITY_TAKEN: 409,
    Reason.BODY_TOO_LARGE: 413,
    Reason.NOT_THE_WRITER: 421,
    Reason.RATE_LIMITED: 429,
    Reason.INTERNAL: 500,
    Reason.CHAIN_UNREACHABLE: 503,
    Reason.DATABASE_UNREACHABLE: 503,
}
"""The statuses of reasons that are not DECLINED."""

_REASONS_OF_STATUS = {
    401: Reason.NOT_AUTHENTICATED,
    403: Reason.NOT_AUTHORISED,
    404: Reason.NOT_FOUND,
    405: Reason.NOT_FOUND,
    413: Reason.BODY_TOO_LARGE,
    429: Reason.RATE_LIMITED,
}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "Malformed, expired, replayed or wrongly signed."},
    401: {"model": Problem, "description": "Not signed in."},
    403: {"model": Problem, "description": "Not for this caller."},
    404: {"model": Problem, "description": "Not found."},
    409: {"model": Problem, "description": "In conflict with the present state."},
    413: {"model": Problem, "description": "The body is too large."},
    421: {"model": Problem, "description": "Another process decides this; its `url` is in the context."},
    422: {"model": Problem, "description": "Declined by a rule."},
    429: {"model": Problem, "description": "Too many requests; see Retry-After."},
    503: {"model": Problem, "description": "Chain or database cannot be reached."},
}
"""For the OpenAPI description of every route."""


def status_of(reason: Reason) -> int:
    """The HTTP status that goes with a reason."""
    return STATUS.get(reason, DECLINED)


def problem(error: SuanliError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer that says what went wrong."""
    return JSONResponse(error.to_json(), status_code=status_of(error.reason), headers=dict(headers or {}))


def handle_errors(app: FastAPI) -> None:
    """Makes every error of the application a Problem."""
    app.add_exception_handler(SuanliError, _declined)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(OperationalError, _database_gone)
    app.add_exception_handler(Exception, _unexpected)


async def _declined(request: Request, error: Exception) -> JSONResponse:
    return problem(_expect(SuanliError, error))


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    found = [_finding(one) for one in _expect(RequestValidationError, error).errors()]
    detail = f"{found[0]['where']}: {found[0]['what']}" if found else "the request is malformed"
    return problem(MarketError(Reason.MESSAGE_MALFORMED, detail, findings=found[:20]))


async def _of_framework(request: Request, error: Exception) -> JSONResponse:
    raised = _expect(HTTPException, error)
    reason = _REASONS_OF_STATUS.get(raised.status_code, Reason.MESSAGE_MALFORMED)
    body = MarketError(reason, f"{request.method} {request.url.path}: {raised.detail}").to_json()
    return JSONResponse(body, status_code=raised.status_code, headers=raised.headers)


async def _unstorable(request: Request, error: Exception) -> JSONResponse:
    log.info("unstorable value", path=request.url.path, error=str(_expect(DataError, error).orig))
    return problem(MarketError(Reason.MESSAGE_MALFORMED, "a text or number in the request cannot be stored"))


async def _database_gone(request: Request, error: Exception) -> JSONResponse:
    log.error("database unreachable", path=request.url.path, error=str(error))
    return problem(MarketError(Reason.DATABASE_UNREACHABLE, "the market's database does not answer"))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error", path=request.url.path, exc_info=error)
    return problem(MarketError(Reason.INTERNAL, "the market failed to answer; nothing has changed"))


def _finding(error: Any) -> dict[str, str]:
    where = ".".join(str(part) for part in error["loc"])
    return {"where": where[:200], "what": str(error["msg"])[:200]}


def _expect(kind: type[Any], error: Exception) -> Any:
    if not isinstance(error, kind):
        raise error
    return error
