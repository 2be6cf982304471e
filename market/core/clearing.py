"""Clearing (调度): which node runs which copy of which task, and why the others wait. Pure.

Orders are served by id; each copy goes to the cheapest node that may have it, ties by the node's address.
The result depends on what is in the book and not on its order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from market.core.rules import why_not, why_not_task
from suanli.protocol.book import Book, BookNode, BookOrder, BookTask
from suanli.protocol.charging import lease_cap
from suanli.protocol.documents import Document
from suanli.protocol.messages import Ask
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash, Uint64, Uint128
from suanli.protocol.wire.common import Explanation


class Match(BaseModel):
    """One copy of a task for one node under the node's ask; `cap` is the most it may cost, in atoms."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    order: Hash
    task: int
    attempt: int
    node: Address
    ask: Hash
    cap: Uint128


class NonMatch(BaseModel):
    """Tasks of one order that got fewer copies than they want, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    order: Hash
    tasks: tuple[int, ...]
    reason: Reason
    detail: str


class Clearing(Document):
    """The outcome of one epoch; `book` is the hash of the ordered book that it follows from."""

    epoch: Uint64
    book: Hash
    matches: tuple[Match, ...]
    non_matches: tuple[NonMatch, ...]

    def verdict(self) -> Hash:
        """The hash of the outcome alone: equal when two epochs decided the same."""
        nothing = "0x" + "0" * 64
        return self.model_copy(update={"epoch": 0, "book": nothing}).content_hash()


@dataclass(slots=True)
class _Round:
    """What is still to be given away while one book is cleared."""

    book: Book
    free: dict[Address, int]
    matches: list[Match] = field(default_factory=list)
    non_matches: list[NonMatch] = field(default_factory=list)


@dataclass(slots=True)
class _Offers:
    """The nodes that may run an order, ranked by what a task with a given ingress costs there at most."""

    order: BookOrder
    nodes: list[tuple[BookNode, Ask]]
    ranked: dict[int, list[tuple[int, BookNode, Hash]]] = field(default_factory=dict)

    def ranking(self, ingress: int) -> list[tuple[int, BookNode, Hash]]:
        """(cap in atoms, node, ask id), cheapest first."""
        if ingress not in self.ranked:
            limits = self.order.limits
            offers = [
                (lease_cap(ask.prices, ask.minimumCharge, limits, ingress), node, ask.id())
                for node, ask in self.nodes
            ]
            self.ranked[ingress] = sorted(offers, key=lambda offer: (offer[0], offer[1].node))
        return self.ranked[ingress]


def clear(book: Book, epoch: int) -> Clearing:
    """The one clearing of `book` in `epoch`: matches, and a reason for every copy without one."""
    book = book.ordered()
    state = _Round(book, {node.node: node.free_slots for node in book.nodes})
    for order in book.orders:
        _clear_order(state, order)
    return Clearing(
        epoch=epoch,
        book=book.content_hash(),
        matches=tuple(state.matches),
        non_matches=tuple(state.non_matches),
    )


def _clear_order(state: _Round, order: BookOrder) -> None:
    offers, exclusion = _offers(state.book, order)
    budget = order.budget_left
    waiting: dict[tuple[Reason, str], list[int]] = {}
    for task in order.tasks:
        why: Explanation | None = exclusion
        if why is None:
            for match in (placed := _place(state, offers, task, budget)).matches:
                state.matches.append(match)
                budget -= match.cap
            why = placed.why
        if why is not None:
            waiting.setdefault((why.reason, why.detail), []).append(task.index)
    state.non_matches += [
        NonMatch(order=order.order, tasks=tuple(tasks), reason=reason, detail=detail)
        for (reason, detail), tasks in waiting.items()
    ]


def _offers(book: Book, order: BookOrder) -> tuple[_Offers, Explanation | None]:
    """The nodes that may run the order, or why there are none."""
    misses, nodes = [], []
    for node in book.nodes:
        miss = why_not(order, node, book.moment)
        if miss is not None:
            misses.append(miss)
        elif node.ask is not None:
            nodes.append((node, node.ask))
    return _Offers(order, nodes), None if nodes else _nearest(misses)


def _nearest(misses: list[tuple[int, Explanation]]) -> Explanation:
    """The reason of the nodes that came nearest to a match; `misses` are in the order of the nodes."""
    if not misses:
        return Explanation(reason=Reason.NO_NODES, detail="no node is connected to this market")
    furthest = max(number for number, _ in misses)
    nearest = [why for number, why in misses if number == furthest]
    detail = f"{nearest[0].detail} ({len(nearest)} of {len(misses)} nodes come no further)"
    return Explanation(reason=nearest[0].reason, detail=detail)


@dataclass(frozen=True, slots=True)
class _Placed:
    """The copies of one task that found a node, and why the next one did not."""

    matches: tuple[Match, ...]
    why: Explanation | None


def _place(state: _Round, offers: _Offers, task: BookTask, budget: int) -> _Placed:
    matches: list[Match] = []
    for copy in range(task.copies):
        found = _cheapest(state, offers, task, budget)
        if isinstance(found, Explanation):
            return _Placed(tuple(matches), found)
        cap, node, ask = found
        state.free[node.node] -= 1
        budget -= cap
        match = Match(
            order=offers.order.order,
            task=task.index,
            attempt=task.attempt + copy,
            node=node.node,
            ask=ask,
            cap=cap,
        )
        matches.append(match)
        task = task.model_copy(update={"owners": (*task.owners, node.owner)})
    return _Placed(tuple(matches), None)


def _cheapest(
    state: _Round, offers: _Offers, task: BookTask, budget: int
) -> tuple[int, BookNode, Hash] | Explanation:
    """The cheapest node with a free slot that may have the next copy, or why there is none."""
    lowest: int | None = None
    for cap, node, ask in _permitted(offers, task):
        lowest = cap if lowest is None else lowest
        if cap <= budget and state.free[node.node] > 0:
            return cap, node, ask
    if lowest is None:
        nodes = sorted((node for node, _ in offers.nodes), key=lambda node: node.node)
        return _nearest([miss for node in nodes if (miss := why_not_task(task, node)) is not None])
    if lowest > budget:
        detail = f"the cheapest copy may cost {lowest} atoms, {budget} of the budget are left"
        return Explanation(reason=Reason.BUDGET_TOO_SMALL, detail=detail)
    return Explanation(reason=Reason.NO_FREE_SLOT, detail="every node that may run the task is busy")


def _permitted(offers: _Offers, task: BookTask) -> Iterator[tuple[int, BookNode, Hash]]:
    for offer in offers.ranking(task.ingress):
        if why_not_task(task, offer[1]) is None:
            yield offer
