"""A book as the round it stands for (docs/rounds.md): the auditor's own reading of it. Pure."""

from dataclasses import dataclass
from functools import cached_property

from suanli.audit.clearing.buyers import demand_of, tasks_of
from suanli.audit.clearing.entrants import nodes_in_round, orders_in_round
from suanli.audit.clearing.holds import HeldCopy, take_holds
from suanli.audit.clearing.naming import numbers_of
from suanli.audit.clearing.round import Round, open_round
from suanli.audit.clearing.scale import MEASURE
from suanli.audit.clearing.sellers import supply_of
from suanli.protocol.book import Book, BookNode, BookOrder, BookTask
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True)
class Copy:
    """One item of the round: a copy of a task, by the number of its attempt."""

    order: BookOrder
    task: BookTask
    attempt: int


@dataclass(frozen=True)
class EncodedBook:
    """The round of a book: `nodes` by provider number, `copies` by item; `held` are no part of the round."""

    held: tuple[HeldCopy, ...]
    nodes: tuple[BookNode, ...]
    orders: tuple[BookOrder, ...]
    round: Round

    @cached_property
    def copies(self) -> tuple[Copy, ...]:
        """What each item stands for."""
        return tuple(
            Copy(order, task, task.attempt + copy)
            for order in self.orders
            for task in tasks_of(order)
            for copy in range(task.copies)
        )

    @cached_property
    def item_of(self) -> dict[tuple[Hash, int, int], int]:
        """An item's number by order, task and attempt."""
        return {(one.order.order, one.task.index, one.attempt): at for at, one in enumerate(self.copies)}

    @cached_property
    def number_of(self) -> dict[Address, int]:
        """A node's provider number."""
        return {node.node: at for at, node in enumerate(self.nodes)}


def encode(book: Book) -> EncodedBook:
    """The round of a book. Raises ProtocolError(QUANTITY_OUT_OF_RANGE), which no book should bring about."""
    held, rest = take_holds(book.ordered())
    nodes, orders = nodes_in_round(rest), orders_in_round(rest)
    numbers = numbers_of(nodes, orders)
    arrays = open_round(MEASURE, supply_of(nodes, numbers), demand_of(rest, orders, numbers))
    return EncodedBook(held, tuple(nodes), tuple(orders), arrays)
