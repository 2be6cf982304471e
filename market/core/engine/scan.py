"""The full scan in numpy: every provider's cost and the first rule against it. It compiles nothing.

Small books are decided by it, quotes are explained by it, and the index is held against it.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from market.core.engine.decision import Decision, Exclusions, Rule
from market.core.engine.items import Items
from market.core.engine.layout import (
    ALIVE,
    BARRED_FROM,
    BARRED_TO,
    LABELS,
    MINIMUM,
    ORDER,
    OWNER,
    REGION,
    VALUE,
    WANTED,
    Layout,
)
from suanli.protocol.arrays import Integers

ELIGIBLE = len(Rule)
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scan:
    """One item against every provider, price and quality in micro-atoms.

    `rule`: the first Rule that excludes it, ELIGIBLE, or -1 where it is removed; `need`: which need it was.
    """

    price: Integers
    quality: Integers
    rule: NDArray[np.int8]
    need: NDArray[np.int8]


def scan(layout: Layout, rows: Integers, items: Items, item: int) -> Scan:
    """Item `item` against all `rows`."""
    wanted = items.rows[item]
    price, quality = prices(layout, rows, wanted), qualities(layout, rows, wanted)
    excluded, need = _exclusions(layout, rows, items, wanted)
    excluded[Rule.PRICE] = price > wanted[VALUE]
    excluded[Rule.QUALITY] = price + quality > wanted[VALUE]
    rule = np.full(len(rows), ELIGIBLE, np.int8)
    for number in reversed(Rule):
        rule[excluded[number]] = number
    rule[rows[:, ALIVE] == 0] = -1
    return Scan(price, quality, rule, need)


def cheapest(rows: Integers, scanned: Scan, count: int) -> list[int]:
    """Numbers of the `count` eligible providers of least cost, ties by order."""
    eligible = np.flatnonzero(scanned.rule == ELIGIBLE)
    cost = (scanned.price + scanned.quality)[eligible]
    if count == 1 and len(eligible):
        least = eligible[cost == cost.min()]
        return [int(least[rows[least, ORDER].argmin()])]
    return eligible[np.lexsort((rows[eligible, ORDER], cost))[:count]].tolist()  # type: ignore[no-any-return]


def decision(items: Items, item: int, scanned: Scan, provider: int) -> Decision:
    """What it would be to place the item at `provider`."""
    price, quality = int(scanned.price[provider]), int(scanned.quality[provider])
    return Decision(provider, price, quality, int(items.rows[item, VALUE]) - price - quality)


def count_exclusions(layout: Layout, scanned: Scan) -> Exclusions:
    """How many providers each rule was the first to exclude."""
    first = {rule.name.lower(): int((scanned.rule == rule).sum()) for rule in Rule if rule != Rule.NEED}
    first_need = scanned.need[scanned.rule == Rule.NEED]
    needs = tuple(np.bincount(first_need, minlength=layout.needs).tolist())
    return Exclusions(needs=needs, eligible=int((scanned.rule == ELIGIBLE).sum()), **first)


def prices(layout: Layout, rows: Integers, wanted: Integers) -> Integers:
    """`arrays.price_of` at every provider, in micro-atoms."""
    total = np.zeros(len(rows), np.int64)
    columns = rows[:, layout.prices].T
    for asked, amount, size in zip(columns, wanted[layout.usage], layout.measure.sizes, strict=True):
        total += -(-asked * amount // size)
    np.maximum(total, rows[:, MINIMUM], out=total)
    quantum = layout.measure.quantum
    return total if quantum == 1 else -(-total // quantum) * quantum


def qualities(layout: Layout, rows: Integers, wanted: Integers) -> Integers:
    """What region and quality cost at every provider, in micro-atoms; a forbidden region counts 0."""
    at_region = np.maximum(wanted[layout.region_cost], 0)[rows[:, REGION]]
    weighed: Integers = rows[:, layout.quality] @ wanted[layout.weights]
    return at_region + weighed


def _exclusions(
    layout: Layout, rows: Integers, items: Items, wanted: Integers
) -> tuple[dict[Rule, Mask], NDArray[np.int8]]:
    lacking = rows[:, layout.offers] < wanted[layout.limits]
    barred = items.barred[wanted[BARRED_FROM] : wanted[BARRED_TO]]
    barred_provider = np.zeros(len(rows), bool)
    barred_provider[barred[(barred >= 0) & (barred < len(rows))]] = True
    free = np.maximum(rows[:, layout.capacity] - rows[:, layout.taken], 0)
    excluded = {
        Rule.REGION: wanted[layout.region_cost][rows[:, REGION]] < 0,
        Rule.LABELS: wanted[WANTED] & ~rows[:, LABELS] != 0,
        Rule.NEED: lacking.any(axis=1),
        Rule.BARRED_PROVIDER: barred_provider,
        Rule.BARRED_OWNER: np.isin(~rows[:, OWNER], barred[barred < 0]),
        Rule.CAPACITY: (wanted[layout.load] > free).any(axis=1),
    }
    need = lacking.argmax(axis=1) if layout.needs else np.zeros(len(rows))
    return excluded, need.astype(np.int8)
