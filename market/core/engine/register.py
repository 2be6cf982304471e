"""The providers' rows, exact and checked: what each asks, offers and has free. Knows nothing of searching.

Free of a resource is capacity less what is taken, never below zero; taken is never negative.
"""

import numpy as np

from market.core.engine.asks import check_one, check_supply, decoded, encoded, highest, priced
from market.core.engine.layout import ALIVE, ORDER, Layout
from suanli.protocol.arrays import LARGEST, Integers, Numbers, Supply
from suanli.protocol.errors import MarketError, ProtocolError
from suanli.protocol.reasons import Reason


class Register:
    """Rows of providers by number. Numbers are never reused; a removed provider may be put back.

    order: who comes first among equals, unique; by default the provider's number.
    """

    def __init__(self, layout: Layout, supply: Supply, order: Integers | None = None) -> None:
        check_supply(layout, supply)
        self.layout = layout
        self.count = len(supply)
        places = max(16, self.count + self.count // 8)
        self._storage: Integers = np.zeros((places, layout.width), np.int64)
        self._orders: set[int] | None = None
        self.raises = 0
        """How often the ceiling was raised: whoever checked products before must check again."""
        self._storage[: self.count] = encoded(layout, supply)
        self.rows[:, ORDER] = np.arange(self.count) if order is None else order
        if len(np.unique(self.rows[:, ORDER])) != self.count:
            raise _off("order: two providers have the same")
        self._ceiling = highest(layout, self.rows)

    @property
    def rows(self) -> Integers:
        """The rows of all providers, removed ones included: a view."""
        rows: Integers = self._storage[: self.count]
        return rows

    @property
    def storage(self) -> Integers:
        """The rows with the spare places behind them."""
        return self._storage

    def ceiling(self) -> Supply:
        """One provider with the largest price, minimum and grade of each kind ever seen."""
        return decoded(self.layout, self._ceiling[np.newaxis])

    def free(self, provider: int) -> Integers:
        """What the provider has free of each resource."""
        row = self.row(provider)
        free: Integers = np.maximum(row[self.layout.capacity] - row[self.layout.taken], 0)
        return free

    def row(self, provider: int) -> Integers:
        """The provider's row: a view. Raises MarketError(NOT_FOUND)."""
        if not 0 <= provider < self.count:
            raise MarketError(Reason.NOT_FOUND, f"there is no provider {provider}")
        row: Integers = self._storage[provider]
        return row

    def put(self, provider: int, ask: Supply) -> None:
        """Replace what a provider asks and has; what is taken stays taken. `ask` has one row.

        Raises ProtocolError(QUANTITY_OUT_OF_RANGE), MarketError(NOT_FOUND).
        """
        check_one(self.layout, ask)
        row = self.row(provider)
        order, taken = int(row[ORDER]), row[self.layout.taken].copy()
        row[:] = encoded(self.layout, ask)[0]
        row[ORDER], row[self.layout.taken] = order, taken
        self._raise_ceiling(row)

    def add(self, ask: Supply, order: int | None = None) -> int:
        """A new provider's number; without `order` it comes last among equals.

        Raises ProtocolError(QUANTITY_OUT_OF_RANGE), also where another provider has this order.
        """
        check_one(self.layout, ask)
        order = self._last_order() + 1 if order is None else order
        self._claim_order(order)
        if self.count == len(self._storage):
            self._storage = np.concatenate([self._storage, np.zeros_like(self._storage)])
        self.count += 1
        row = self._storage[self.count - 1]
        row[:] = encoded(self.layout, ask)[0]
        row[ORDER] = order
        self._raise_ceiling(row)
        return self.count - 1

    def remove(self, provider: int) -> None:
        """Take a provider out; what is taken there may still be given back. Raises MarketError(NOT_FOUND)."""
        self.row(provider)[ALIVE] = 0

    def take(self, provider: int, load: Integers) -> None:
        """Reserve `load`. Raises MarketError(CAPACITY_TAKEN) and changes nothing where it is not free."""
        row, load = self.row(provider), self._load(load)
        if not row[ALIVE] or (load > self.free(provider)).any():
            raise MarketError(Reason.CAPACITY_TAKEN, f"provider {provider} has no room for {load.tolist()}")
        row[self.layout.taken] += load

    def give(self, provider: int, load: Integers) -> None:
        """Give a reserved `load` back. Raises ProtocolError(QUANTITY_OUT_OF_RANGE) where less is taken."""
        row, load = self.row(provider), self._load(load)
        if (load > row[self.layout.taken]).any():
            raise _off(f"release: provider {provider} has less than {load.tolist()} taken")
        row[self.layout.taken] -= load

    def give_many(self, providers: Numbers, loads: Integers) -> None:
        """Give many loads (K, R) back. Raises as `give` does, and then changes nothing."""
        if len(providers) != len(loads) or loads.dtype.kind != "i" or (loads < 0).any():
            raise _off("release: one load of whole numbers, none negative, is wanted per provider")
        if len(providers) and not 0 <= int(providers.min()) <= int(providers.max()) < self.count:
            raise MarketError(Reason.NOT_FOUND, "release: there is no such provider")
        taken = self.rows[:, self.layout.taken]
        np.subtract.at(taken, providers, loads)
        if (taken[providers] < 0).any():
            np.add.at(taken, providers, loads)
            raise _off("release: a provider has less taken")

    def _load(self, load: Integers) -> Integers:
        load = np.asarray(load)
        if load.shape != (self.layout.resources,) or load.dtype.kind not in "iu" or (load < 0).any():
            raise _off(f"load: {self.layout.resources} whole numbers, none negative, are wanted")
        return load.astype(np.int64)

    def _raise_ceiling(self, row: Integers) -> None:
        raised = np.maximum(self._ceiling, row)
        if (raised != self._ceiling)[priced(self.layout)].any():
            self.raises += 1
        self._ceiling = raised

    def _last_order(self) -> int:
        return int(self.rows[:, ORDER].max()) if self.count else -1

    def _claim_order(self, order: int) -> None:
        if self._orders is None:
            self._orders = set(self.rows[:, ORDER].tolist())
        if order in self._orders or not -LARGEST < order < LARGEST:
            raise _off(f"order: {order} is another provider's or too large")
        self._orders.add(order)


def _off(what: str) -> ProtocolError:
    return ProtocolError(Reason.QUANTITY_OUT_OF_RANGE, what)
