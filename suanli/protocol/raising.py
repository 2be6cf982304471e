"""From the prices of an ask to those of a lease: surged when the node is busy, raised to what clearing says.

A lease's prices are never below the ask's and never above the order's, whatever is asked of these. Pure.
"""

from collections.abc import Sequence
from math import prod

from suanli.protocol.messages import Ask, Prices, Usage
from suanli.protocol.offering import Offering
from suanli.protocol.units import (
    BASIS_POINTS,
    DIMENSIONS,
    MICRO_ATOMS_PER_ATOM,
    charge,
    line_micro_atoms,
)

_SCALE = prod(dimension.size for dimension in DIMENSIONS)
_HIGHEST = (1 << 64) - 1


def surged_prices(ask: Ask, offering: Offering | None, used_slots: int) -> Prices:
    """The ask's prices while `used_slots` of its slots are in use, each rounded up to a whole micro-atom."""
    factor = BASIS_POINTS
    for step in () if offering is None else offering.surge:
        if used_slots * BASIS_POINTS >= step.used_share_basis_points * ask.slots:
            factor = step.price_basis_points
    return Prices.of(min(_HIGHEST, -(-price * factor // BASIS_POINTS)) for price in ask.prices.vector())


def raised_prices(
    ask_prices: Prices, minimum: int, maximum_prices: Prices, usage: Usage, target: int
) -> Prices:
    """Prices between the ask's and the order's for which `usage` costs as much of `target` atoms as it can.

    The charge never exceeds the target, unless the ask's own charge does: then the ask's prices come back.
    All prices rise by one factor as far as they may; what whole numbers leave over goes to single ones, the
    coarsest first, until none can rise further. `usage` is that of a lease's cap, `minimum` in atoms.
    """
    if charge(ask_prices, usage, minimum) >= target:
        return ask_prices
    asked, used = ask_prices.vector(), usage.vector()
    most = [max(pair) for pair in zip(asked, maximum_prices.vector(), strict=True)]
    budget = target * MICRO_ATOMS_PER_ATOM
    return _topped_up(_scaled(asked, most, used, budget), most, used, budget)


def _scaled(asked: Sequence[int], most: Sequence[int], used: Sequence[int], budget: int) -> list[int]:
    """`asked` times the largest factor within the budget; who reaches the most leaves the rest to others."""
    prices, parts = list(asked), _exact(asked, used)
    rising = {d for d, part in enumerate(parts) if part}
    left = (budget - len(parts)) * _SCALE  # each line may round up by less than one
    while rising:
        whole = sum(parts[d] for d in rising)
        full = {d for d in rising if asked[d] * left >= most[d] * whole}
        for d in full or rising:
            prices[d] = most[d] if full else asked[d] * left // whole
        left -= sum(_exact([most[d] if d in full else 0 for d in range(len(parts))], used))
        rising = rising - full if full else set()
    return prices


def _topped_up(prices: list[int], most: Sequence[int], used: Sequence[int], budget: int) -> Prices:
    steps = _exact([1] * len(prices), used)
    lines = [line_micro_atoms(*triple) for triple in zip(DIMENSIONS, prices, used, strict=True)]
    for d in sorted((d for d, step in enumerate(steps) if step), key=lambda d: -steps[d]):
        line = lines[d] + budget - sum(lines)
        prices[d] = min(most[d], line * DIMENSIONS[d].size // used[d])
        lines[d] = line_micro_atoms(DIMENSIONS[d], prices[d], used[d])
    return Prices.of(prices)


def _exact(prices: Sequence[int], used: Sequence[int]) -> list[int]:
    """The lines of a charge before they are rounded, in micro-atoms times `_SCALE`."""
    triples = zip(DIMENSIONS, prices, used, strict=True)
    return [price * amount * (_SCALE // dimension.size) for dimension, price, amount in triples]
