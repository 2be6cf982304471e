"""Messages, claims and challenges as the contracts take them, and as their events tell them. Pure."""

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from suanli.protocol.court import Challenge, Claim
from suanli.protocol.eip712 import Struct
from suanli.protocol.values import Hash

_HASH_LENGTH = 66


def raw(text: Hash) -> bytes:
    """The bytes of a hash or signature."""
    return bytes.fromhex(text[2:])


def hex_of(data: bytes) -> Hash:
    """The hash of some bytes in its written form."""
    return "0x" + bytes(data).hex()


def values_of(struct: Struct) -> tuple[Any, ...]:
    """A message as a contract call takes it."""
    return tuple(_coded(getattr(struct, name)) for name in type(struct).model_fields)


def claim_values(claim: Claim) -> tuple[Any, ...]:
    """A claim as a contract call takes it."""
    return tuple(_coded(value) for value in astuple(claim))


def challenge_values(challenge: Challenge) -> tuple[Any, ...]:
    """A challenge as a contract call takes it."""
    return astuple(challenge)


def claim_from(told: Mapping[str, Any]) -> Claim:
    """The claim that `ClaimOpened` told."""
    return Claim(*(_written(value) for value in told.values()))


def challenge_from(told: Mapping[str, Any]) -> Challenge:
    """The challenge that `ClaimChallenged` told."""
    return Challenge(*told.values())


def _coded(value: Any) -> Any:
    if isinstance(value, Struct):
        return values_of(value)
    return raw(value) if isinstance(value, str) and len(value) == _HASH_LENGTH else value


def _written(value: Any) -> Any:
    return hex_of(value) if isinstance(value, bytes) else value
