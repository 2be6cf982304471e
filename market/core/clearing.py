"""Clearing (调度): which node runs which copy of which task, at which price, and why the others wait. Pure.

The round of `market.core.auction` decides on the book as numbers; here that becomes leases to write and
reasons to tell. The result depends on what is in the book and not on its order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from pydantic import BaseModel, ConfigDict

from market.core.auction import Budget, clear_round
from market.core.auction.critical import BOUND, clear_critical
from market.core.encoding import Encoded, encode
from market.core.offers import ask_of, prices_now
from market.core.outcomes import Decided
from market.core.premiums import payments_of
from market.core.seating import seated
from market.core.why.waiting import Waiters
from suanli.protocol.arrays import NOBODY, Integers, Outcome
from suanli.protocol.book import Book
from suanli.protocol.certificate import Mechanism, seed_of
from suanli.protocol.charging import lease_cap, usage_at_limits
from suanli.protocol.documents import Document
from suanli.protocol.messages import Prices
from suanli.protocol.raising import raised_prices
from suanli.protocol.reasons import Reason
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM
from suanli.protocol.values import Address, Hash, Uint64, Uint128

CODE = "market.core.auction 1"
"""The version of the engine that a certificate names; a change of any outcome changes it."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(_Entry):
    """One copy of a task for one node under the node's ask; `cap` is the most it may cost, in atoms.

    `prices` are the lease's: the ask's, surged and raised until the copy at its limits comes to `payment`
    micro-atoms (`premiums`) or just below. A copy that held its place has the prices that it took it at.
    """

    order: Hash
    task: int
    attempt: int
    node: Address
    ask: Hash
    prices: Prices
    minimum_charge: Uint128
    payment: Uint64
    cap: Uint128


class NonMatch(_Entry):
    """Tasks of one order that got fewer copies than they want, and why."""

    order: Hash
    tasks: tuple[int, ...]
    reason: Reason
    detail: str


class NodePrice(_Entry):
    """What a slot of a sought-after node is worth beyond its ask, in micro-atoms; others' slots are worth 0.

    `dual` proves the bound of the round and starts the next one, `support` is part of the payments.
    """

    node: Address
    dual: Uint64
    support: Uint64


class Clearing(Document):
    """The outcome of one epoch; `book` is the hash of the ordered book that it follows from."""

    epoch: Uint64
    book: Hash
    matches: tuple[Match, ...]
    non_matches: tuple[NonMatch, ...]
    scarcity: tuple[NodePrice, ...]

    def verdict(self) -> Hash:
        """The hash of matches and reasons alone: equal when two epochs decided the same."""
        nothing = "0x" + "0" * 64
        reasons = tuple(one.model_copy(update={"detail": ""}) for one in self.non_matches)
        blank = {"epoch": 0, "book": nothing, "non_matches": reasons, "scarcity": ()}
        return self.model_copy(update=blank).content_hash()


@dataclass(frozen=True, slots=True)
class Terms:
    """How a round is cleared: the rule of payments, the effort, and the duals by node to start from."""

    mechanism: Mechanism = Mechanism.SUPPORT
    effort: Budget = field(default_factory=Budget)
    warm: Mapping[Address, int] = field(default_factory=dict)


def terms_of(mechanism: Mechanism, warm: Mapping[Address, int]) -> Terms:
    """The usual terms of a mechanism; where winners are found by density alone, nothing starts from duals."""
    if mechanism is Mechanism.CRITICAL:
        return Terms(mechanism, BOUND)
    return Terms(mechanism, warm=warm)


@dataclass(frozen=True)
class Cleared:
    """A clearing with the numbers behind it."""

    clearing: Clearing
    decided: Decided


def clear(book: Book, epoch: int, terms: Terms | None = None) -> Cleared:
    """The one clearing of `book` in `epoch`: matches, and a reason for every copy without one."""
    terms = terms or Terms()
    encoded = encode(book)
    digest = encoded.book.content_hash()
    outcome = _decide(encoded, seed_of(epoch, digest), terms)
    decided = Decided(encoded, seated(encoded, outcome, terms.mechanism))
    waiters = Waiters(decided, terms.mechanism)
    payments = payments_of(decided, waiters, terms.mechanism)
    clearing = Clearing(
        epoch=epoch,
        book=digest,
        matches=(*_held(encoded), *_matches(decided, payments)),
        non_matches=tuple(_non_matches(decided, waiters)),
        scarcity=tuple(_scarcity(decided)),
    )
    return Cleared(clearing, decided)


def _decide(encoded: Encoded, seed: bytes, terms: Terms) -> Outcome:
    if terms.mechanism is Mechanism.CRITICAL:
        return clear_critical(encoded.measure, encoded.supply, encoded.demand, terms.effort)
    warm = _warm(encoded, terms.warm)
    return clear_round(encoded.measure, encoded.supply, encoded.demand, seed, terms.effort, warm)


def _warm(encoded: Encoded, duals: Mapping[Address, int]) -> Integers | None:
    if not duals:
        return None
    column = [duals.get(node.node, 0) for node in encoded.names.nodes]
    return np.array(column, np.int64).reshape(-1, 1)


def _held(encoded: Encoded) -> Iterator[Match]:
    for fixed in encoded.fixed:
        held = fixed.held
        yield Match(
            order=fixed.order,
            task=fixed.task,
            attempt=fixed.attempt,
            node=held.node,
            ask=held.ask,
            prices=held.prices,
            minimum_charge=held.minimum_charge,
            payment=held.cap * MICRO_ATOMS_PER_ATOM,
            cap=held.cap,
        )


def _matches(decided: Decided, payments: Mapping[int, int]) -> Iterator[Match]:
    names, outcome = decided.encoded.names, decided.outcome
    ids: dict[Address, Hash] = {}
    for item, payment in payments.items():
        named, node = names.items[item], names.nodes[outcome.provider[item]]
        ask = ask_of(node)
        if node.node not in ids:
            ids[node.node] = ask.id()
        limits, ingress = named.order.limits, named.task.ingress
        prices = raised_prices(
            prices_now(node),
            ask.minimumCharge,
            named.order.maximum_prices,
            usage_at_limits(limits, ingress),
            payment // MICRO_ATOMS_PER_ATOM,
        )
        yield Match(
            order=named.order.order,
            task=named.task.index,
            attempt=named.task.attempt + named.copy,
            node=node.node,
            ask=ids[node.node],
            prices=prices,
            minimum_charge=ask.minimumCharge,
            payment=payment,
            cap=lease_cap(prices, ask.minimumCharge, limits, ingress),
        )


def _non_matches(decided: Decided, waiters: Waiters) -> Iterator[NonMatch]:
    """By order and reason, in the order of the book; those that are not in the round at all come last."""
    names = decided.encoded.names
    grouped: dict[tuple[Hash, Reason, str], dict[int, None]] = {}
    explained: set[int] = set()
    for item in np.flatnonzero(decided.outcome.provider == NOBODY).tolist():
        named = names.items[item]
        if named.family not in explained:
            explained.add(named.family)
            why = waiters.why(item)
            key = (named.order.order, why.reason, why.detail)
            grouped.setdefault(key, {})[named.task.index] = None
    for (order, reason, detail), tasks in grouped.items():
        yield NonMatch(order=order, tasks=tuple(tasks), reason=reason, detail=detail)
    yield from _left_out(decided.encoded)


def _left_out(encoded: Encoded) -> Iterator[NonMatch]:
    for order in encoded.book.orders:
        if (why := encoded.left_orders.get(order.order)) is not None:
            tasks = tuple(dict.fromkeys(task.index for task in order.tasks if task.copies > 0))
            yield NonMatch(order=order.order, tasks=tasks, reason=why.reason, detail=why.detail)


def _scarcity(decided: Decided) -> Iterator[NodePrice]:
    outcome = decided.outcome
    for provider in np.flatnonzero((outcome.duals + outcome.supports).any(axis=1)).tolist():
        yield NodePrice(
            node=decided.encoded.names.nodes[provider].node,
            dual=int(outcome.duals[provider, 0]),
            support=int(outcome.supports[provider, 0]),
        )
