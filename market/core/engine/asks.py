"""Asks as rows and back: what a provider may ask, checked before it becomes a row."""

import numpy as np

from market.core.engine.layout import ALIVE, LABELS, MINIMUM, OWNER, REGION, Layout
from suanli.protocol.arrays import LARGEST, Demand, Integers, Supply, check_round
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason


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


def encoded(layout: Layout, supply: Supply) -> Integers:
    """Asks as rows of which nothing is taken; their order is not set."""
    rows = np.zeros((len(supply), layout.width), np.int64)
    rows[:, ALIVE], rows[:, MINIMUM] = 1, supply.minimum
    rows[:, REGION], rows[:, OWNER] = supply.region, supply.owner
    rows[:, LABELS] = np.asarray(supply.labels, np.uint64).view(np.int64)
    rows[:, layout.prices], rows[:, layout.quality] = supply.prices, supply.quality
    rows[:, layout.offers], rows[:, layout.capacity] = supply.offers, supply.capacity
    return rows


def priced(layout: Layout) -> list[int]:
    """The columns that are multiplied by an item's numbers, and the minimum."""
    return [MINIMUM, *range(layout.prices.start, layout.quality.stop)]


def highest(layout: Layout, rows: Integers) -> Integers:
    """A row of the largest number of each of these columns."""
    most = np.zeros(layout.width, np.int64)
    if len(rows):
        columns = priced(layout)
        most[columns] = rows[:, columns].max(axis=0)
    return most


def _off(what: str) -> ProtocolError:
    return ProtocolError(Reason.QUANTITY_OUT_OF_RANGE, what)
