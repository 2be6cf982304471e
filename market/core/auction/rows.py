"""The surplus of kinds of items at all providers, as machine code: whole rows, exactly.

Agrees with `surplus.py` and `arrays.pair` to the unit. A division is guessed in floats and mended in
integers where quotients are below 2^50, which is exact and quicker. Loops run over slices, one column at a
time, so that the compiler can do several providers at once.
"""

from typing import Any

import numpy as np

from market.core.auction.variants import Rules, helper, run
from suanli.protocol.arrays import Integers

BLOCK = 2048
"""So many providers are looked at for all kinds before the next: their columns stay in the cache."""


def surplus_table(rules: Rules, kinds: Integers) -> Integers:
    """The rows of these kinds, flat; NO_PAIR where there can be no match."""
    table = np.empty(len(kinds) * rules.providers, np.int64)
    if rules.providers:
        run(rows, True, (rules, kinds), (table,))
    return table


def rows(rules: Rules, kinds: Any, table: Any) -> None:
    """Fill `table` with the rows of `kinds`."""
    for begin in range(0, rules.providers, BLOCK):
        end = min(rules.providers, begin + BLOCK)
        for place in range(len(kinds)):
            row = place * rules.providers
            row_of(rules, kinds[place], begin, table[row + begin : row + end])


@helper
def row_of(rules: Rules, kind: int, begin: int, table: Any) -> None:
    """Fill `table` with the surplus of the kind at the providers from `begin`."""
    end, providers = begin + len(table), rules.providers
    _cost(rules, kind, begin, end, table)
    regions = len(rules.region_cost) // len(rules.value)
    at_region = rules.region_cost[kind * regions : (kind + 1) * regions]
    value, wanted = rules.value[kind], rules.wanted[kind]
    _left(value, wanted, at_region, rules.region[begin:end], rules.labels[begin:end], table)
    limits = len(rules.offers) // providers
    for limit in range(limits):
        row = limit * providers
        _require(rules.needs[kind * limits + limit], rules.offers[row + begin : row + end], table)
    for place in range(rules.barred_start[kind], rules.barred_start[kind + 1]):
        _bar(rules.barred[place], begin, rules.owner[begin:end], table)


@helper
def _cost(rules: Rules, kind: int, begin: int, end: int, cost: Any) -> None:
    """Price and quality."""
    dimensions, providers = len(rules.sizes), rules.providers
    cost[:] = 0
    for d in range(dimensions):
        asked = rules.prices[d * providers + begin : d * providers + end]
        _add_line(rules.narrow, rules.usage[kind * dimensions + d], rules.sizes[d], asked, cost)
    _raise_price(rules.narrow, rules.quantum, rules.minimum[begin:end], cost)
    grades = len(rules.quality) // providers
    for grade in range(grades):
        row = grade * providers
        _weigh(rules.weights[kind * grades + grade], rules.quality[row + begin : row + end], cost)


@helper
def _add_line(narrow: int, used: int, size: int, asked: Any, cost: Any) -> None:
    """Add what `used` units cost at each price per `size`, rounded up."""
    part = 1.0 / size
    if narrow == 0:
        for j in range(len(cost)):
            cost[j] += (used * asked[j] + size - 1) // size
        return
    for j in range(len(cost)):
        product = used * asked[j] + (size - 1)
        whole = np.int64(product * part)
        rest = product - whole * size
        whole = whole + 1 if rest >= size else whole
        cost[j] += whole - 1 if rest < 0 else whole


@helper
def _raise_price(narrow: int, quantum: int, minimum: Any, cost: Any) -> None:
    """At least the minimum, and up to a quantum."""
    part = 1.0 / quantum
    if narrow == 0:
        for j in range(len(cost)):
            cost[j] = (max(cost[j], minimum[j]) + quantum - 1) // quantum * quantum
        return
    for j in range(len(cost)):
        product = max(cost[j], minimum[j]) + (quantum - 1)
        whole = np.int64(product * part)
        rest = product - whole * quantum
        whole = whole + 1 if rest >= quantum else whole
        whole = whole - 1 if rest < 0 else whole
        cost[j] = whole * quantum


@helper
def _weigh(weight: int, grades: Any, cost: Any) -> None:
    for j in range(len(cost)):
        cost[j] += weight * grades[j]


@helper
def _left(value: int, wanted: int, at_region: Any, region: Any, labels: Any, table: Any) -> None:
    """Turn cost into what is left of the value."""
    for j in range(len(table)):
        more = at_region[region[j]]
        fits = (more != -1) & ((wanted & ~labels[j]) == 0)
        table[j] = max(value - table[j] - more, -1) if fits else -1


@helper
def _require(need: int, offers: Any, table: Any) -> None:
    for j in range(len(table)):
        table[j] = table[j] if offers[j] >= need else -1


@helper
def _bar(barred: int, begin: int, owner: Any, table: Any) -> None:
    for j in range(len(table)):
        if barred == begin + j or ~barred == owner[j]:
            table[j] = -1
