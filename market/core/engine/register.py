"""The providers' rows, exact and checked: what each asks, offers and has free. Knows nothing of searching.

Free of a resource is capacity less what is taken, never below zero; taken is never negative.
"""

import numpy as np

from market.core.engine.layout import ALIVE, LABELS, MINIMUM, ORDER, OWNER, REGION, Layout
from suanli.protocol.arrays import LARGEST, Demand, Integers, Numbers, Supply, check_round
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
        self._storage[: self.count] = _encoded(layout, supply)
        self.rows[:, ORDER] = np.arange(self.count) if order is None else order
        if len(np.unique(self.rows[:, ORDER])) != self.count:
            raise _off("order: two providers have the same")
        self._ceiling = _highest(layout, self.rows)

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
        row[:] = _encoded(self.layout, ask)[0]
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
        row[:] = _encoded(self.layout, ask)[0]
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
        highest = np.maximum(self._ceiling, row)
        if (highest != self._ceiling)[_priced(self.layout)].any():
            self.raises += 1
        self._ceiling = highest

    def _last_order(self) -> int:
        return int(self.rows[:, ORDER].max()) if self.count else -1

    def _claim_order(self, order: int) -> None:
        if self._orders is None:
            self._orders = set(self.rows[:, ORDER].tolist())
        if order in self._orders or not -LARGEST < order < LARGEST:
            raise _off(f"order: {order} is another provider's or too large")
        self._orders.add(order)


def decoded(layout: Layout, rows: Integers) -> Supply:
    """Rows as a Supply whose capacity is what is free."""
    free = np.maximum(rows[:, layout.capacity] - rows[:, layout.taken], 0)
    return Supply(
        rows[:, layout.prices],
        rows[:, MINIMUM],
        rows[:, layout.quality],
        rows[:, layout.offers],
        np.ascontiguousarray(rows[:, LABELS]).view(np.uint64),
        rows[:, REGION].astype(np.int32),
        rows[:, OWNER].astype(np.int32),
        free * (rows[:, ALIVE] > 0)[:, np.newaxis],
    )


def check_supply(layout: Layout, supply: Supply) -> None:
    """Raises ProtocolError(QUANTITY_OUT_OF_RANGE) where a shape, a type or a sign is off."""
    for name in Supply.__slots__:
        column = getattr(supply, name)
        if column.dtype.kind not in ("iu" if name == "labels" else "i"):
            raise _off(f"{name}: whole numbers are wanted, not {column.dtype}")
        if name not in ("labels", "offers") and column.size and int(column.max()) >= LARGEST:
            raise _off(f"{name}: a number is too large")
    check_round(layout.measure, supply, _nothing(layout))


def check_one(layout: Layout, ask: Supply) -> None:
    """As `check_supply`, and there is one provider."""
    if len(ask) != 1:
        raise _off(f"one provider is wanted, not {len(ask)}")
    check_supply(layout, ask)


def _nothing(layout: Layout) -> Demand:
    def empty(*shape: int) -> Integers:
        return np.zeros(shape, np.int64)

    many = [layout.dimensions, layout.grades, layout.needs]
    usage, weights, needs = (empty(0, count) for count in many)
    labels, number = np.zeros(0, np.uint64), np.zeros(0, np.int32)
    region_cost, load = empty(0, layout.regions), empty(0, layout.resources)
    return Demand(
        empty(0),
        usage,
        weights,
        needs,
        labels,
        region_cost,
        load,
        number,
        number,
        empty(0),
        empty(1),
        empty(0),
    )


def _encoded(layout: Layout, supply: Supply) -> Integers:
    rows = np.zeros((len(supply), layout.width), np.int64)
    rows[:, ALIVE], rows[:, MINIMUM] = 1, supply.minimum
    rows[:, REGION], rows[:, OWNER] = supply.region, supply.owner
    rows[:, LABELS] = np.asarray(supply.labels, np.uint64).view(np.int64)
    rows[:, layout.prices], rows[:, layout.quality] = supply.prices, supply.quality
    rows[:, layout.offers], rows[:, layout.capacity] = supply.offers, supply.capacity
    return rows


def _priced(layout: Layout) -> list[int]:
    return [MINIMUM, *range(layout.prices.start, layout.quality.stop)]


def _highest(layout: Layout, rows: Integers) -> Integers:
    highest = np.zeros(layout.width, np.int64)
    if len(rows):
        columns = _priced(layout)
        highest[columns] = rows[:, columns].max(axis=0)
    return highest


def _off(what: str) -> ProtocolError:
    return ProtocolError(Reason.QUANTITY_OUT_OF_RANGE, what)
