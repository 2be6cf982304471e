"""Puts providers into the index and takes them out: a tree newly planted, one who leaves, one who settles."""

import numpy as np

from market.core.engine.compiled import BOUNDS, INTEGER, INTEGERS, NOTHING, SCALE, TABLE, kernel, part
from market.core.engine.frontier import INFINITE
from market.core.engine.items import Scale
from market.core.engine.lanes import WIDTH
from market.core.engine.layout import DIMENSIONS, GRADES, MINIMUM, NEEDS, PRICES, REGION, RESOURCES
from market.core.engine.tree import (
    CHILD,
    FLOORS,
    IN_REGION,
    LABEL_SETS,
    LAST,
    LEAF,
    NONE,
    ORDERS,
    PARENT,
    VACANT,
    Bounds,
)
from market.core.engine.upkeep import refresh, summarise, write_free
from suanli.protocol.arrays import Integers


@part
def write_asked(
    bounds: Bounds, rows: Integers, header: Integers, scale: Scale, provider: int, node: int, lane: int
) -> None:
    """Write what a provider asks and offers into its lane."""
    row = rows[provider]
    terms = header[DIMENSIONS] + header[GRADES] + header[NEEDS]
    for term in range(terms):
        bounds[node, (1 + term) * WIDTH + lane] = row[PRICES + term]
    mixed = 0.0
    for dimension in range(header[DIMENSIONS]):
        mixed += scale[dimension] * row[PRICES + dimension]
    bounds[node, (1 + terms + header[RESOURCES]) * WIDTH + lane] = mixed


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


@kernel(NOTHING, BOUNDS, TABLE, TABLE, INTEGERS, SCALE)
def fill(bounds: Bounds, nodes: Integers, rows: Integers, header: Integers, scale: Scale) -> None:
    """Write every lane of a newly planted tree from the rows, then every summary, from the lowest up."""
    for node in range(len(nodes) - 1, -1, -1):
        for lane in range(WIDTH):
            provider = nodes[node, CHILD + lane]
            if nodes[node, LEAF] != 0 and provider >= 0:
                write_asked(bounds, rows, header, scale, provider, node, lane)
                write_free(bounds, nodes, rows, header, provider, node * WIDTH + lane)
                lower_floors(nodes, rows, header, provider, node)
        summarise(bounds, nodes, header, node)
        if nodes[node, PARENT] >= 0:
            nodes[nodes[node, PARENT], VACANT] += nodes[node, VACANT]


@kernel(NOTHING, BOUNDS, TABLE, INTEGERS, TABLE, INTEGERS, INTEGER)
def leave(
    bounds: Bounds, nodes: Integers, places: Integers, rows: Integers, header: Integers, provider: int
) -> None:
    """Take a provider out of the index."""
    place = places[provider]
    if place < 0:
        return
    node, lane = place // WIDTH, place % WIDTH
    nodes[node, CHILD + lane], places[provider] = NONE, NONE
    nodes[node, ORDERS + lane], nodes[node, LABEL_SETS + lane] = LAST, 0
    bounds[node, lane] = INFINITE
    above = node
    while above >= 0:
        nodes[above, VACANT] += 1
        above = nodes[above, PARENT]
    while summarise(bounds, nodes, header, node):
        node = nodes[node, PARENT]


@part
def nearest(
    bounds: Bounds, nodes: Integers, rows: Integers, header: Integers, scale: Scale, provider: int, node: int
) -> tuple[float, int]:
    """The lane of a node whose least prices are nearest to a provider's, of those with a place below, and how
    far it is; or NONE.
    """
    best, found = np.inf, NONE
    for lane in range(WIDTH):
        below = nodes[node, CHILD + lane]
        if below < 0 or nodes[below, VACANT] == 0 or nodes[below, IN_REGION] != rows[provider, REGION]:
            continue
        away = 0.0
        for term in range(header[DIMENSIONS] + header[GRADES]):
            asked = np.float64(rows[provider, PRICES + term])
            away += abs(asked - bounds[node, (1 + term) * WIDTH + lane]) * scale[term]
        if away < best:
            best, found = away, lane
    return best, found


@kernel(INTEGER, BOUNDS, TABLE, INTEGERS, TABLE, INTEGERS, SCALE, INTEGER, INTEGER)
def settle(
    bounds: Bounds,
    nodes: Integers,
    places: Integers,
    rows: Integers,
    header: Integers,
    scale: Scale,
    tops: int,
    provider: int,
) -> int:
    """Give a provider a place in the index near its like; returns it, or NONE where its region is full."""
    best, node = np.inf, NONE
    for top in range(tops):
        away, lane = nearest(bounds, nodes, rows, header, scale, provider, top)
        if lane >= 0 and away < best:
            best, node = away, nodes[top, CHILD + lane]
    while node >= 0 and nodes[node, LEAF] == 0:
        _, lane = nearest(bounds, nodes, rows, header, scale, provider, node)
        node = nodes[node, CHILD + lane]
    if node < 0:
        return NONE
    lane = 0
    while nodes[node, CHILD + lane] >= 0:
        lane += 1
    nodes[node, CHILD + lane], places[provider] = provider, node * WIDTH + lane
    write_asked(bounds, rows, header, scale, provider, node, lane)
    lower_floors(nodes, rows, header, provider, node)
    above = node
    while above >= 0:
        nodes[above, VACANT] -= 1
        above = nodes[above, PARENT]
    refresh(bounds, nodes, places, rows, header, provider)
    return int(places[provider])
