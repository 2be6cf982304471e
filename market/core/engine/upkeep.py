"""Keeps the index true: a provider's lane after a change, and the bounds of every node above it.

A node's lane in its parent always equals the summary of the node's own lanes, so a change that alters no
summary goes no further up.
"""

import numpy as np

from market.core.engine.compiled import BOUNDS, INTEGER, INTEGERS, NOTHING, TABLE, kernel, part
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
from market.core.engine.tree import CHILD, FLOORS, LABEL_SETS, LANE, LAST, LEAF, ORDERS, PARENT, Bounds
from suanli.protocol.arrays import Integers

FINITE = np.float32(np.finfo(np.float32).max)
INFINITE = np.float32(np.inf)


@part
def write_lane(
    bounds: Bounds, nodes: Integers, rows: Integers, header: Integers, provider: int, node: int, lane: int
) -> None:
    """Write a provider's numbers into its lane; a full or removed one gets an infinite minimum."""
    row = rows[provider]
    terms = header[DIMENSIONS] + header[GRADES] + header[NEEDS]
    capacity = PRICES + terms
    resources = header[RESOURCES]
    for term in range(terms):
        bounds[node, (1 + term) * WIDTH + lane] = row[PRICES + term]
    available = row[ALIVE] != 0
    for resource in range(resources):
        free = max(row[capacity + resource] - row[capacity + resources + resource], 0)
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
    for term in range(costs + header[NEEDS] + header[RESOURCES]):
        lanes = load(bounds, node, term * WIDTH)
        if there == 0:
            number = INFINITE if term == 0 else np.float32(0)
        elif term < costs:
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
    node, lane = places[provider] // WIDTH, places[provider] % WIDTH
    if places[provider] < 0:
        return
    write_lane(bounds, nodes, rows, header, provider, node, lane)
    while summarise(bounds, nodes, header, node):
        node = nodes[node, PARENT]


@part
def lower_floors(nodes: Integers, rows: Integers, header: Integers, provider: int, node: int) -> None:
    """Let a node's exact floors allow for a provider below it, and those of all nodes above."""
    row = rows[provider]
    while node >= 0:
        words = nodes[node]
        words[FLOORS] = min(words[FLOORS], row[MINIMUM])
        for term in range(header[DIMENSIONS] + header[GRADES]):
            words[FLOORS + 1 + term] = min(words[FLOORS + 1 + term], row[PRICES + term])
        node = words[PARENT]


@kernel(NOTHING, BOUNDS, TABLE, TABLE, INTEGERS)
def fill(bounds: Bounds, nodes: Integers, rows: Integers, header: Integers) -> None:
    """Write every lane of a newly planted tree from the rows, then every summary, from the lowest up."""
    for node in range(len(nodes) - 1, -1, -1):
        for lane in range(WIDTH):
            if nodes[node, LEAF] != 0 and nodes[node, CHILD + lane] >= 0:
                write_lane(bounds, nodes, rows, header, nodes[node, CHILD + lane], node, lane)
                lower_floors(nodes, rows, header, nodes[node, CHILD + lane], node)
        summarise(bounds, nodes, header, node)


@kernel(NOTHING, BOUNDS, TABLE, INTEGERS, TABLE, INTEGERS, INTEGER)
def follow(
    bounds: Bounds, nodes: Integers, places: Integers, rows: Integers, header: Integers, provider: int
) -> None:
    """Bring the index up to a provider whose free capacity or presence changed."""
    refresh(bounds, nodes, places, rows, header, provider)
