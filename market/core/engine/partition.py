"""Divides providers into cells of neighbours by recursive median cuts, so that bounds of a cell are close.

A cell has up to 32 parts; the parts of the lowest cells are providers, with places left for newcomers.
"""

from dataclasses import dataclass, field
from math import ceil

import numpy as np
from numpy.typing import NDArray

from market.core.engine.layout import ORDER, REGION, Layout
from suanli.protocol.arrays import Integers

Points = NDArray[np.float32]
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


def divide(layout: Layout, rows: Integers, scale: NDArray[np.float64] | None = None) -> dict[int, Cell]:
    """A cell of cells per region that has providers, all rows included.

    scale: how much a unit of each price and of each grade counts; by default such that all
    vary alike.
    """
    points = coordinates(layout, rows, scale)
    cells = {}
    for region in np.unique(rows[:, REGION]).tolist():
        members = np.flatnonzero(rows[:, REGION] == region)
        members = members[np.argsort(rows[members, ORDER], kind="stable")]
        cells[region] = _cell(points, members)
    return cells


def coordinates(layout: Layout, rows: Integers, scale: NDArray[np.float64] | None) -> Points:
    """Each provider as a point whose coordinates are comparable."""
    columns = [*range(layout.prices.start, layout.quality.stop)]
    points = rows[:, columns].astype(np.float64)
    if scale is None:
        spread = points.std(axis=0) if len(points) else np.ones(len(columns))
        scale = 1 / np.where(spread > 0, spread, 1)
    return np.asarray(points * scale, np.float32)


def _cell(points: Points, members: Integers) -> Cell:
    leaves = ceil(len(members) / FILL)
    if leaves <= 1:
        return Cell(members)
    height = 1
    while 32**height < leaves:
        height += 1
    parts = min(32, ceil(leaves ** (1 / height)))
    return Cell(members[:0], [_cell(points, part) for part in _parts(points, members, parts)])


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
