"""Who may call a route: each depends on exactly one of the four classes below, and a test holds it to that.

A caller proves itself by `Authorization: Bearer` with a session's token (EIP-4361) or an API key.
"""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from market.api.context import now, runtime_of
from market.db.session import transaction
from market.db.tables.connect import NodeRow
from market.services.auth import address_of, hashed
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address


class Access(StrEnum):
    """The classes of access."""

    PUBLIC = "PUBLIC"
    """Anyone."""
    ACCOUNT = "ACCOUNT"
    """Anyone signed in: a buyer, an owner, a delegate, a node."""
    NODE = "NODE"
    """The key of a node that the market knows."""
    OPERATOR = "OPERATOR"
    """The operator's key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is signed in."""

    address: Address


LATELY_SECONDS = 10.0
"""For so long a token that has ended may still take and release."""
_LATELY_MAXIMUM = 10_000

_bearer = HTTPBearer(auto_error=False, description="A session's token or an API key.")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def public() -> None:
    """Lets anyone in."""


def signed_in(request: Request, credentials: _Credentials) -> Caller:
    """Lets in who carries a valid token. Raises MarketError(NOT_AUTHENTICATED)."""
    if credentials is None:
        raise MarketError(Reason.NOT_AUTHENTICATED, "sign in first: POST /v1/auth/challenge")
    with transaction(runtime_of(request).engine) as session:
        address = address_of(session, credentials.credentials, now())
    if address is None:
        raise MarketError(Reason.NOT_AUTHENTICATED, "the token is unknown or has expired: sign in again")
    return Caller(address)


async def signed_in_lately(request: Request, credentials: _Credentials) -> Caller:
    """As `signed_in`, but a token that was valid a moment ago is not looked up again."""
    lately: dict[str, tuple[Caller, float]] = request.app.state.lately
    token = "" if credentials is None else hashed(credentials.credentials)
    caller, until = lately.get(token, (None, 0.0))
    if caller is None or until < time.monotonic():
        caller = await run_in_threadpool(signed_in, request, credentials)
        if len(lately) >= _LATELY_MAXIMUM:
            lately.clear()
        lately[token] = caller, time.monotonic() + LATELY_SECONDS
    return caller


def node_key(request: Request, caller: Annotated[Caller, Depends(signed_in)]) -> Caller:
    """Lets in the keys of nodes. Raises MarketError(NOT_AUTHORISED)."""
    with transaction(runtime_of(request).engine) as session:
        if session.get(NodeRow, caller.address) is None:
            detail = f"{caller.address} is not the key of a node of this market; connect it first"
            raise MarketError(Reason.NOT_AUTHORISED, detail)
    return caller


def operator_key(request: Request, caller: Annotated[Caller, Depends(signed_in)]) -> Caller:
    """Lets in the operator. Raises MarketError(NOT_AUTHORISED)."""
    if caller.address != runtime_of(request).operator.address:
        raise MarketError(Reason.NOT_AUTHORISED, "this is the operator's")
    return caller


GATES = {
    public: Access.PUBLIC,
    signed_in: Access.ACCOUNT,
    signed_in_lately: Access.ACCOUNT,
    node_key: Access.NODE,
    operator_key: Access.OPERATOR,
}
"""The dependency that stands for each class of access."""

Public = Depends(public)
"""In a route's `dependencies`: anyone may call it."""
Account = Annotated[Caller, Depends(signed_in)]
"""A route's parameter: who is signed in."""
Recent = Annotated[Caller, Depends(signed_in_lately)]
"""A route's parameter: who is signed in, or was until a few seconds ago."""
Node = Annotated[Caller, Depends(node_key)]
"""A route's parameter: the signed-in node."""
Operator = Annotated[Caller, Depends(operator_key)]
"""A route's parameter: the signed-in operator."""


def check_own_node(caller: Caller, node: Address) -> None:
    """Raises MarketError(NOT_AUTHORISED) unless the caller is the very node."""
    if caller.address != node:
        raise MarketError(Reason.NOT_AUTHORISED, f"you are {caller.address}, not node {node}")
