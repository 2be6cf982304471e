"""The compiled variant: an index over the register, kept up and searched by kernels. Decides as `Plain`."""

from typing import Any

import numpy as np

from market.core.engine import kernels, planting, upkeep
from market.core.engine.decision import Decision, Decisions
from market.core.engine.frontier import COST, PRICE, PROVIDER
from market.core.engine.items import Items, Scale
from market.core.engine.layout import VALUE
from market.core.engine.partition import divide
from market.core.engine.register import Register
from market.core.engine.search import MOST_TERMS
from market.core.engine.tree import plant
from suanli.protocol.arrays import Integers
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason

NOWHERE = np.zeros(0, np.int64)


class Indexed:
    """Owns the tree over a register's rows. Providers that change are moved; at times it is planted anew."""

    def __init__(self, register: Register, scale: Scale) -> None:
        layout = register.layout
        if layout.dimensions + layout.grades > MOST_TERMS:
            raise ProtocolError(Reason.QUANTITY_OUT_OF_RANGE, f"more than {MOST_TERMS} prices and grades")
        self._register = register
        self._header = layout.header()
        self._one = np.zeros((1, 4), np.int64)
        self.rebuild(scale)

    def rebuild(self, scale: Scale) -> None:
        """Plant the tree anew over the rows as they stand, for items that weigh like `scale`."""
        self._scale, register = scale, self._register
        cells = divide(register.layout, register.rows, scale)
        self._tree = tree = plant(register.layout, register.storage, cells)
        planting.fill(tree.bounds, tree.nodes, register.storage, self._header, scale)
        kept = tree.bounds, tree.nodes, tree.tops, tree.keys, tree.frontier
        self._state: Any = (*kept, register.storage, self._header)

    def decide(self, items: Items, item: int) -> Decision | None:
        """The best provider for an item."""
        lists = items.rows, items.factors, items.barred
        kept, provider, price, cost = kernels.best(*self._state, *lists, self._one, item)
        return Decision(provider, price, cost - price, items.values[item] - cost) if kept else None

    def best(self, items: Items, item: int, count: int) -> list[Decision]:
        """The `count` best providers for an item, best first."""
        found = np.zeros((count, 4), np.int64)
        if not count:
            return []
        kept = kernels.best(*self._state, items.rows, items.factors, items.barred, found, item)[0]
        value = items.values[item]
        return [
            Decision(int(row[PROVIDER]), int(row[PRICE]), int(row[COST] - row[PRICE]), value - int(row[COST]))
            for row in found[:kept]
        ]

    def decide_many(self, items: Items, reserving: bool) -> Decisions:
        """One decision after the other; where `reserving`, each takes its load before the next."""
        decided = np.zeros((len(items), 3), np.int64)
        places = self._tree.places if reserving else NOWHERE
        lists = items.rows, items.factors, items.barred
        kernels.decide_many(*self._state, *lists, self._one, places, decided)
        provider, price, quality = decided.T
        surplus = np.where(provider >= 0, items.rows[:, VALUE] - price - quality, 0)
        return Decisions(provider.astype(np.int32), price.copy(), quality.copy(), surplus)

    def released(self, providers: Integers) -> None:
        """Bring the index up to providers of which some capacity was given back."""
        tree, register = self._tree, self._register
        kept = tree.bounds, tree.nodes, tree.places, register.storage, self._header
        upkeep.follow_many(*kept, np.ascontiguousarray(providers, np.int64))

    def changed(self, provider: int) -> None:
        """Bring the index up to a provider whose free capacity or presence changed."""
        tree, register = self._tree, self._register
        upkeep.follow(tree.bounds, tree.nodes, tree.places, register.storage, self._header, provider)

    def moved(self, provider: int) -> None:
        """Bring the index up to a provider that is new or asks something else."""
        tree, rows = self._tree, self._register.storage
        if len(rows) != len(tree.places):
            self.rebuild(self._scale)
            return
        kept = tree.bounds, tree.nodes, tree.places, rows, self._header
        planting.leave(*kept, provider)
        if planting.settle(*kept, self._scale, len(tree.tops), provider) < 0:
            self.rebuild(self._scale)
