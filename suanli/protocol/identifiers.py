"""Identifiers (算力标识): `urn:suanli:<chain id>:<kind>:<hash or address>`, and `:<index>` more for a task.

Pure: parses and prints. What an urn points to is looked up elsewhere and checked against its value.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

_PATTERN = re.compile(
    r"^urn:suanli:(?P<chain>[1-9][0-9]{0,18}):(?P<kind>[a-z]+):(?P<value>0x[0-9a-fA-F]+)(?::(?P<index>0|[1-9][0-9]{0,9}))?$"
)


class UrnKind(StrEnum):
    """What an urn names, and so what its value is."""

    NODE = "node"
    """The node key's address."""
    ACCOUNT = "account"
    """The address of a buyer or an owner."""
    FUNCTION = "function"
    """The SHA-256 of a module."""
    DATA = "data"
    """The SHA-256 of a blob or document."""
    JOB = "job"
    """The struct hash of the order."""
    TASK = "task"
    """The struct hash of the order, and the task's index."""
    LEASE = "lease"
    RECEIPT = "receipt"
    BATCH = "batch"
    """The struct hash of the Netting."""
    CLEARING = "clearing"
    """The SHA-256 of the clearing document."""
    TRANSACTION = "transaction"


ADDRESS_KINDS = frozenset({UrnKind.NODE, UrnKind.ACCOUNT})
CONTENT_KINDS = frozenset({UrnKind.FUNCTION, UrnKind.DATA, UrnKind.CLEARING})
"""Kinds whose value is the SHA-256 of the content itself."""


@dataclass(frozen=True, slots=True)
class Urn:
    """One thing on one chain. `index` is the task's number, for tasks only."""

    chain_id: int
    kind: UrnKind
    value: Hash | Address
    index: int | None = None

    def __post_init__(self) -> None:
        if self.chain_id < 1 or (self.index is not None) != (self.kind is UrnKind.TASK):
            raise _unknown(f"{self}", "only a task has an index, and a chain id is positive")

    def __str__(self) -> str:
        index = "" if self.index is None else f":{self.index}"
        return f"urn:suanli:{self.chain_id}:{self.kind.value}:{self.value}{index}"


def make_urn(chain_id: int, kind: UrnKind, value: str, index: int | None = None) -> Urn:
    """The urn of something, its value in normal form. Raises ProtocolError(URN_UNKNOWN)."""
    adapter = _ADDRESS if kind in ADDRESS_KINDS else _HASH
    try:
        return Urn(chain_id, kind, adapter.validate_python(value), index)
    except ValidationError as error:
        raise _unknown(value, error.errors()[0]["msg"]) from error


def parse_urn(text: str) -> Urn:
    """The urn in a text. Raises ProtocolError(URN_UNKNOWN)."""
    match = _PATTERN.match(text.strip())
    if match is None or match["kind"] not in set(UrnKind):
        raise _unknown(text, f"expected urn:suanli:<chain id>:<{'|'.join(UrnKind)}>:<hash or address>")
    index = None if match["index"] is None else int(match["index"])
    return make_urn(int(match["chain"]), UrnKind(match["kind"]), match["value"], index)


def _unknown(text: str, why: str) -> ProtocolError:
    return ProtocolError(Reason.URN_UNKNOWN, f"{text[:120]!r} is not an urn of Suanli: {why}")


_HASH: TypeAdapter[str] = TypeAdapter(Hash)
_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)
