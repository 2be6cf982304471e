"""Money and quantities of a book as numbers whose products stay within 64 bits (docs/rounds.md). Pure."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

from suanli.protocol.arrays import Integers, Measure
from suanli.protocol.book import BookOrder, BookTask
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.messages import Prices, Usage
from suanli.protocol.units import DIMENSIONS, MICRO_ATOMS_PER_ATOM

Row: TypeAlias = tuple[int, ...]
FUEL_THOUSAND = 1000
MEASURE = Measure(
    sizes=(
        1,
        DIMENSIONS[0].size // FUEL_THOUSAND,
        DIMENSIONS[0].size,
        1,
        DIMENSIONS[1].size,
        1,
        DIMENSIONS[2].size,
        1,
        DIMENSIONS[3].size,
    ),
    quantum=MICRO_ATOMS_PER_ATOM,
)
"""Fuel in gigafuel, thousands and ones; the other dimensions in priced units and what is left of one."""
MOST_UNITS: Row = (1 << 20, 1 << 22, 1 << 20, 1 << 20)
"""Whole priced units of one copy, by dimension."""
ORDER_MONEY = 1 << 55
"""Micro-atoms that one copy counts for at most."""
ORDER_BUDGET = 1 << 59
WAY_COST = 1 << 56
NEEDS = 12
"""Five limits, four unit prices, speed, trust, carbon intensity."""
QUALITIES = 2
"""Carbon and the odds of failure."""


def price_row(prices: Prices) -> Row:
    """Unit prices, once for each part that a quantity is split into."""
    return (*[prices.fuel] * 3, *[prices.memoryFuel] * 2, *[prices.ingress] * 2, *[prices.egress] * 2)


def usage_row(usage: Usage) -> Row:
    """A quantity of each dimension, split into whole priced units and the rest."""
    gigafuel, fuel = divmod(usage.fuel, DIMENSIONS[0].size)
    rest = zip(usage.vector()[1:], DIMENSIONS[1:], strict=True)
    return (
        gigafuel,
        *divmod(fuel, FUEL_THOUSAND),
        *(part for amount, dimension in rest for part in divmod(amount, dimension.size)),
    )


def value_of(order: BookOrder, task: BookTask) -> int:
    """The most that a copy of a task may cost: at its prices and within what is left of its budget."""
    asked, used = price_row(order.maximum_prices), usage_row(usage_at_limits(order.limits, task.ingress))
    micro_atoms = sum(
        -(-price * amount // size) for price, amount, size in zip(asked, used, MEASURE.sizes, strict=True)
    )
    atoms = min(-(-micro_atoms // MICRO_ATOMS_PER_ATOM), order.budget_left)
    return min(atoms * MICRO_ATOMS_PER_ATOM, ORDER_MONEY)


def column(numbers: Iterable[int]) -> Integers:
    """Numbers as one column."""
    return np.array(list(numbers), np.int64)


def table(rows: Sequence[Row], width: int) -> Integers:
    """Rows as a table, of this width even when there are none."""
    return np.array(rows, np.int64).reshape(len(rows), width)
