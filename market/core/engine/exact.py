"""The rules between one item and one provider in compiled integers: what `arrays.pair` says, and capacity."""

from market.core.engine.compiled import part
from market.core.engine.layout import (
    ALIVE,
    BARRED_FROM,
    BARRED_TO,
    DIMENSIONS,
    GRADES,
    LABELS,
    MINIMUM,
    NEEDS,
    OWNER,
    PRICES,
    QUANTUM,
    REGION,
    RESOURCES,
    SIZES,
    USAGE,
    WANTED,
)
from suanli.protocol.arrays import Integers


@part
def price_at(header: Integers, prices: Integers, offset: int, minimum: int, item: Integers) -> int:
    """The price of an item at the unit prices that start at `offset`, in micro-atoms."""
    total = 0
    for dimension in range(header[DIMENSIONS]):
        size = header[SIZES + dimension]
        total += (prices[offset + dimension] * item[USAGE + dimension] + size - 1) // size
    total = max(total, minimum)
    quantum = header[QUANTUM]
    return int(total if quantum == 1 else (total + quantum - 1) // quantum * quantum)


@part
def quality_at(header: Integers, grades: Integers, offset: int, region: int, item: Integers) -> int:
    """What region and the grades that start at `offset` cost an item, in micro-atoms."""
    weights = USAGE + header[DIMENSIONS]
    total = item[weights + header[GRADES] + header[NEEDS] + header[RESOURCES] + region]
    for grade in range(header[GRADES]):
        total += grades[offset + grade] * item[weights + grade]
    return int(total)


@part
def admits(header: Integers, row: Integers, item: Integers, barred: Integers, provider: int) -> bool:
    """Whether an item may go to a provider that has room for it, whatever it costs there."""
    dimensions, grades, needs = header[DIMENSIONS], header[GRADES], header[NEEDS]
    resources, limits = header[RESOURCES], USAGE + dimensions + grades
    offers = PRICES + dimensions + grades
    if row[ALIVE] == 0 or item[WANTED] & ~row[LABELS] != 0:
        return False
    if item[limits + needs + resources + row[REGION]] < 0:
        return False
    for need in range(needs):
        if row[offers + need] < item[limits + need]:
            return False
    capacity = offers + needs
    for resource in range(resources):
        free = row[capacity + resource] - row[capacity + resources + resource]
        if max(free, 0) < item[limits + needs + resource]:
            return False
    for place in range(item[BARRED_FROM], item[BARRED_TO]):
        if barred[place] == provider or ~barred[place] == row[OWNER]:
            return False
    return True


@part
def cost_at(header: Integers, row: Integers, item: Integers) -> tuple[int, int]:
    """Price and quality of an item at a provider, in micro-atoms."""
    price = price_at(header, row, PRICES, row[MINIMUM], item)
    return price, quality_at(header, row, PRICES + header[DIMENSIONS], row[REGION], item)
