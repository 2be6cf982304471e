"""The measure of a round: every dimension of the units, split so that no product leaves 64 bits. Pure.

A quantity is its whole priced units and the rest, which rounds up by itself: the sum is the same to the unit.
Fuel's rest is split once more, into thousands and single units; that adds at most one micro-atom.
"""

from suanli.protocol.arrays import Measure
from suanli.protocol.messages import Prices, Usage
from suanli.protocol.units import DIMENSIONS, MICRO_ATOMS_PER_ATOM

FUEL_STEP = 1000
_SIZES = tuple(dimension.size for dimension in DIMENSIONS)
_FUEL, *_OTHERS = _SIZES
MEASURE = Measure(
    sizes=(1, _FUEL // FUEL_STEP, _FUEL, *(size for other in _OTHERS for size in (1, other))),
    quantum=MICRO_ATOMS_PER_ATOM,
)
MONEY_MAXIMUM = 1 << 55
"""What one copy may be worth, in micro-atoms."""
COST_MAXIMUM = 1 << 56
"""What the way to a region may count for, in micro-atoms."""
WHOLE_MAXIMUM = (1 << 20, 1 << 22, 1 << 20, 1 << 20)
"""Whole priced units of one copy, by dimension."""
LIMIT_MAXIMUM = 1 << 62
"""A limit of an order stays below; beyond it all offers are alike."""


def price_row(prices: Prices) -> tuple[int, ...]:
    """Unit prices in the measure's order."""
    fuel, *others = prices.vector()
    return (fuel, fuel, fuel, *(price for other in others for price in (other, other)))


def usage_row(usage: Usage) -> tuple[int, ...]:
    """Quantities in the measure's order."""
    fuel, *others = usage.vector()
    rest = fuel % _FUEL
    parts = (part for used, size in zip(others, _OTHERS, strict=True) for part in divmod(used, size))
    return (fuel // _FUEL, rest // FUEL_STEP, rest % FUEL_STEP, *parts)


def is_measurable(usage: Usage) -> bool:
    """Whether a copy's quantities are small enough for every price."""
    triples = zip(usage.vector(), _SIZES, WHOLE_MAXIMUM, strict=True)
    return all(used // size <= most for used, size, most in triples)


def price_at(prices: Prices, usage: Usage) -> int:
    """What `usage` costs at `prices` in the measure of a round, in micro-atoms; no number is too large."""
    triples = zip(price_row(prices), usage_row(usage), MEASURE.sizes, strict=True)
    total = sum(-(-price * used // size) for price, used, size in triples)
    return -(-total // MEASURE.quantum) * MEASURE.quantum
