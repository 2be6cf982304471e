"""What Python calls of the compiled variant: the best for one item, the best few, many items in turn."""

from market.core.engine.compiled import BOUNDS, FOUR, INTEGER, INTEGERS, NOTHING, TABLE, kernel, part
from market.core.engine.exact import admits, cost_at
from market.core.engine.frontier import COST, PRICE, PROVIDER, insert, worst
from market.core.engine.items import Factors
from market.core.engine.layout import DIMENSIONS, GRADES, NEEDS, ORDER, PRICES, RESOURCES, USAGE, VALUE
from market.core.engine.search import search
from market.core.engine.tree import LAST, NONE, Bounds
from market.core.engine.upkeep import refresh
from suanli.protocol.arrays import Integers


@part
def scan(
    rows: Integers,
    count: int,
    header: Integers,
    item: Integers,
    barred: Integers,
    found: Integers,
) -> int:
    """As `search`, by looking at every row: for items that may go to full providers."""
    kept, cost, by_order = 0, item[VALUE], LAST
    for provider in range(count):
        row = rows[provider]
        if not admits(header, row, item, barred, provider):
            continue
        price, quality = cost_at(header, row, item)
        if price + quality < cost or (price + quality == cost and row[ORDER] < by_order):
            kept = insert(found, kept, price + quality, row[ORDER], provider, price)
            cost, by_order = worst(found, kept, item[VALUE])
    return kept


@part
def look(
    bounds: Bounds,
    nodes: Integers,
    tops: Integers,
    keys: Bounds,
    frontier: Integers,
    rows: Integers,
    header: Integers,
    items: Integers,
    factors: Factors,
    barred: Integers,
    found: Integers,
    item: int,
) -> int:
    """Fill `found` with the best decisions of an item; returns how many there are."""
    load = USAGE + header[DIMENSIONS] + header[GRADES] + header[NEEDS]
    if header[RESOURCES] > 0 and items[item, load] == 0:
        return scan(rows, len(rows), header, items[item], barred, found)
    return search(
        bounds, nodes, tops, keys, frontier, rows, header, items[item], factors[item], barred, found
    )


@kernel(FOUR, BOUNDS, TABLE, TABLE, BOUNDS, TABLE, TABLE, INTEGERS, TABLE, BOUNDS, INTEGERS, TABLE, INTEGER)
def best(
    bounds: Bounds,
    nodes: Integers,
    tops: Integers,
    keys: Bounds,
    frontier: Integers,
    rows: Integers,
    header: Integers,
    items: Integers,
    factors: Factors,
    barred: Integers,
    found: Integers,
    item: int,
) -> tuple[int, int, int, int]:
    """Fill `found` with the best decisions of an item, best first; returns how many there are, then provider,
    price and cost of the first.
    """
    kept = look(bounds, nodes, tops, keys, frontier, rows, header, items, factors, barred, found, item)
    return kept, found[0, PROVIDER], found[0, PRICE], found[0, COST]


@part
def take(rows: Integers, header: Integers, item: Integers, provider: int) -> None:
    """Add an item's load to what is taken of a provider."""
    terms = header[DIMENSIONS] + header[GRADES] + header[NEEDS]
    for resource in range(header[RESOURCES]):
        taken = PRICES + terms + header[RESOURCES] + resource
        rows[provider, taken] += item[USAGE + terms + resource]


@kernel(
    NOTHING, BOUNDS, TABLE, TABLE, BOUNDS, TABLE, TABLE, INTEGERS,
    TABLE, BOUNDS, INTEGERS, TABLE, INTEGERS, TABLE,
)  # fmt: skip
def decide_many(
    bounds: Bounds,
    nodes: Integers,
    tops: Integers,
    keys: Bounds,
    frontier: Integers,
    rows: Integers,
    header: Integers,
    items: Integers,
    factors: Factors,
    barred: Integers,
    found: Integers,
    places: Integers,
    decided: Integers,
) -> None:
    """Decide every item into a row of `decided`: provider or NONE, price, quality. `places` is empty where
    nothing is reserved, else each takes its load before the next is decided.
    """
    for item in range(len(items)):
        kept = look(bounds, nodes, tops, keys, frontier, rows, header, items, factors, barred, found, item)
        decided[item, 0] = NONE
        if kept == 0:
            continue
        provider, cost, price = found[0, PROVIDER], found[0, COST], found[0, PRICE]
        decided[item, 0], decided[item, 1], decided[item, 2] = provider, price, cost - price
        if len(places) > 0:
            take(rows, header, items[item], provider)
            refresh(bounds, nodes, places, rows, header, provider)
