"""Signing and recovering of messages with secp256k1 keys, as EIP-2098 compact signatures.

Holds no keys and asks no chain: contract accounts (ERC-1271) are checked where a chain is at hand.
"""

from functools import lru_cache

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature as _BadSignature
from eth_utils.exceptions import ValidationError as _ValidationError

from suanli.protocol.eip712 import Domain, Message
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_COMPACT_LENGTH = 64
_FULL_LENGTH = 65
_REMEMBERED = 4096


def sign(account: LocalAccount, domain: Domain, message: Message) -> str:
    """The account's 64-byte EIP-2098 signature of `message` for `domain`, as 0x-hex."""
    signed = Account.unsafe_sign_hash(domain.digest(message), account.key)
    return "0x" + compact(signed.r, signed.s, signed.v - 27).hex()


def recover(domain: Domain, message: Message, signature: str) -> Address:
    """The address whose key signed `message`. Raises ProtocolError(SIGNATURE_INVALID)."""
    return recover_digest(domain.digest(message), signature)


def recover_digest(digest: bytes, signature: str) -> Address:
    """The address whose key signed a 32-byte digest (64 or 65 bytes as 0x-hex, low s only)."""
    return _recovered(digest, signature)


@lru_cache(maxsize=_REMEMBERED)
def _recovered(digest: bytes, signature: str) -> Address:
    """Remembers answers: the same order, ask and terms stand behind every task of a job."""
    r, s, parity = _split(signature)
    if s > _HALF_ORDER:
        raise ProtocolError(Reason.SIGNATURE_INVALID, "the signature is malleable (high s)")
    try:
        key = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(digest)
    except (_BadSignature, _ValidationError) as error:
        raise ProtocolError(Reason.SIGNATURE_INVALID, f"no key fits the signature: {error}") from error
    return key.to_checksum_address()


def compact(r: int, s: int, parity: int) -> bytes:
    """EIP-2098: r, then s with the parity of y in its highest bit."""
    return r.to_bytes(32, "big") + (s | parity << 255).to_bytes(32, "big")


def compacted(signature: str) -> str:
    """A 64- or 65-byte signature in its 64-byte EIP-2098 form. Raises ProtocolError(SIGNATURE_INVALID)."""
    return "0x" + compact(*_split(signature)).hex()


def _split(signature: str) -> tuple[int, int, int]:
    try:
        raw = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError as error:
        raise ProtocolError(Reason.SIGNATURE_INVALID, "the signature is not hex") from error
    if len(raw) == _COMPACT_LENGTH:
        word = int.from_bytes(raw[32:], "big")
        return int.from_bytes(raw[:32], "big"), word & ((1 << 255) - 1), word >> 255
    if len(raw) == _FULL_LENGTH and raw[64] in (0, 1, 27, 28):
        return int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:64], "big"), raw[64] % 27
    raise ProtocolError(Reason.SIGNATURE_INVALID, "a signature is 64 or 65 bytes")
