"""Which serials were taken, by whom, and which a contract took a second time. Pure.

A serial is paid by one exit only: netting, root netting, statement or claim, in whatever order they come.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from suanli.protocol.values import Address

WORD_BITS = 256
Masks = Mapping[int, int]
"""Bits by word: serial = 256 · word + bit."""


@dataclass(slots=True)
class Serials:
    """Every taken serial by its space (a buyer's account, or an award's reservation)."""

    words: defaultdict[tuple[Address, int], int] = field(default_factory=lambda: defaultdict(int))
    takers: dict[tuple[Address, int], str] = field(default_factory=dict)

    def take(self, space: Address, masks: Masks, taker: str) -> list[str]:
        """Marks serials; says of each that was taken before by whom."""
        repeated = []
        for serial in serials_in(masks):
            place = (space, serial)
            if self.is_taken(space, serial):
                repeated.append(f"serial {serial} of {space} was taken before by {self.takers[place]}")
            self.words[space, serial // WORD_BITS] |= 1 << serial % WORD_BITS
            self.takers[place] = taker
        return repeated

    def give_back(self, space: Address, serial: int) -> None:
        """Frees the serial of a claim that fell."""
        self.words[space, serial // WORD_BITS] &= ~(1 << serial % WORD_BITS)

    def is_taken(self, space: Address, serial: int) -> bool:
        """Whether something paid, or claims, the serial."""
        return bool(self.words.get((space, serial // WORD_BITS), 0) >> serial % WORD_BITS & 1)


def serials_in(masks: Masks) -> Iterator[int]:
    """The serials of masks, ascending."""
    for word, mask in sorted(masks.items()):
        yield from (word * WORD_BITS + bit for bit in range(WORD_BITS) if mask >> bit & 1)


def masks_of(serials: list[int]) -> dict[int, int]:
    """The masks of serials, each of which counts once."""
    masks: dict[int, int] = {}
    for serial in serials:
        masks[serial // WORD_BITS] = masks.get(serial // WORD_BITS, 0) | 1 << serial % WORD_BITS
    return masks
