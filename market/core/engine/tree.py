"""The index: a tree of nodes of up to 32 lanes, one tree per region; a lane is a provider or a node below.

`bounds` holds what no provider of a lane can beat, in float32: least minimum, prices, grades; greatest
offers, free capacity; least price of the typical mix. Full and removed providers have an infinite minimum and
count in no node above.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.core.engine.lanes import CACHE_LINE, WIDTH
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
    """`nodes` (n, FLOORS + 1 + D + Q) int64 words; `bounds` (n, K * 32) float32.

    tops (n, 32): the regions of the lanes of the first nodes, where every search begins; `places` (C,):
    node * 32 + lane of each provider, or NONE. `keys` and `frontier` are the search's own.
    """

    nodes: Integers
    bounds: Bounds
    tops: Integers
    places: Integers
    keys: Bounds
    frontier: Integers


def lanes(rows: int, columns: int) -> Bounds:
    """A table of float32 zeros that starts with a cache line, so that no load touches one line too many."""
    table = np.zeros(rows * columns + CACHE_LINE // 4, np.float32)
    start = -table.ctypes.data % CACHE_LINE // 4
    return table[start : start + rows * columns].reshape(rows, columns)


def plant(layout: Layout, storage: Integers, cells: dict[int, list[Cell]]) -> Tree:
    """A tree over the rows that `cells` divide by region; its bounds are not filled yet."""
    highest = [(region, cell) for region, several in cells.items() for cell in several]
    tops = -(-len(highest) // WIDTH)
    total = tops + sum(cell.nodes() for _, cell in highest)
    features = 2 + layout.dimensions + layout.grades + layout.needs + layout.resources
    tree = Tree(
        np.zeros((total, FLOORS + 1 + layout.dimensions + layout.grades), np.int64),
        lanes(total, features * WIDTH),
        np.zeros((tops, WIDTH), np.int64),
        np.full(len(storage), NONE, np.int64),
        lanes(total + 1, WIDTH + CACHE_LINE // 4),
        np.zeros((total + 1, 3), np.int64),
    )
    tree.nodes[:, CHILD:ORDERS], tree.nodes[:, ORDERS:LABEL_SETS] = NONE, LAST
    tree.nodes[:, FLOORS:], tree.nodes[:tops, PARENT] = LAST, NONE
    tree.bounds[:, :WIDTH] = np.inf
    _hang(tree, highest)
    return tree


def _hang(tree: Tree, highest: list[tuple[int, Cell]]) -> None:
    """Number the cells, those above first, and write down who hangs where."""
    queue = [(region, cell, *divmod(place, WIDTH)) for place, (region, cell) in enumerate(highest)]
    for number, (region, cell, parent, lane) in enumerate(queue, start=len(tree.tops)):
        node = tree.nodes[number]
        node[[PARENT, LANE, LEAF, IN_REGION]] = parent, lane, int(not cell.below), region
        tree.nodes[parent, CHILD + lane] = number
        if parent < len(tree.tops):
            tree.tops[parent, lane] = region
        queue += [(region, below, number, place) for place, below in enumerate(cell.below)]
        if not cell.below:
            node[VACANT] = WIDTH - len(cell.providers)
            node[CHILD : CHILD + len(cell.providers)] = cell.providers
            tree.places[cell.providers] = number * WIDTH + np.arange(len(cell.providers))
