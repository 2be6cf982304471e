"""The index: a tree of nodes of up to 32 lanes, one tree per region; a lane is a provider or a node below.

`bounds` holds what no provider of a lane can beat (least minimum, prices, grades; greatest offers, free
capacity), in float32. Full and removed providers have an infinite minimum and count in no node above.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.core.engine.lanes import WIDTH
from market.core.engine.layout import Layout
from market.core.engine.partition import Cell
from suanli.protocol.arrays import Integers

Bounds = NDArray[np.float32]

# A node's words: where it hangs, what its lanes are, and exact floors of what is below it.
PARENT, LANE, LEAF, IN_REGION, VACANT = range(5)
CHILD = 5
ORDERS = CHILD + WIDTH
LABEL_SETS = ORDERS + WIDTH
FLOORS = LABEL_SETS + WIDTH
NONE = -1
LAST = np.iinfo(np.int64).max
"""The order of nobody."""


@dataclass(slots=True)
class Tree:
    """`nodes` (n, FLOORS + 1 + D + Q) int64 words; `bounds` (n, K * 32) float32; `roots` (G,) or NONE.

    `places` (C,): node * 32 + lane of each provider, or NONE. `keys` and `frontier` are the search's own.
    """

    nodes: Integers
    bounds: Bounds
    roots: Integers
    places: Integers
    keys: Bounds
    frontier: Integers


def plant(layout: Layout, storage: Integers, count: int, cells: dict[int, Cell]) -> Tree:
    """A tree over the first `count` rows; `cells` divide each region's providers."""
    total = sum(cell.nodes() for cell in cells.values())
    features = 1 + layout.dimensions + layout.grades + layout.needs + layout.resources
    tree = Tree(
        np.zeros((total, FLOORS + 1 + layout.dimensions + layout.grades), np.int64),
        np.zeros((total, features * WIDTH), np.float32),
        np.full(layout.regions, NONE, np.int64),
        np.full(len(storage), NONE, np.int64),
        np.zeros((total + 1, WIDTH + 1), np.float32),
        np.zeros((total + 1, 2), np.int64),
    )
    tree.nodes[:, CHILD:ORDERS], tree.nodes[:, ORDERS:LABEL_SETS] = NONE, LAST
    tree.nodes[:, FLOORS:] = LAST
    tree.bounds[:, :WIDTH] = np.inf
    number = 0
    for region, cell in cells.items():
        tree.roots[region] = number
        number = _hang(tree, cell, number, region)
    return tree


def _hang(tree: Tree, root: Cell, number: int, region: int) -> int:
    """Number the cells of a region from `number` on, parents first; returns the next free number."""
    queue = [(root, NONE, 0)]
    for cell, parent, lane in queue:
        node = tree.nodes[number]
        node[[PARENT, LANE, LEAF, IN_REGION]] = parent, lane, int(not cell.below), region
        if parent != NONE:
            tree.nodes[parent, CHILD + lane] = number
        if cell.below:
            queue += [(below, number, place) for place, below in enumerate(cell.below)]
        else:
            node[VACANT] = WIDTH - len(cell.providers)
            node[CHILD : CHILD + len(cell.providers)] = cell.providers
            tree.places[cell.providers] = number * WIDTH + np.arange(len(cell.providers))
        number += 1
    return number
