"""The variant that compiles nothing: a scan in numpy. For small books, and the reference of the other."""

import numpy as np

from market.core.engine.decision import Decision, Decisions
from market.core.engine.items import Items, Scale
from market.core.engine.register import Register
from market.core.engine.scan import cheapest, decision, scan
from suanli.protocol.arrays import NOBODY, Integers


class Plain:
    """Decides on a register's rows as they stand; nothing has to be kept up."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def best(self, items: Items, item: int, count: int) -> list[Decision]:
        """The `count` best providers for an item, best first."""
        rows = self._register.rows
        scanned = scan(self._register.layout, rows, items, item)
        return [decision(items, item, scanned, provider) for provider in cheapest(rows, scanned, count)]

    def decide(self, items: Items, item: int) -> Decision | None:
        """The best provider for an item."""
        return next(iter(self.best(items, item, 1)), None)

    def decide_many(self, items: Items, reserving: bool) -> Decisions:
        """One decision after the other; where `reserving`, each takes its load before the next."""
        found = nobody(len(items))
        for item in range(len(items)):
            if (chosen := self.decide(items, item)) is None:
                continue
            if reserving:
                self._register.take(chosen.provider, items.rows[item, self._register.layout.load])
            found.provider[item], found.price[item] = chosen.provider, chosen.price
            found.quality[item], found.surplus[item] = chosen.quality, chosen.surplus
        return found

    def changed(self, provider: int) -> None:
        """Nothing to do: the rows themselves are searched."""

    def released(self, providers: Integers) -> None:
        """Nothing to do."""

    def rebuild(self, scale: Scale) -> None:
        """Nothing to do."""

    def moved(self, provider: int) -> None:
        """Nothing to do."""


def nobody(count: int) -> Decisions:
    """Decisions of `count` items of which none has a provider."""
    return Decisions(np.full(count, NOBODY), *(np.zeros(count, np.int64) for _ in range(3)))
