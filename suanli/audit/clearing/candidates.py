"""Pairs that float32 could not rule out, tried in an order that rules out most of the rest. Pure.

`Candidates` are pairs of an item and a box, or of an item and a provider. Those that promise most are
computed first; what they raise the best known values by is what the others then have to beat.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from suanli.audit.clearing.boxes import Floats
from suanli.audit.clearing.round import Places, Round, Truths, capacity_cost, judge
from suanli.protocol.arrays import Integers

PAIRS_AT_ONCE = 1 << 19
FEW = 1 << 14
_UP = np.float32(1 + 2.0**-22)
"""More than the roundings of one difference and one product take away."""
_LIKELY = np.float32(0.95)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Item items[k] may do better than it is known to in numbers[k], where it has room[k] for what it costs.

    It costs at least least[k] there.
    """

    items: Places
    numbers: Places
    room: Floats
    least: Floats

    def __len__(self) -> int:
        return len(self.items)

    def where(self, wanted: Places) -> "Candidates":
        """Some of them."""
        return Candidates(self.items[wanted], self.numbers[wanted], self.room[wanted], self.least[wanted])

    def after(self, raised: Integers, tried: Truths | None = None) -> "Candidates":
        """Those not `tried` that are left once each item's best known value was raised by so much.

        The room shrinks by no less than that; rounded up, so that nothing is lost.
        """
        by = np.nextafter(raised.astype(np.float32), np.float32(0))
        room = (self.room - by[self.items]) * _UP
        still = self.least < room
        if tried is not None:
            still &= ~tried
        kept = np.flatnonzero(still)
        return Candidates(self.items[kept], self.numbers[kept], room[kept], self.least[kept])

    def likely(self, items: int) -> Truths:
        """Which of them are nearly the most promising of their item; `items` is how many there are."""
        margin = self.room - self.least
        most = np.zeros(items, np.float32)
        np.maximum.at(most, self.items, margin)
        found: Truths = margin >= most[self.items] * _LIKELY
        return found


def joined(parts: Iterable[Candidates], at_once: int) -> Iterator[Candidates]:
    """The same, in parts of about `at_once`: arithmetic is quick on many, not on few."""
    held, size = list[Candidates](), 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= at_once:
            yield _concatenated(held)
            held, size = [], 0
    if size:
        yield _concatenated(held)


def raise_by(audited: Round, duals: Integers, best: Integers, found: Iterable[Candidates]) -> None:
    """Raises `best` to the exact values of all pairs of items and providers that can be better."""
    start = best.copy()
    for pairs in joined(found, PAIRS_AT_ONCE):
        left = pairs.after(best - start)
        while len(left) > FEW:
            before, likely = best.copy(), left.likely(len(best))
            raise_best(audited, duals, best, left.items[likely], left.numbers[likely])
            left = left.after(best - before, likely)
        raise_best(audited, duals, best, left.items, left.numbers)


def raise_best(audited: Round, duals: Integers, best: Integers, items: Places, providers: Places) -> None:
    """Raises `best` to the exact values of these pairs: surplus less the price of what the item takes."""
    pairs = judge(audited, items, providers)
    values = pairs.surplus - capacity_cost(audited, duals, items, providers)
    np.maximum.at(best, items[pairs.eligible], values[pairs.eligible])


def _concatenated(parts: list[Candidates]) -> Candidates:
    columns = zip(*((part.items, part.numbers, part.room, part.least) for part in parts), strict=True)
    return Candidates(*(np.concatenate(column) for column in columns))
