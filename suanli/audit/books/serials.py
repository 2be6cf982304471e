"""Which serials were taken, by whom, and which a contract took a second time. Pure.

A serial is paid by one exit only: netting, root netting, statement or claim, in whatever order they come.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from suanli.protocol.serials import mask_of, word_of
from suanli.protocol.values import Address


@dataclass(slots=True)
class Serials:
    """Every taken serial by its space (a node, or an award's reservation)."""

    words: defaultdict[tuple[Address, int], int] = field(default_factory=lambda: defaultdict(int))
    """The bits of each word of 256 serials that was ever touched."""
    takers: dict[tuple[Address, int], str] = field(default_factory=dict)

    def take(self, space: Address, serials: Iterable[int], taker: str) -> list[str]:
        """Marks serials; says of each that was taken already, by whom."""
        repeated = []
        for serial in serials:
            if self.is_taken(space, serial):
                repeated.append(f"serial {serial} of {space} was taken by {self.takers[space, serial]}")
            self.words[space, word_of(serial)] |= mask_of(serial)
            self.takers[space, serial] = taker
        return repeated

    def give_back(self, space: Address, serial: int) -> None:
        """Frees the serial of a claim that fell."""
        self.words[space, word_of(serial)] &= ~mask_of(serial)

    def is_taken(self, space: Address, serial: int) -> bool:
        """Whether something paid, or claims, the serial."""
        return bool(self.words.get((space, word_of(serial)), 0) & mask_of(serial))
