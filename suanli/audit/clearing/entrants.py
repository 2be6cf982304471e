"""Who of a book is in the round: nodes that offer something now, orders that can be counted. Pure.

The rules stand in docs/rounds.md; this is the auditor's own reading of them.
"""

from collections import Counter
from itertools import accumulate

from suanli.audit.clearing.scale import MOST_UNITS, ORDER_MONEY, Row, value_of
from suanli.protocol.arrays import LARGEST
from suanli.protocol.book import Book, BookNode, BookOrder
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.errors import AuditError
from suanli.protocol.messages import Ask, Prices
from suanli.protocol.raising import surged_prices
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState
from suanli.protocol.units import DIMENSIONS, MICRO_ATOMS_PER_ATOM, memory_fuel

HIGHEST_PRICE = 1 << 36
HIGHEST_MINIMUM = ORDER_MONEY // MICRO_ATOMS_PER_ATOM
HIGHEST_LIMIT = 1 << 62
MOST_COPIES = 1 << 17
MOST_ROUND_COPIES = 1 << 21
MOST_ROUND_VALUE = LARGEST // 2


def nodes_in_round(book: Book) -> list[BookNode]:
    """Connected, heard lately, with a standing ask whose numbers can be counted; by address."""
    named = Counter(node.node for node in book.nodes)
    offering = [node for node in book.nodes if named[node.node] == 1 and _offers(book, node)]
    return sorted(offering, key=lambda node: node.node)


def asked_now(node: BookNode) -> Prices:
    """The ask's prices, surged by the slots that were in use when the book was closed."""
    ask = ask_of(node)
    return surged_prices(ask, node.offering, max(0, ask.slots - node.free_slots))


def ask_of(node: BookNode) -> Ask:
    """The ask of a node in the round."""
    if node.ask is None:
        raise AuditError(Reason.ASK_EXPIRED, f"{node.node} has no ask")
    return node.ask


def orders_in_round(book: Book) -> list[BookOrder]:
    """Orders still due whose numbers fit, as many of the least valuable ones as a round can count; by id."""
    named = Counter(order.order for order in book.orders)
    counted = [order for order in book.orders if named[order.order] == 1 and _counts(book, order)]
    worth = {order.order: _worth(order) for order in counted}
    ranked = sorted(counted, key=lambda order: (worth[order.order], order.order))
    values = accumulate(worth[order.order] for order in ranked)
    copies = accumulate(_copies(order) for order in ranked)
    within = zip(ranked, values, copies, strict=True)
    kept = [one for one, value, count in within if value < MOST_ROUND_VALUE and count <= MOST_ROUND_COPIES]
    return sorted(kept, key=lambda order: order.order)


def _offers(book: Book, node: BookNode) -> bool:
    if node.state is not NodeState.CONNECTED or node.draining:
        return False
    if node.last_seen_at is None or node.last_seen_at < book.silent_before:
        return False
    if node.ask is None or node.ask.expiry <= book.now:
        return False
    return max(asked_now(node).vector()) < HIGHEST_PRICE and node.ask.minimumCharge < HIGHEST_MINIMUM


def _counts(book: Book, order: BookOrder) -> bool:
    limits = order.limits
    sizes = (limits.fuel, limits.memoryBytes, limits.inputBytes, limits.outputBytes)
    if order.deadline <= book.now or max(sizes) >= HIGHEST_LIMIT:
        return False
    if memory_fuel(limits.memoryBytes, limits.fuel) >= 1 << 64:
        return False
    if len({task.index for task in order.tasks}) != len(order.tasks):
        return False
    if min((task.copies for task in order.tasks), default=0) < 0 or _copies(order) > MOST_COPIES:
        return False
    return all(_is_countable(usage_at_limits(limits, task.ingress).vector()) for task in order.tasks)


def _is_countable(used: Row) -> bool:
    measured = zip(used, DIMENSIONS, MOST_UNITS, strict=True)
    return all(amount // dimension.size <= most for amount, dimension, most in measured)


def _copies(order: BookOrder) -> int:
    return sum(task.copies for task in order.tasks)


def _worth(order: BookOrder) -> int:
    return sum(value_of(order, task) * task.copies for task in order.tasks)
