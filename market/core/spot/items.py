"""Items that are taken on the spot, as the rows of a round. Pure.

The numbers are those of `core.encoding`, to the unit; what a round could not count is left out with a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market.core.encoding.demand import encode_demand
from market.core.encoding.measure import (
    LIMIT_MAXIMUM,
    MEASURE,
    MONEY_MAXIMUM,
    WHOLE_MAXIMUM,
    price_at,
)
from market.core.encoding.scales import Scales
from market.core.rules.fleet import PRICE_MAXIMUM
from suanli.protocol.arrays import Demand
from suanli.protocol.book import BookOrder, BookTask
from suanli.protocol.messages import Limits, Prices, Usage
from suanli.protocol.requirements import Requirements
from suanli.protocol.units import (
    BYTES_PER_MEBIBYTE,
    DIMENSIONS,
    FUEL_PER_GIGAFUEL,
    FUEL_PER_MEGAFUEL,
    memory_fuel,
)
from suanli.protocol.values import Address
from suanli.protocol.wire.quotes import TakeItem

_LIMITS = attrgetter("fuel", "memoryBytes", "inputBytes", "outputBytes", "wallSeconds")
_PRICES = attrgetter(*(dimension.name for dimension in DIMENSIONS))
_SIZES = np.array([dimension.size for dimension in DIMENSIONS], np.int64)
_WHOLE = np.array(WHOLE_MAXIMUM, np.int64)
_MEMORY_UNIT = BYTES_PER_MEBIBYTE * FUEL_PER_MEGAFUEL
_NOTHING = "0x" + "0" * 64
_PLENTY = 1 << 55


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item with what its request says of all: whose it is, and until when the work must be done (s)."""

    item: TakeItem
    buyer: Address
    deadline: int


@dataclass(slots=True)
class Columns:
    """Items as columns. `fits` says which ones a round can count; the others' rows are harmless."""

    limits: NDArray[np.int64]
    prices: NDArray[np.int64]
    usage: NDArray[np.int64]
    fits: NDArray[np.bool_]
    special: dict[int, Requirements] = field(default_factory=dict)


def columns_of(wanted: Sequence[Wanted]) -> Columns:
    """The numbers of items as columns; usage is the most that each may use, by dimension."""
    numbers = np.array(
        [_LIMITS(one.item.limits) + _PRICES(one.item.maximum_prices) for one in wanted], np.int64
    )
    ingress = np.array([_ingress(one.item) for one in wanted], np.int64)
    limits, prices = numbers[:, :5], numbers[:, 5:]
    fuel, memory = limits[:, 0], limits[:, 1]
    product = fuel.astype(np.float64) * memory.astype(np.float64)
    small = product < float(_PLENTY << 6)
    usage = np.empty((len(numbers), len(DIMENSIONS)), np.int64)
    usage[:, 0] = fuel
    usage[:, 1] = -(-np.where(small, fuel, 0) * np.where(small, memory, 0) // _MEMORY_UNIT)
    for place in np.flatnonzero(~small):
        usage[place, 1] = min(memory_fuel(int(memory[place]), int(fuel[place])), LIMIT_MAXIMUM)
    usage[:, 2], usage[:, 3] = ingress, limits[:, 3]
    fits: NDArray[np.bool_] = np.all(usage // _SIZES <= _WHOLE, axis=1)
    usage[~fits] = 0
    special = {
        place: one.item.requirements
        for place, one in enumerate(wanted)
        if one.item.requirements is not None and not one.item.requirements.is_neutral()
    }
    return Columns(limits, prices, usage, fits, special)


def demand_of(wanted: Sequence[Wanted], columns: Columns, scales: Scales, now: int) -> Demand:
    """The items' rows, nobody barred; each is a family and a group of its own."""
    count, regions = len(wanted), len(scales.regions) + 1
    seconds = np.array([max(1, one.deadline - now) for one in wanted], np.int64)
    needs = np.empty((count, 12), np.int64)
    needs[:, :5] = columns.limits
    needs[:, 5:9] = -np.minimum(columns.prices, LIMIT_MAXIMUM)
    needs[:, 9] = -(-columns.limits[:, 0] // seconds)
    needs[:, 10], needs[:, 11] = 0, -LIMIT_MAXIMUM
    needs[~columns.fits, 0] = LIMIT_MAXIMUM + 1  # more than any node can offer
    demand = Demand(
        value=_values(columns),
        usage=_split(columns.usage),
        weights=np.zeros((count, 2), np.int64),
        needs=needs,
        labels=np.zeros(count, np.uint64),
        region_cost=np.zeros((count, regions), np.int64),
        load=np.ones((count, 1), np.int64),
        family=np.arange(count, dtype=np.int32),
        group=np.zeros(count, np.int32),
        budget=np.array([_PLENTY], np.int64),
        barred_start=np.zeros(count + 1, np.int64),
        barred=np.zeros(0, np.int64),
    )
    _specify(demand, wanted, columns, scales, now)
    return demand


def as_order(wanted: Wanted) -> BookOrder:
    """The item as an order of one task, for the rules that read orders."""
    limits, prices = wanted.item.limits, wanted.item.maximum_prices
    task = BookTask(
        index=0, attempt=0, copies=1, ingress=_ingress(wanted.item), requirements=wanted.item.requirements
    )
    return BookOrder(
        order=_NOTHING,
        buyer=wanted.buyer,
        limits=Limits.model_construct(**dict(limits)),
        maximum_prices=Prices.model_construct(**dict(prices)),
        budget_left=_PLENTY,
        deadline=wanted.deadline,
        tasks=(task,),
    )


def _specify(demand: Demand, wanted: Sequence[Wanted], columns: Columns, scales: Scales, now: int) -> None:
    """The rows of those that want more than size and price."""
    for place in columns.special:
        if not columns.fits[place]:
            continue
        one, _ = encode_demand([as_order(wanted[place])], (), {}, scales, now)
        for name in ("weights", "needs", "labels", "region_cost"):
            getattr(demand, name)[place] = getattr(one, name)[0]


def _values(columns: Columns) -> NDArray[np.int64]:
    """The price at the item's own maximum prices."""
    split, prices = _split(columns.usage), _repeat(columns.prices)
    sizes = np.array(MEASURE.sizes, np.int64)
    small = columns.prices.max(axis=1) < PRICE_MAXIMUM
    lines = -(-np.where(small[:, np.newaxis], prices, 0) * split // sizes)
    values = -(-lines.sum(axis=1) // MEASURE.quantum) * MEASURE.quantum
    for place in np.flatnonzero(~small):
        usage = Usage.model_construct(**_named(columns.usage[place]))
        values[place] = min(
            price_at(Prices.model_construct(**_named(columns.prices[place])), usage), MONEY_MAXIMUM
        )
    capped: NDArray[np.int64] = np.minimum(values, MONEY_MAXIMUM)
    return capped


def _split(usage: NDArray[np.int64]) -> NDArray[np.int64]:
    """`measure.usage_row` of many."""
    rest = usage[:, 0] % FUEL_PER_GIGAFUEL
    split = np.empty((len(usage), len(MEASURE.sizes)), np.int64)
    split[:, 0], split[:, 1], split[:, 2] = usage[:, 0] // FUEL_PER_GIGAFUEL, rest // 1000, rest % 1000
    for dimension, size in enumerate(_SIZES[1:].tolist(), start=1):
        split[:, 1 + 2 * dimension], split[:, 2 + 2 * dimension] = np.divmod(usage[:, dimension], size)
    return split


def _repeat(prices: NDArray[np.int64]) -> NDArray[np.int64]:
    """`measure.price_row` of many."""
    rows: NDArray[np.int64] = np.repeat(prices, (3, 2, 2, 2), axis=1)
    return rows


def _ingress(item: TakeItem) -> int:
    return item.limits.inputBytes if item.ingress is None else item.ingress


def _named(numbers: NDArray[np.int64]) -> dict[str, Any]:
    return dict(zip((dimension.name for dimension in DIMENSIONS), numbers.tolist(), strict=True))
