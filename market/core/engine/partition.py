"""Divides providers into cells of neighbours by recursive median cuts, so that bounds of a cell are close.

A cell has up to 32 parts; the parts of the lowest cells are providers, with places left for newcomers.
"""

from dataclasses import dataclass, field
from math import ceil

import numpy as np
from numpy.typing import NDArray

from market.core.engine.items import Items, Scale
from market.core.engine.layout import ALIVE, ORDER, REGION, Layout
from suanli.protocol.arrays import Integers

Points = NDArray[np.float32]
WIDTH = 32
MOST_CELLS = 256
"""Highest cells are all looked at in every search, 32 at once; more of them get a level above."""
LEAST_SHARE = 1e-3
"""No price counts for less than this share, so that the mix is positive in every dimension."""
FILL = 28
"""Providers in a full new cell; the other places of the 32 are for newcomers."""


@dataclass(slots=True)
class Cell:
    """Providers, or cells `below`."""

    providers: Integers
    below: list["Cell"] = field(default_factory=list)

    def nodes(self) -> int:
        """This cell and all below it."""
        return 1 + sum(cell.nodes() for cell in self.below)


def divide(layout: Layout, rows: Integers, scale: Scale) -> dict[int, list[Cell]]:
    """Cells of equal height for each region that has providers; removed rows are left out.

    scale: how much a unit of each price and of each grade counts.
    """
    points = coordinates(layout, rows, scale)
    present = np.flatnonzero(rows[:, ALIVE])
    present = present[np.lexsort((rows[present, ORDER], rows[present, REGION]))]
    regions, starts = np.unique(rows[present, REGION], return_index=True)
    members = np.split(present, starts[1:]) if len(present) else []
    height = 0
    while sum(ceil(len(part) / _room(height)) for part in members) > MOST_CELLS:
        height += 1
    return {
        region: [
            _cell(points, cell, height) for cell in _parts(points, part, ceil(len(part) / _room(height)))
        ]
        for region, part in zip(regions.tolist(), members, strict=True)
    }


def coordinates(layout: Layout, rows: Integers, scale: Scale) -> Points:
    """Each provider as a point: its prices, its grades, and the price of the typical mix."""
    priced = rows[:, layout.prices.start : layout.quality.stop] * scale
    mixed = priced[:, : layout.dimensions].sum(axis=1, keepdims=True)
    return np.concatenate([priced, mixed], axis=1).astype(np.float32)


def alike(layout: Layout, rows: Integers) -> Scale:
    """The scale under which every price and grade varies alike."""
    return 1 / _spread(layout, rows)


def typical(layout: Layout, rows: Integers, items: Items) -> Scale:
    """The scale under which every price and grade varies by its share in what such items cost."""
    spread = _spread(layout, rows)
    varied = items.factors[:, : len(spread)].astype(np.float64) * spread
    shares = varied / np.maximum(varied.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    return np.maximum(shares.mean(axis=0), LEAST_SHARE) / spread if len(items) else 1 / spread


def _spread(layout: Layout, rows: Integers) -> Scale:
    columns = rows[:, layout.prices.start : layout.quality.stop].astype(np.float64)
    spread = columns.std(axis=0) if len(rows) else np.ones(columns.shape[1])
    return np.where(spread > 0, spread, 1)


def _room(height: int) -> int:
    """How many providers a cell of that height is made for."""
    return int(FILL * WIDTH**height)


def _cell(points: Points, members: Integers, height: int) -> Cell:
    if height == 0:
        return Cell(members)
    parts = _parts(points, members, ceil(len(members) / _room(height - 1)))
    return Cell(members[:0], [_cell(points, part, height - 1) for part in parts])


def _parts(points: Points, members: Integers, parts: int) -> list[Integers]:
    """Cut the members into `parts` of about equal size, at the widest coordinate each time."""
    if parts == 1:
        return [members]
    left = parts // 2
    cut = len(members) * left // parts
    own = points[members]
    column = own[:, own.var(axis=0).argmax()]
    ranked = members[np.argsort(column, kind="stable")] if cut else members
    return [*_parts(points, ranked[:cut], left), *_parts(points, ranked[cut:], parts - left)]
