"""Items as rows that the kernels read: exact integers, and float32 factors for the filter.

Encoding checks every product against the largest numbers of the fleet, so that no kernel can overflow.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market.core.engine.layout import BARRED_FROM, BARRED_TO, VALUE, WANTED, Layout
from suanli.protocol.arrays import FORBIDDEN, LARGEST, Demand, Integers, Supply, check_round
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason

Factors = NDArray[np.float32]
Scale = NDArray[np.float64]
"""How much a unit of each price, then of each grade, counts in what items cost; all positive."""


@dataclass(slots=True)
class Items:
    """Encoded items: `rows` (M, item_width) int64, `factors` (M, K) float32, `barred` as in `Demand`.

    `checked` is the version of the fleet's ceilings and scale that they were encoded against.
    """

    demand: Demand
    values: list[int]
    rows: Integers
    factors: Factors
    barred: Integers
    checked: int

    def __len__(self) -> int:
        return len(self.rows)


def encode(layout: Layout, demand: Demand, ceiling: Supply, scale: Scale, checked: int) -> Items:
    """`demand` as rows; `ceiling` is one provider with the largest numbers of the fleet.

    Raises ProtocolError(QUANTITY_OUT_OF_RANGE) where a shape or a sign is off or a product could overflow.
    """
    check_items(layout, demand, ceiling)
    rows = np.zeros((len(demand), layout.item_width), np.int64)
    rows[:, VALUE], rows[:, WANTED] = demand.value, np.asarray(demand.labels, np.uint64).view(np.int64)
    rows[:, BARRED_FROM], rows[:, BARRED_TO] = demand.barred_start[:-1], demand.barred_start[1:]
    for part, column in _columns(layout, demand):
        rows[:, part] = column
    return Items(
        demand, demand.value.tolist(), rows, factors(layout, rows, scale), _contiguous(demand.barred), checked
    )


def check_items(layout: Layout, demand: Demand, ceiling: Supply) -> None:
    """Raises ProtocolError(QUANTITY_OUT_OF_RANGE) unless every product with `ceiling` stays exact.

    Items are decided one by one: each value must be countable, their sum need not be.
    """
    for name in Demand.__slots__:
        column = getattr(demand, name)
        if column.dtype.kind not in ("iu" if name == "labels" else "i"):
            raise _off(f"{name}: whole numbers are wanted, not {column.dtype}")
    if demand.value.size and int(demand.value.max()) >= LARGEST:
        raise _off("value: an item's is too large")
    check_round(layout.measure, ceiling, replace(demand, value=np.sign(demand.value)))
    if demand.region_cost.shape != (len(demand), layout.regions):
        raise _off(
            f"region_cost has the shape {demand.region_cost.shape}, and there are {layout.regions} regions"
        )
    if demand.region_cost.size and int(demand.region_cost.min()) < int(FORBIDDEN):
        raise _off("region_cost: a number is negative")


def factors(layout: Layout, rows: Integers, scale: Scale) -> Factors:
    """The float32 filter of each row: money per unit price and grade, needs, load, region costs; then how
    much of the typical mix (the scale's prices) is in the usage, and money per unit price of the rest.

    Rounding is to the nearest; the kernels' margins allow for it. A forbidden region costs infinity.
    """
    sizes = np.array(layout.measure.sizes, np.float64)
    region_cost = rows[:, layout.region_cost].astype(np.float64)
    region_cost[region_cost < 0] = np.inf
    plain = rows[:, layout.weights.start : layout.load.stop].astype(np.float64)
    mix = scale[: layout.dimensions]
    usage = rows[:, layout.usage] / sizes
    part = (usage / mix).min(axis=1, keepdims=True, initial=np.inf)
    rest = np.maximum(usage - part * mix, 0)
    parts = [usage, plain, region_cost, np.where(np.isfinite(part), part, 0), rest]
    return np.ascontiguousarray(np.concatenate(parts, axis=1), np.float32)


def _columns(layout: Layout, demand: Demand) -> list[tuple[slice, Integers]]:
    return [
        (layout.usage, demand.usage),
        (layout.weights, demand.weights),
        (layout.limits, demand.needs),
        (layout.load, demand.load),
        (layout.region_cost, demand.region_cost),
    ]


def _contiguous(numbers: NDArray[Any]) -> Integers:
    return np.ascontiguousarray(numbers, np.int64)


def _off(what: str) -> ProtocolError:
    return ProtocolError(Reason.QUANTITY_OUT_OF_RANGE, what)
