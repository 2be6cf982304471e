"""Serials: the numbers of a node's leases, of which the contracts pay each at most once. Pure.

The contracts keep one bit per serial: bit `serial & 255` of word `serial >> 8` in the node's space, so that
nobody but the node can use its serials up. An award's tasks are numbered in the space of its reservation's
account. A statement names its serials as *marks*, the words that they touch:

    marks = (word u64 ‖ mask 32 B) for each word, ascending
"""

import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from eth_utils.crypto import keccak

from suanli.protocol.party_tables import mismatch
from suanli.protocol.values import Hash

SERIALS_PER_WORD = 256
MAXIMUM_SERIAL = (1 << 64) - 1
MAXIMUM_WORDS = 255
"""Of one node in a batch: how far its serials may lie apart, in words."""
NO_MARKS_HASH: Hash = "0x" + keccak(b"").hex()
"""The `marks` of a statement over nothing."""

_MARK = struct.Struct(">Q32s")


def word_of(serial: int) -> int:
    """The number of the word that holds the serial's bit."""
    return serial // SERIALS_PER_WORD


def mask_of(serial: int) -> int:
    """The serial's bit within its word."""
    return 1 << serial % SERIALS_PER_WORD


def masks_of(serials: Iterable[int]) -> dict[int, int]:
    """The mask of each word that the serials touch, words ascending.

    Raises ProtocolError(BATCH_MISMATCH) for a serial that stands there twice or does not fit uint64.
    """
    masks: dict[int, int] = defaultdict(int)
    for serial in serials:
        if not 0 <= serial <= MAXIMUM_SERIAL:
            raise mismatch(f"the serial {serial} does not fit uint64")
        if masks[word_of(serial)] & mask_of(serial):
            raise mismatch(f"the serial {serial} is marked twice")
        masks[word_of(serial)] |= mask_of(serial)
    return dict(sorted(masks.items()))


def serials_in(masks: Mapping[int, int]) -> tuple[int, ...]:
    """The serials that the masks mark, ascending."""
    return tuple(
        word * SERIALS_PER_WORD + bit
        for word, mask in sorted(masks.items())
        for bit in range(SERIALS_PER_WORD)
        if mask >> bit & 1
    )


def word_range(serials: Collection[int]) -> range:
    """The words from that of the least serial to that of the greatest; none for no serials."""
    return range(word_of(min(serials)), word_of(max(serials)) + 1) if serials else range(0)


def check_words(words: range) -> None:
    """Raises ProtocolError(BATCH_MISMATCH) unless a node in a batch can have these words."""
    if not 0 <= words.start <= word_of(MAXIMUM_SERIAL) or words.stop > word_of(MAXIMUM_SERIAL) + 1:
        raise mismatch("a node's serials do not fit uint64")
    if len(words) > MAXIMUM_WORDS:
        raise mismatch(f"a node's serials lie over {MAXIMUM_WORDS} words apart")


def marks_of(serials: Iterable[int]) -> bytes:
    """The packed marks of the serials, in any order. Raises ProtocolError as `masks_of` does."""
    return b"".join(_MARK.pack(word, mask.to_bytes(32, "big")) for word, mask in masks_of(serials).items())


def serials_of(marks: bytes) -> tuple[int, ...]:
    """The serials that packed marks name, ascending.

    Raises ProtocolError(BATCH_MISMATCH) where the contract would refuse them: words that do not ascend, an
    empty mask, bytes that are left over.
    """
    if len(marks) % _MARK.size:
        raise mismatch("the marks end within a word")
    pairs = [(word, int.from_bytes(mask, "big")) for word, mask in _MARK.iter_unpack(marks)]
    words = [word for word, _ in pairs]
    if words != sorted(set(words)) or not all(mask for _, mask in pairs):
        raise mismatch("the marks' words do not ascend, or one marks nothing")
    if words and words[-1] > word_of(MAXIMUM_SERIAL):
        raise mismatch("the marks name a serial that does not fit uint64")
    return serials_in(dict(pairs))


def marks_hash(marks: bytes) -> Hash:
    """keccak256 of packed marks: the `marks` field of `Statement`."""
    return "0x" + keccak(marks).hex()


def reference_of(receipt: Hash) -> str:
    """The first 16 bytes of a receipt's id, which stand for it in a packed batch."""
    return receipt[:34]
