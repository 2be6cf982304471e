"""`/auth` and `/api-keys`: signing in with a key (EIP-4361), and keys for programs."""

from typing import Annotated

from fastapi import APIRouter, Body, Path

from market.api.access import Account, Public
from market.api.context import EXAMPLE_ADDRESS, Market, Wanted, now
from market.db.queries import access
from market.services import auth
from market.services.step import step
from suanli.protocol.wire.accounts import (
    ApiKey,
    ApiKeyRequest,
    Challenge,
    ChallengeRequest,
    Session,
    SessionRequest,
)
from suanli.protocol.wire.common import Page

router = APIRouter(tags=["auth"])


@router.post("/auth/challenge", dependencies=[Public], summary="Ask for a text to sign in with")
def ask_challenge(
    request: Annotated[
        ChallengeRequest, Body(openapi_examples={"address": {"value": {"address": EXAMPLE_ADDRESS}}})
    ],
    runtime: Market,
) -> Challenge:
    """An EIP-4361 text for an address; sign it as a personal message (EIP-191)."""
    with step(runtime) as session:
        return auth.challenge(session, runtime, request.address, now())


@router.post("/auth/session", dependencies=[Public], summary="Sign in")
def sign_in(request: SessionRequest, runtime: Market) -> Session:
    """A bearer token for whoever signed the text. Each text works once."""
    with step(runtime) as session:
        return auth.open_session(session, runtime, request, now())


@router.post("/api-keys", status_code=201, summary="Make an API key")
def make_key(request: ApiKeyRequest, caller: Account, runtime: Market) -> ApiKey:
    """A key that stands for your account until you delete it. It is shown only once."""
    with step(runtime) as session:
        return auth.make_api_key(session, caller.address, request.name, now())


@router.get("/api-keys", summary="List your API keys")
def list_keys(caller: Account, runtime: Market, part: Wanted) -> Page[ApiKey]:
    """Your keys, without their secrets."""
    with step(runtime) as session:
        rows = access.keys_of(session, caller.address, part.after, part.limit)
        return part.page(rows, auth.view_of_key, lambda row: row.id)


@router.delete("/api-keys/{id}", status_code=204, summary="Delete an API key")
def delete_key(id: Annotated[str, Path(max_length=64)], caller: Account, runtime: Market) -> None:
    """From now on the key signs nobody in."""
    with step(runtime) as session:
        auth.delete_api_key(session, caller.address, id)
