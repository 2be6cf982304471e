"""Copies whose place was taken on the spot: a clearing hands them out first, and decides on the rest. Pure.

Their slots are none of the nodes' free ones. What a hold cannot serve any more is cleared like others.
"""

from dataclasses import dataclass, field

from market.core.rules import fleet
from suanli.protocol.book import Book, BookNode, BookOrder, BookTask, Held, Moment
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True)
class Fixed:
    """One copy of a task that goes where it is held; `attempt` numbers it among the task's copies."""

    order: Hash
    task: int
    attempt: int
    held: Held


@dataclass(slots=True)
class _Order:
    """What is left of an order while its held copies are handed out."""

    budget: int
    fixed: list[Fixed] = field(default_factory=list)
    tasks: list[BookTask] = field(default_factory=list)


def split(book: Book) -> tuple[tuple[Fixed, ...], Book]:
    """The held copies of an ordered book, and the book less them: fewer copies, less budget, more owners."""
    nodes = {node.node: node for node in book.nodes}
    fixed: list[Fixed] = []
    orders = []
    for order in book.orders:
        left = _handed_out(order, nodes, book.moment) if _has_held(order) else None
        orders.append(order if left is None else _rest(order, left))
        fixed += [] if left is None else left.fixed
    return tuple(fixed), book.model_copy(update={"orders": tuple(orders)})


def _has_held(order: BookOrder) -> bool:
    return any(task.held for task in order.tasks)


def _handed_out(order: BookOrder, nodes: dict[Address, BookNode], moment: Moment) -> _Order:
    left = _Order(order.budget_left)
    for task in order.tasks:
        for held in task.held:
            if task.copies > 0 and held.cap <= left.budget and _may(task, held, nodes, moment):
                left.fixed.append(Fixed(order.order, task.index, task.attempt, held))
                left.budget -= held.cap
                task = _without_one(task, held)
        left.tasks.append(task.model_copy(update={"held": ()}))
    return left


def _may(task: BookTask, held: Held, nodes: dict[Address, BookNode], moment: Moment) -> bool:
    """Whether the node is still there to work, and neither it nor its owner has had the task."""
    node = nodes.get(held.node)
    if node is None or held.node in task.tried or held.owner in task.owners:
        return False
    return all(rule(node, moment) is None for rule in (fleet.connected, fleet.accepting, fleet.heard))


def _without_one(task: BookTask, held: Held) -> BookTask:
    return task.model_copy(
        update={
            "copies": task.copies - 1,
            "attempt": task.attempt + 1,
            "owners": tuple(sorted({*task.owners, held.owner})),
        }
    )


def _rest(order: BookOrder, left: _Order) -> BookOrder:
    tasks = tuple(task for task in left.tasks if task.copies > 0)
    return order.model_copy(update={"budget_left": left.budget, "tasks": tasks})
