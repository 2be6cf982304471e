"""Where each number stands in a provider's row, an item's row and an item's factors.

Rows are plain int64 vectors, so that one matrix holds a fleet and one cache line run holds a provider. The
compiled kernels read the same offsets from `Layout.header()`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from suanli.protocol.arrays import Integers, Measure

# A provider's row.
ORDER, ALIVE, MINIMUM, REGION, OWNER, LABELS, PRICES = range(7)
# An item's row; what has one entry per dimension follows from USAGE on.
VALUE, WANTED, BARRED_FROM, BARRED_TO, USAGE = range(5)
# The header that the compiled kernels get.
DIMENSIONS, GRADES, NEEDS, RESOURCES, REGIONS, QUANTUM, SIZES = range(7)


@dataclass(frozen=True)
class Layout:
    """The shape of a market: its measure and how many grades of quality, needs, resources, regions it has."""

    measure: Measure
    grades: int
    needs: int
    resources: int
    regions: int

    @property
    def dimensions(self) -> int:
        """How many dimensions have a price."""
        return len(self.measure.sizes)

    @cached_property
    def prices(self) -> slice:
        """Columns of a provider's row: one price per dimension."""
        return slice(PRICES, PRICES + self.dimensions)

    @cached_property
    def quality(self) -> slice:
        """Columns of a provider's row: one grade per kind of quality."""
        return slice(self.prices.stop, self.prices.stop + self.grades)

    @cached_property
    def offers(self) -> slice:
        """Columns of a provider's row: the largest need of each kind that it meets."""
        return slice(self.quality.stop, self.quality.stop + self.needs)

    @cached_property
    def capacity(self) -> slice:
        """Columns of a provider's row: all that it has of each resource, taken or not."""
        return slice(self.offers.stop, self.offers.stop + self.resources)

    @cached_property
    def taken(self) -> slice:
        """Columns of a provider's row: what is reserved of each resource."""
        return slice(self.capacity.stop, self.capacity.stop + self.resources)

    @property
    def width(self) -> int:
        """Columns of a provider's row."""
        return int(self.taken.stop)

    @cached_property
    def usage(self) -> slice:
        """Columns of an item's row: what it uses of each dimension."""
        return slice(USAGE, USAGE + self.dimensions)

    @cached_property
    def weights(self) -> slice:
        """Columns of an item's row: micro-atoms per unit of each grade."""
        return slice(self.usage.stop, self.usage.stop + self.grades)

    @cached_property
    def limits(self) -> slice:
        """Columns of an item's row: the needs that an offer must reach."""
        return slice(self.weights.stop, self.weights.stop + self.needs)

    @cached_property
    def load(self) -> slice:
        """Columns of an item's row: what it takes of each resource."""
        return slice(self.limits.stop, self.limits.stop + self.resources)

    @cached_property
    def region_cost(self) -> slice:
        """Columns of an item's row: micro-atoms at each region, or FORBIDDEN."""
        return slice(self.load.stop, self.load.stop + self.regions)

    @property
    def item_width(self) -> int:
        """Columns of an item's row."""
        return int(self.region_cost.stop)

    def header(self) -> Integers:
        """The shape as the vector that the compiled kernels take."""
        counts = (self.dimensions, self.grades, self.needs, self.resources, self.regions)
        return np.array([*counts, self.measure.quantum, *self.measure.sizes], np.int64)
