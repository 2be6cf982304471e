"""Copies whose place a buyer took on the spot: they go there, and only the rest is a round. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from suanli.protocol.book import Book, BookNode, BookOrder, BookTask, Held
from suanli.protocol.charging import lease_cap
from suanli.protocol.states import NodeState
from suanli.protocol.units import memory_fuel
from suanli.protocol.values import Address


@dataclass(frozen=True, slots=True)
class HeldCopy:
    """One copy that goes to the node which holds a slot for it; `attempt` is its number."""

    order: BookOrder
    task: BookTask
    attempt: int
    held: Held


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of an order's budget, and its tasks, after some of its holds."""

    budget: int
    copies: tuple[HeldCopy, ...]
    tasks: tuple[BookTask, ...]


def take_holds(book: Book) -> tuple[tuple[HeldCopy, ...], Book]:
    """The held copies of an ordered book, by order, task and hold; and the book of all others."""
    nodes = {node.node: node for node in book.nodes if _works(node, book.silent_before)}
    lefts = [_left_of(order, nodes) for order in book.orders]
    rest = [
        order.model_copy(update={"budget_left": left.budget, "tasks": left.tasks})
        if any(task.held for task in order.tasks)
        else order
        for order, left in zip(book.orders, lefts, strict=True)
    ]
    return tuple(copy for left in lefts for copy in left.copies), book.model_copy(
        update={"orders": tuple(rest)}
    )


def strange_holds(copies: Sequence[HeldCopy], book: Book) -> list[HeldCopy]:
    """Held copies that their buyers cannot have taken so, by the order that they signed and the node's ask.

    That a buyer took a hold at all is the market's word.
    """
    nodes = {node.node: node for node in book.nodes}
    named = Counter(copy.held.hold for copy in copies)
    return [one for one in copies if named[one.held.hold] > 1 or not _agreed(one, nodes[one.held.node])]


def _agreed(copy: HeldCopy, node: BookNode) -> bool:
    """Within the order's prices, at their cap, at nobody's own node; not below an ask that stands."""
    held, order = copy.held, copy.order
    if memory_fuel(order.limits.memoryBytes, order.limits.fuel) >= 1 << 64:
        return False
    cap = lease_cap(held.prices, held.minimum_charge, order.limits, copy.task.ingress)
    asked = order.maximum_prices.vector()
    if held.owner != node.owner or order.buyer in (node.node, node.owner) or held.cap != cap:
        return False
    if any(price > most for price, most in zip(held.prices.vector(), asked, strict=True)):
        return False
    if node.ask is None or node.ask.id() != held.ask:
        return True
    covered = zip(held.prices.vector(), node.ask.prices.vector(), strict=True)
    same = held.minimum_charge == node.ask.minimumCharge
    return same and all(price >= least for price, least in covered)


def _left_of(order: BookOrder, nodes: dict[Address, BookNode]) -> _Left:
    left = _Left(order.budget_left, (), ())
    for task in order.tasks:
        left = _after(order, task, left, nodes)
    return replace(left, tasks=tuple(task for task in left.tasks if task.copies > 0))


def _after(order: BookOrder, task: BookTask, left: _Left, nodes: dict[Address, BookNode]) -> _Left:
    """What is left after a task's holds: each must fit the budget, at an owner without a copy."""
    budget, copies, owners = left.budget, list(left.copies), set(task.owners)
    served = 0
    for held in task.held:
        is_new = held.owner not in owners and held.node not in task.tried
        if served < task.copies and held.cap <= budget and is_new and held.node in nodes:
            copies.append(HeldCopy(order, task, task.attempt + served, held))
            budget, served = budget - held.cap, served + 1
            owners.add(held.owner)
    changes = {"copies": task.copies - served, "attempt": task.attempt + served, "held": ()}
    rest = task.model_copy(update=changes | {"owners": tuple(sorted(owners))})
    return _Left(budget, tuple(copies), (*left.tasks, rest))


def _works(node: BookNode, silent_before: int) -> bool:
    is_heard = node.last_seen_at is not None and node.last_seen_at >= silent_before
    return node.state is NodeState.CONNECTED and not node.draining and is_heard
