"""Messages that the market's relayer carries to the chain: send, then wait for their fate."""

import time

from pydantic import BaseModel

from suanli.client.connection import Connection
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import Intent, IntentState

_POLL_SECONDS = 0.3


def relay(connection: Connection, what: str, body: BaseModel, wait_seconds: float = 120.0) -> Intent:
    """Hand a signed message to `/relay/{what}` and wait until the chain has confirmed it.

    Raises ChainError(CONTRACT_REVERTED | CHAIN_UNREACHABLE).
    """
    intent = connection.post(f"/relay/{what}", body, Intent, repeatable=True)
    deadline = time.monotonic() + wait_seconds
    while intent.state not in (IntentState.CONFIRMED, IntentState.FAILED):
        if time.monotonic() > deadline:
            detail = f"intent {intent.id} is still {intent.state.value} after {wait_seconds:.0f} s"
            raise ChainError(Reason.CHAIN_UNREACHABLE, detail, intent=intent.id)
        time.sleep(_POLL_SECONDS)
        intent = connection.get(f"/intents/{intent.id}", Intent)
    if intent.state is IntentState.FAILED:
        failure = intent.failure
        reason = failure.reason if failure else Reason.CONTRACT_REVERTED
        detail = failure.detail if failure else "the transaction failed"
        raise ChainError(reason, detail, intent=intent.id)
    return intent
