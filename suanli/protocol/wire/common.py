"""What every stage's requests share: signed envelopes, pages, problems, events."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from suanli.protocol.eip712 import Message
from suanli.protocol.reasons import Reason
from suanli.protocol.values import SignatureHex

M = TypeVar("M", bound=Message)
T = TypeVar("T")

API_PREFIX = "/v1"


class Wire(BaseModel):
    """A body of a request or an answer; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Signed(Wire, Generic[M]):
    """A message with its signature (0x-hex, 64 or 65 bytes; longer for contract accounts)."""

    message: M
    signature: SignatureHex


class Page(Wire, Generic[T]):
    """A page of a list; `next` is the `after` of the following page, or null on the last."""

    items: list[T]
    next: str | None = None


class Problem(Wire):
    """The body of every answer that is not a success."""

    reason: Reason
    detail: str
    context: dict[str, Any] = {}


class Explanation(Wire):
    """A reason with the sentence that fits this case."""

    reason: Reason
    detail: str


class Health(Wire):
    """`GET /health`: `status` is "ok" while the database answers."""

    status: str
    indexed_block: int | None = None
    """The newest block of which the market knows everything."""
    outbox: int = 0
    """Transactions that are queued or on their way."""
    leaders: dict[str, bool] = {}
    """By loop: whether some process runs it now."""
