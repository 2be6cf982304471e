"""What a search keeps: the best decisions found, and a heap of opened nodes by least remaining bound."""

from typing import Any

import numpy as np

from market.core.engine.compiled import part
from market.core.engine.lanes import WIDTH, at_most, fetch_ahead, first, only, store
from market.core.engine.layout import DIMENSIONS, GRADES
from market.core.engine.tree import CHILD, LAST, Bounds
from suanli.protocol.arrays import Integers

INFINITE = np.float32(np.inf)
COST, BY_ORDER, PROVIDER, PRICE = range(4)
"""Columns of what is found."""
ENTRY, NEXT, NODE = range(3)
"""Columns of the frontier: by place in the heap an entry and its next node; by entry the node it is of."""


@part
def insert(found: Integers, kept: int, cost: int, order: int, provider: int, price: int) -> int:
    """Put a decision where it belongs among the `kept` best; returns how many there are now."""
    place = min(kept, len(found) - 1)
    while place > 0 and precedes(cost, order, found[place - 1]):
        for column in range(4):
            found[place, column] = found[place - 1, column]
        place -= 1
    found[place, COST], found[place, BY_ORDER] = cost, order
    found[place, PROVIDER], found[place, PRICE] = provider, price
    return min(kept + 1, len(found))


@part
def precedes(cost: int, order: int, other: Integers) -> bool:
    """Whether a decision comes before another that was found."""
    return bool(cost < other[COST] or (cost == other[COST] and order < other[BY_ORDER]))


@part
def worst(found: Integers, kept: int, value: int) -> tuple[int, int]:
    """Cost and order that a decision has to come before to be kept."""
    last = len(found) - 1
    return (found[last, COST], found[last, BY_ORDER]) if kept > last else (value, LAST)


@part
def sink(keys: Bounds, frontier: Integers, size: int, key: float, entry: int, child: int) -> None:
    """Put an entry at the root of the heap and let it sink to its place."""
    place, below = 0, 1
    while below < size:
        if below + 1 < size and keys[below + 1, WIDTH] < keys[below, WIDTH]:
            below += 1
        if keys[below, WIDTH] >= key:
            break
        keys[place, WIDTH] = keys[below, WIDTH]
        frontier[place, ENTRY], frontier[place, NEXT] = frontier[below, ENTRY], frontier[below, NEXT]
        place, below = below, 2 * below + 1
    keys[place, WIDTH], frontier[place, ENTRY], frontier[place, NEXT] = key, entry, child


@part
def rise(keys: Bounds, frontier: Integers, size: int, key: float, entry: int, child: int) -> None:
    """Put an entry behind the last of the heap and let it rise to its place."""
    place = size
    while place > 0 and keys[(place - 1) // 2, WIDTH] > key:
        over = (place - 1) // 2
        keys[place, WIDTH] = keys[over, WIDTH]
        frontier[place, ENTRY], frontier[place, NEXT] = frontier[over, ENTRY], frontier[over, NEXT]
        place = over
    keys[place, WIDTH], frontier[place, ENTRY], frontier[place, NEXT] = key, entry, child


@part
def following(
    bounds: Bounds,
    nodes: Integers,
    keys: Bounds,
    header: Integers,
    node: int,
    entry: int,
    lanes: Any,
    key: float,
) -> int:
    """The child of a node with this key; the other lanes are kept, what the child needs is fetched."""
    lane = first(at_most(lanes, key))
    store(only(lanes, ~(np.uint32(1) << np.uint32(lane)), INFINITE), keys, entry, 0)
    child = nodes[node, CHILD + lane]
    for term in range(1 + header[DIMENSIONS] + header[GRADES]):
        fetch_ahead(bounds, child, term * WIDTH)
    return int(child)
