"""A challenge: somebody else's allocation of an epoch's book, said to be feasible and better. Pure."""

from pydantic import BaseModel, ConfigDict, ValidationError

from suanli.protocol.documents import Document
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash, Uint32, Uint64


class ProposedMatch(BaseModel):
    """One copy of a task, by its attempt in the book, at one node."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    order: Hash
    task: Uint32
    attempt: Uint32
    node: Address


class Challenge(Document):
    """All matches of the better allocation of the book with this content hash; copies left out wait."""

    epoch: Uint64
    book: Hash
    matches: tuple[ProposedMatch, ...]


def read_challenge(data: bytes | str) -> Challenge:
    """The challenge in JSON text. Raises ProtocolError(DOCUMENT_MALFORMED)."""
    try:
        return Challenge.parse(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "challenge"
        raise ProtocolError(Reason.DOCUMENT_MALFORMED, f"{field}: {first['msg']}") from error
