"""Who signed a settlement: keys recovered, contracts asked (ERC-1271) at the settlement's block."""

from suanli.audit.chain import Chain
from suanli.audit.settled import Signer
from suanli.protocol.eip712 import Message
from suanli.protocol.errors import ProtocolError
from suanli.protocol.signatures import recover
from suanli.protocol.values import Address

SLOT_BYTES = 64
_NUMBER_BYTES = 16


def signer(chain: Chain, account: Address, message: Message, signature: str, block: int) -> Signer:
    """The recovered key, if there is one; a contract is asked when the key is not the account's own."""
    key = key_of(chain, message, signature)
    if key == account:
        return Signer(key)
    return Signer(key, chain.approves(account, chain.domain.digest(message), signature, block))


def key_of(chain: Chain, message: Message, signature: str) -> Address | None:
    """The key that signed, or None when the signature is no key's."""
    try:
        return recover(chain.domain, message, signature)
    except ProtocolError:
        return None


def batch_signers(
    chain: Chain, parties: tuple[Address, ...], message: Message, signatures: bytes, block: int
) -> tuple[Signer, ...]:
    """The signer of every party that has a slot; a slot that begins with a zero word points into the tail."""
    slots = range(0, min(len(signatures), len(parties) * SLOT_BYTES), SLOT_BYTES)
    found = []
    for party, at in zip(parties, slots, strict=False):
        slot = signatures[at : at + SLOT_BYTES]
        if any(slot[: SLOT_BYTES // 2]):
            found.append(Signer(key_of(chain, message, "0x" + slot.hex())))
        else:
            tail = "0x" + _pointed_to(slot, signatures).hex()
            digest = chain.domain.digest(message)
            found.append(Signer(approved=chain.approves(party, digest, tail, block)))
    return tuple(found)


def _pointed_to(slot: bytes, signatures: bytes) -> bytes:
    """The contract's signature: the slot ends with its offset and its length."""
    offset = int.from_bytes(slot[-2 * _NUMBER_BYTES : -_NUMBER_BYTES], "big")
    length = int.from_bytes(slot[-_NUMBER_BYTES:], "big")
    return signatures[offset : offset + length]
