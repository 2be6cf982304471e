"""What encoding yields: the arrays of a round beside the book that they came from. Pure."""

from dataclasses import dataclass
from functools import cached_property

from market.core.encoding.demand import Item
from market.core.encoding.scales import Scales
from market.core.held import Fixed
from suanli.protocol.arrays import Demand, Measure, Supply
from suanli.protocol.book import Book, BookNode, BookOrder
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Explanation


@dataclass(frozen=True)
class Names:
    """Who stands where: `nodes` by provider number, `orders` by group, `items` by item; owners' numbers."""

    nodes: tuple[BookNode, ...]
    orders: tuple[BookOrder, ...]
    items: tuple[Item, ...]
    owners: dict[Address, int]

    @cached_property
    def number_of(self) -> dict[Address, int]:
        """A node's provider number."""
        return {node.node: number for number, node in enumerate(self.nodes)}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A round as numbers. `left_nodes` (by rule) and `left_orders` say why somebody is not in it; `fixed`
    copies were handed out before it.
    """

    book: Book
    measure: Measure
    supply: Supply
    demand: Demand
    names: Names
    scales: Scales
    left_nodes: dict[Address, tuple[int, Explanation]]
    left_orders: dict[Hash, Explanation]
    fixed: tuple[Fixed, ...] = ()
