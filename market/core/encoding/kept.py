"""Who of a book is in the round. Whoever is not gets a typed reason; the others never notice. Pure."""

from collections import Counter
from collections.abc import Iterable

from market.core.encoding.demand import value_of
from market.core.encoding.measure import LIMIT_MAXIMUM, is_measurable
from market.core.rules import why_not_in_fleet
from suanli.protocol.arrays import LARGEST
from suanli.protocol.book import Book, BookNode, BookOrder
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.messages import Limits, Usage
from suanli.protocol.reasons import Reason
from suanli.protocol.units import memory_fuel
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Explanation

COPIES_MAXIMUM = 1 << 17
"""Of one order in one round."""
ROUND_COPIES_MAXIMUM = 1 << 21
ROUND_VALUE_MAXIMUM = LARGEST // 2


def kept_nodes(book: Book) -> tuple[list[BookNode], dict[Address, tuple[int, Explanation]]]:
    """The nodes of an ordered book that offer something in this round; why others do not, by rule."""
    twice = _twice(node.node for node in book.nodes)
    kept: list[BookNode] = []
    left: dict[Address, tuple[int, Explanation]] = {}
    for node in book.nodes:
        if node.node in twice:
            left[node.node] = (0, _doubled("the node"))
        elif (miss := why_not_in_fleet(node, book.moment)) is not None:
            left[node.node] = miss
        else:
            kept.append(node)
    return kept, left


def kept_orders(book: Book) -> tuple[list[BookOrder], dict[Hash, Explanation]]:
    """The orders of an ordered book whose own numbers fit."""
    twice = _twice(order.order for order in book.orders)
    kept: list[BookOrder] = []
    left: dict[Hash, Explanation] = {}
    for order in book.orders:
        why = _doubled("the order") if order.order in twice else _why_not_order(book, order)
        if why is None:
            kept.append(order)
        else:
            left[order.order] = why
    return kept, left


def within_totals(orders: list[BookOrder]) -> tuple[list[BookOrder], dict[Hash, Explanation]]:
    """The orders of which a round can hold all: the smallest first, so that no large one crowds them out."""
    value = copies = 0
    left = {}
    for worth, order in sorted(((_worth(order), order) for order in orders), key=_by_worth):
        value, copies = value + worth, copies + copies_of(order)
        if value >= ROUND_VALUE_MAXIMUM or copies > ROUND_COPIES_MAXIMUM:
            left[order.order] = _too_large("all its copies are worth more than a round can count")
    return [order for order in orders if order.order not in left], left


def copies_of(order: BookOrder) -> int:
    """How many copies an order wants placed."""
    return sum(max(0, task.copies) for task in order.tasks)


def _worth(order: BookOrder) -> int:
    return sum(value_of(order, task.ingress) * max(0, task.copies) for task in order.tasks)


def _by_worth(pair: tuple[int, BookOrder]) -> tuple[int, Hash]:
    return pair[0], pair[1].order


def _why_not_order(book: Book, order: BookOrder) -> Explanation | None:
    if order.deadline <= book.now:
        detail = f"the order's deadline {order.deadline} has passed"
        return Explanation(reason=Reason.DEADLINE_PASSED, detail=detail)
    if len({task.index for task in order.tasks}) < len(order.tasks):
        return _doubled("a task of the order")
    if copies_of(order) > COPIES_MAXIMUM or any(task.copies < 0 for task in order.tasks):
        return _too_large(f"{copies_of(order)} copies in one round")
    if not _fits(order.limits) or not all(is_measurable(usage) for usage in _usages(order)):
        return _too_large("a task's limits are beyond what a round can count")
    return None


def _fits(limits: Limits) -> bool:
    """Whether the limits, and the memory-fuel that they multiply to, can be stated."""
    numbers = (limits.fuel, limits.memoryBytes, limits.inputBytes, limits.outputBytes)
    return max(numbers) < LIMIT_MAXIMUM and memory_fuel(limits.memoryBytes, limits.fuel) < 1 << 64


def _usages(order: BookOrder) -> Iterable[Usage]:
    return (usage_at_limits(order.limits, task.ingress) for task in order.tasks)


def _twice(ids: Iterable[str]) -> set[str]:
    return {one for one, count in Counter(ids).items() if count > 1}


def _doubled(what: str) -> Explanation:
    return Explanation(reason=Reason.DOCUMENT_MALFORMED, detail=f"{what} stands in the book twice")


def _too_large(what: str) -> Explanation:
    return Explanation(reason=Reason.QUANTITY_OUT_OF_RANGE, detail=what)
