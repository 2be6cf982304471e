"""Keeps the index true: a provider's lane after a change, and the bounds of every node above it.

A node's lane in its parent always equals the summary of the node's own lanes, so a change that alters no
summary goes no further up.
"""

import numpy as np

from market.core.engine.compiled import BOUNDS, INTEGER, INTEGERS, NOTHING, TABLE, kernel, part
from market.core.engine.frontier import INFINITE
from market.core.engine.lanes import WIDTH, at_most, first, least, load, most, only
from market.core.engine.layout import (
    ALIVE,
    DIMENSIONS,
    GRADES,
    LABELS,
    MINIMUM,
    NEEDS,
    ORDER,
    PRICES,
    RESOURCES,
)
from market.core.engine.tree import (
    LABEL_SETS,
    LANE,
    LAST,
    ORDERS,
    PARENT,
    Bounds,
)
from suanli.protocol.arrays import Integers

FINITE = np.float32(np.finfo(np.float32).max)


@part
def write_free(
    bounds: Bounds, nodes: Integers, rows: Integers, header: Integers, provider: int, place: int
) -> None:
    """Write what a provider has free into its lane; a full or removed one gets an infinite minimum."""
    node, lane, row = place // WIDTH, place % WIDTH, rows[provider]
    terms = header[DIMENSIONS] + header[GRADES] + header[NEEDS]
    resources, available = header[RESOURCES], row[ALIVE] != 0
    for resource in range(resources):
        capacity = PRICES + terms + resource
        free = max(row[capacity] - row[capacity + resources], 0)
        bounds[node, (1 + terms + resource) * WIDTH + lane] = free
        available = available and (resource > 0 or free > 0)
    bounds[node, lane] = row[MINIMUM] if available else INFINITE
    nodes[node, ORDERS + lane] = row[ORDER] if available else LAST
    nodes[node, LABEL_SETS + lane] = row[LABELS] if available else 0


@part
def summarise(bounds: Bounds, nodes: Integers, header: Integers, node: int) -> bool:
    """Write a node's summary into its parent's lane; whether that changed anything."""
    parent, lane = nodes[node, PARENT], nodes[node, LANE]
    if parent < 0:
        return False
    there = at_most(load(bounds, node, 0), FINITE)
    changed = False
    costs = 1 + header[DIMENSIONS] + header[GRADES]
    last = costs + header[NEEDS] + header[RESOURCES]
    for term in range(last + 1):
        lanes = load(bounds, node, term * WIDTH)
        if there == 0:
            number = INFINITE if term == 0 else np.float32(0)
        elif term < costs or term == last:
            number = least(only(lanes, there, INFINITE))
        else:
            number = most(only(lanes, there, -INFINITE))
        changed = changed or bounds[parent, term * WIDTH + lane] != number
        bounds[parent, term * WIDTH + lane] = number
    labels, order = np.int64(0), LAST
    while there != 0:
        place = first(there)
        there &= there - np.uint32(1)
        labels |= nodes[node, LABEL_SETS + place]
        order = min(order, nodes[node, ORDERS + place])
    changed = changed or nodes[parent, LABEL_SETS + lane] != labels or nodes[parent, ORDERS + lane] != order
    nodes[parent, LABEL_SETS + lane], nodes[parent, ORDERS + lane] = labels, order
    return changed


@part
def refresh(
    bounds: Bounds, nodes: Integers, places: Integers, rows: Integers, header: Integers, provider: int
) -> None:
    """Bring a provider's lane and the bounds above it up to its row, prices unchanged."""
    if places[provider] < 0:
        return
    write_free(bounds, nodes, rows, header, provider, places[provider])
    node = places[provider] // WIDTH
    while summarise(bounds, nodes, header, node):
        node = nodes[node, PARENT]


@kernel(NOTHING, BOUNDS, TABLE, INTEGERS, TABLE, INTEGERS, INTEGER)
def follow(
    bounds: Bounds, nodes: Integers, places: Integers, rows: Integers, header: Integers, provider: int
) -> None:
    """Bring the index up to a provider whose free capacity or presence changed."""
    refresh(bounds, nodes, places, rows, header, provider)


@kernel(NOTHING, BOUNDS, TABLE, INTEGERS, TABLE, INTEGERS, INTEGERS)
def follow_many(
    bounds: Bounds, nodes: Integers, places: Integers, rows: Integers, header: Integers, providers: Integers
) -> None:
    """As `follow`, for many providers."""
    for number in range(len(providers)):
        refresh(bounds, nodes, places, rows, header, providers[number])
