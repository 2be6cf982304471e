"""A book as the round it stands for (docs/rounds.md): the auditor's own reading of it. Pure."""

from dataclasses import dataclass
from functools import cached_property

from suanli.audit.clearing.buyers import demand_of, tasks_of
from suanli.audit.clearing.entrants import nodes_in_round, orders_in_round
from suanli.audit.clearing.naming import numbers_of
from suanli.audit.clearing.round import Round, open_round
from suanli.audit.clearing.scale import MEASURE
from suanli.audit.clearing.sellers import supply_of
from suanli.protocol.book import Book, BookNode, BookOrder, BookTask


@dataclass(frozen=True, slots=True)
class Copy:
    """One item of the round: a copy of a task, by the number of its attempt."""

    order: BookOrder
    task: BookTask
    attempt: int


@dataclass(frozen=True)
class EncodedBook:
    """The round of a book: `nodes` by provider number, `copies` by item."""

    book: Book
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


def encode(book: Book) -> EncodedBook:
    """The round of a book. Raises ProtocolError(QUANTITY_OUT_OF_RANGE), which no book should bring about."""
    nodes, orders = nodes_in_round(book), orders_in_round(book)
    numbers = numbers_of(nodes, orders)
    arrays = open_round(MEASURE, supply_of(nodes, numbers), demand_of(book, orders, numbers))
    return EncodedBook(book, tuple(nodes), tuple(orders), arrays)
