"""The round as numbers: a book becomes the arrays that clearing decides on (docs/pricing.md). Pure.

Nobody else's order or ask can keep one out: whatever does not fit is left out with its reason, and the rest
of the book is cleared all the same.
"""

from market.core.encoding.demand import Item, encode_demand
from market.core.encoding.encoded import Encoded, Names
from market.core.encoding.kept import kept_nodes, kept_orders, within_totals
from market.core.encoding.measure import MEASURE
from market.core.encoding.scales import scales_of
from market.core.encoding.supply import encode_supply
from market.core.held import split
from suanli.protocol.book import Book

__all__ = ["MEASURE", "Encoded", "Item", "Names", "encode"]


def encode(book: Book) -> Encoded:
    """The arrays of a book, who stands where in them, and who was left out and why.

    Copies that hold a place already are no items: they are handed out before the round.
    """
    book = book.ordered()
    fixed, rest = split(book)
    nodes, left_nodes = kept_nodes(book)
    fitting, left_orders = kept_orders(rest)
    orders, too_much = within_totals(fitting)
    scales = scales_of(book, nodes, orders)
    supply, owners = encode_supply(nodes, scales)
    demand, items = encode_demand(orders, nodes, owners, scales, book.now)
    return Encoded(
        book=book,
        measure=MEASURE,
        supply=supply,
        demand=demand,
        names=Names(tuple(nodes), tuple(orders), tuple(items), owners),
        scales=scales,
        left_nodes=left_nodes,
        left_orders=left_orders | too_much,
        fixed=fixed,
    )
