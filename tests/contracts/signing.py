"""Signing for the contract tests: brownie accounts sign the protocol's own messages and batches."""

from collections.abc import Mapping, Sequence
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from suanli.protocol.eip712 import Domain, Message, Struct
from suanli.protocol.netting import Batch, message, pack
from suanli.protocol.signatures import sign

NEVER = 2**40
"""An expiry that no test reaches, in seconds since the Unix epoch."""
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def key_of(account: Any) -> LocalAccount:
    """The key of a brownie account that was added by its private key."""
    return Account.from_key(account.private_key)


def signed(account: Any, domain: Domain, what: Message) -> bytes:
    """The 64-byte signature of `what` by `account`."""
    return bytes.fromhex(sign(key_of(account), domain, what)[2:])


def values(struct: Struct) -> tuple[Any, ...]:
    """A message as the tuple that a contract call takes."""
    return tuple(values(one) if isinstance(one, Struct) else one for one in dict(struct).values())


def batch_signatures(batch: Batch, domain: Domain, signers: Mapping[str, Any]) -> bytes:
    """The signatures of a batch: `signers` names the account that signs for each party."""
    parties = (*batch.buyers(), *batch.nodes())
    return b"".join(signed(signers[party], domain, message(batch)) for party in parties)


def settle_arguments(batch: Batch, domain: Domain, people: Sequence[Any]) -> tuple[bytes, bytes]:
    """What `settleBatch` takes when each party signs by its own key."""
    signers = {person.address: person for person in people}
    return pack(batch), batch_signatures(batch, domain, signers)


def full_length(signature: bytes) -> bytes:
    """The same signature in 65 bytes (r, s, v)."""
    word = int.from_bytes(signature[32:], "big")
    s, parity = word & ((1 << 255) - 1), word >> 255
    return signature[:32] + s.to_bytes(32, "big") + bytes([27 + parity])


def malleable_twin(signature: bytes) -> bytes:
    """The other signature of the same key over the same digest, with a high s, in 65 bytes."""
    full = full_length(signature)
    s = ORDER - int.from_bytes(full[32:64], "big")
    return full[:32] + s.to_bytes(32, "big") + bytes([27 + 28 - full[64]])
