"""The search: best first down the index, float32 as a filter with a margin, the winner in exact integers.

A node is opened only while its bound is not above the worst decision kept; at a tie of bounds the exact
floors and the lowest order decide, so a book of identical asks is as quick as any.
"""

from typing import Any

import numpy as np

from market.core.engine.compiled import part
from market.core.engine.exact import admits, cost_at, price_at, quality_at
from market.core.engine.frontier import ENTRY, INFINITE, NEXT, NODE, following, insert, rise, sink, worst
from market.core.engine.items import Factors
from market.core.engine.lanes import (
    WIDTH,
    add_times,
    all_lanes,
    at_least,
    at_most,
    covering,
    first,
    higher,
    least,
    load,
    only,
)
from market.core.engine.layout import (
    DIMENSIONS,
    GRADES,
    NEEDS,
    ORDER,
    REGIONS,
    RESOURCES,
    VALUE,
    WANTED,
)
from market.core.engine.tree import (
    CHILD,
    FLOORS,
    IN_REGION,
    LABEL_SETS,
    LANE,
    LAST,
    LEAF,
    ORDERS,
    PARENT,
    Bounds,
)
from suanli.protocol.arrays import Integers

MARGIN = np.float32(2.0**-18)
"""More than the relative error of a sum of `MOST_TERMS` rounded products in float32."""
MOST_TERMS = 50


@part
def above(cost: int) -> Any:
    """Above every bound of what costs at most `cost`."""
    number = np.float32(cost)
    return number + number * MARGIN


@part
def floors(bounds: Bounds, node: int, leaf: int, header: Integers, factors: Factors, at_region: Any) -> Any:
    """What the item costs at least in each lane, given what the lanes' regions cost.

    Above the leaves the usage is taken apart into the typical mix, whose least price is known, and a rest.
    """
    dimensions, grades = header[DIMENSIONS], header[GRADES]
    terms = dimensions + grades + header[NEEDS] + header[RESOURCES]
    price, start = all_lanes(np.float32(0)), 0
    if leaf == 0:
        start = terms + header[REGIONS] + 1
        price = add_times(price, factors[start - 1], load(bounds, node, (1 + terms) * WIDTH))
    for term in range(dimensions):
        if factors[start + term] != 0:
            price = add_times(price, factors[start + term], load(bounds, node, (1 + term) * WIDTH))
    cost = higher(price, load(bounds, node, 0))
    for term in range(dimensions, dimensions + grades):
        if factors[term] != 0:
            cost = add_times(cost, factors[term], load(bounds, node, (1 + term) * WIDTH))
    return add_times(cost, np.float32(1), at_region)


@part
def at_regions(tops: Integers, top: int, factors: Factors, terms: int, keys: Bounds, entry: int) -> Any:
    """What the region of each lane of a top node costs; a row of `keys` is overwritten."""
    for lane in range(WIDTH):
        keys[entry, lane] = factors[terms + tops[top, lane]]
    return load(keys, entry, 0)


@part
def suited(
    bounds: Bounds, nodes: Integers, node: int, header: Integers, factors: Factors, wanted: int, chosen: Any
) -> Any:
    """Those of the chosen lanes whose needs, capacity and labels may do."""
    terms = header[DIMENSIONS] + header[GRADES]
    for term in range(terms, terms + header[NEEDS] + header[RESOURCES]):
        chosen &= at_least(load(bounds, node, (1 + term) * WIDTH), factors[term])
    if wanted != 0:
        chosen &= covering(nodes, node, LABEL_SETS, wanted)
    return chosen


@part
def hopeless(nodes: Integers, node: int, header: Integers, item: Integers, cost: int, by_order: int) -> bool:
    """Whether nothing under a node can come before (cost, by_order), by its exact floors."""
    words = nodes[node]
    terms = FLOORS + 1
    price = price_at(header, words, terms, words[FLOORS], item)
    quality = quality_at(header, words, terms + header[DIMENSIONS], words[IN_REGION], item)
    least_cost = price + quality
    if least_cost != cost:
        return bool(least_cost > cost)
    return bool(nodes[words[PARENT], ORDERS + words[LANE]] >= by_order)


@part
def search(
    bounds: Bounds,
    nodes: Integers,
    tops: Integers,
    keys: Bounds,
    frontier: Integers,
    rows: Integers,
    header: Integers,
    item: Integers,
    factors: Factors,
    barred: Integers,
    found: Integers,
) -> int:
    """Fill `found` with the best decisions of an item, best first; returns how many there are."""
    terms = header[DIMENSIONS] + header[GRADES] + header[NEEDS] + header[RESOURCES]
    kept, entries, size, top = 0, 0, 0, 0
    cost, by_order = item[VALUE], LAST
    limit = above(cost)
    while True:
        if top < len(tops):
            node = top
            regions = at_regions(tops, top, factors, terms, keys, entries)
            top += 1
        else:
            if size == 0 or keys[0, WIDTH] > limit:
                return kept
            key, entry, node = keys[0, WIDTH], frontier[0, ENTRY], frontier[0, NEXT]
            lanes = load(keys, entry, 0)
            next_key = least(lanes)
            if next_key <= limit:
                child = following(bounds, nodes, keys, header, frontier[entry, NODE], entry, lanes, next_key)
                sink(keys, frontier, size, next_key, entry, child)
            else:
                size -= 1
                sink(keys, frontier, size, keys[size, WIDTH], frontier[size, ENTRY], frontier[size, NEXT])
            if key + key * MARGIN >= cost and hopeless(nodes, node, header, item, cost, by_order):
                continue
            regions = all_lanes(factors[terms + nodes[node, IN_REGION]])
        leaf = nodes[node, LEAF]
        lanes = floors(bounds, node, leaf, header, factors, regions)
        chosen = at_most(lanes, limit)
        if chosen == 0:
            continue
        chosen = suited(bounds, nodes, node, header, factors, item[WANTED], chosen)
        if chosen == 0:
            continue
        lanes = only(lanes, chosen, INFINITE)
        key = least(lanes)
        if leaf == 0:
            frontier[entries, NODE] = node
            child = following(bounds, nodes, keys, header, node, entries, lanes, key)
            rise(keys, frontier, size, key, entries, child)
            entries += 1
            size += 1
            continue
        while key <= limit:
            lane = first(at_most(lanes, key))
            lanes = only(lanes, ~(np.uint32(1) << np.uint32(lane)), INFINITE)
            key = least(lanes)
            provider = nodes[node, CHILD + lane]
            row = rows[provider]
            if not admits(header, row, item, barred, provider):
                continue
            price, quality = cost_at(header, row, item)
            if price + quality < cost or (price + quality == cost and row[ORDER] < by_order):
                kept = insert(found, kept, price + quality, row[ORDER], provider, price)
                cost, by_order = worst(found, kept, item[VALUE])
                limit = above(cost)
