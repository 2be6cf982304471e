"""Why a node got its work, or none: one round seen with its owner's eyes. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from market.core.encoding.measure import price_at
from market.core.offers import prices_now
from market.core.outcomes import Decided
from market.core.pairs import ELIGIBLE, broken_rules, first_of
from market.core.rules import FLEET_RULES
from market.core.why.reasons import FIXED, MONEY, REASON_OF, counts
from market.core.why.relaxing import least_percent
from market.core.why.waiting import Waiters
from suanli.protocol.arrays import NOBODY
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.messages import Prices
from suanli.protocol.reasons import Reason
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM
from suanli.protocol.values import Address
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.why import NodeChange, NodeWhy

_LOOKED_AT = 64
"""Copies for which the exact cut in price is sought, the nearest first."""
_OFFER = {
    Reason.FUEL_LIMIT_TOO_SMALL: "let a task use more fuel",
    Reason.MEMORY_TOO_SMALL: "let a task use more memory",
    Reason.INPUT_TOO_LARGE: "take larger inputs",
    Reason.OUTPUT_TOO_LARGE: "allow larger outputs",
    Reason.WALL_LIMIT_TOO_SMALL: "let a task run longer",
    Reason.LABEL_MISSING: "offer the labels that are asked for",
    Reason.CARBON_TOO_HIGH: "state cleaner power",
}
"""What a node can change about itself, beside its prices."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """An item as a node sees it: the rules that it breaks there, its price, by how much that is too dear.

    `short` is by how many micro-atoms its price would have had to be lower for the copy to come here.
    """

    item: int
    broken: tuple[Reason, ...]
    price: int
    short: int


def why_node(decided: Decided, node: Address, epoch: int, at: int) -> NodeWhy:
    """What a round had for a node."""
    number = decided.encoded.names.number_of.get(node)
    seen = [] if number is None else list(_look(decided, number))
    matched = [] if number is None else decided.occupants.get(number, [])
    eligible = [one for one in seen if not one.broken and one.item not in matched]
    waiting = [one for one in eligible if decided.outcome.provider[one.item] == NOBODY]
    return NodeWhy(
        node=node,
        epoch=epoch,
        at=at,
        reason=None if matched else _reason(decided, node, seen),
        copies=len(seen),
        matched=len(matched),
        elsewhere=len(eligible) - len(waiting),
        waiting=len(waiting),
        excluded=counts(one.broken[0] for one in seen if one.broken),
        changes=[] if number is None else list(_changes(decided, number, seen)),
        percentile=None if number is None else _percentile(decided, number),
    )


def _look(decided: Decided, provider: int) -> Iterator[_Seen]:
    encoded, waiters = decided.encoded, Waiters(decided)
    broken: dict[int, tuple[Reason, ...]] = {}
    for item in range(len(encoded.demand)):
        kind = waiters.kind(item)
        if id(kind) not in broken:
            numbers = () if kind.rules[provider] == ELIGIBLE else _numbers(decided, item, provider)
            broken[id(kind)] = tuple(dict.fromkeys(REASON_OF[number] for number in numbers))
        surplus = int(encoded.demand.value[item]) - int(kind.costs[provider])
        short = max(0, decided.surplus.get(item, -1) + 1 - surplus)
        yield _Seen(item, broken[id(kind)], int(kind.prices[provider]), short)


def _numbers(decided: Decided, item: int, provider: int) -> list[int]:
    column = broken_rules(decided.encoded, item)[:, provider : provider + 1]
    if int(first_of(column)[0]) == ELIGIBLE:
        raise ValueError(f"item {item} may go to provider {provider} and may not")
    return [int(row) + len(FLEET_RULES) for row in np.flatnonzero(column[:, 0])]


def _reason(decided: Decided, node: Address, seen: list[_Seen]) -> Explanation:
    """Why a node got nothing."""
    if (left := decided.encoded.left_nodes.get(node)) is not None:
        return left[1]
    number = decided.encoded.names.number_of.get(node)
    if number is None:
        return Explanation(reason=Reason.NODE_NOT_CONNECTED, detail="the round's book does not have the node")
    if not int(decided.encoded.supply.capacity[number, 0]):
        return Explanation(reason=Reason.NO_FREE_SLOT, detail="all of the node's slots were in use")
    if not seen:
        return Explanation(reason=Reason.NOT_FOUND, detail="no copy was on offer")
    eligible = [one for one in seen if not one.broken]
    if not eligible:
        reasons = counts(one.broken[0] for one in seen)
        detail = f"none of {len(seen)} copies may run there; {reasons[0].count} fail this rule first"
        return Explanation(reason=reasons[0].reason, detail=detail)
    least = min(one.short for one in eligible)
    detail = f"others were cheaper or better for all {len(eligible)} copies that it could have had"
    if least:
        detail += f", the nearest by {-(-least // MICRO_ATOMS_PER_ATOM)} atoms"
    return Explanation(reason=Reason.OUTBID, detail=detail)


def _changes(decided: Decided, provider: int, seen: list[_Seen]) -> Iterator[NodeChange]:
    """Lower prices, and each other thing that alone would have let copies in."""
    free = int(decided.encoded.supply.capacity[provider, 0]) - len(decided.occupants.get(provider, ()))
    if free <= 0:
        return
    yield from _lower(decided, provider, seen, free)
    for reason, what in _OFFER.items():
        waiting = [one for one in seen if one.broken == (reason,) and _waits(decided, one)]
        if waiting:
            chosen = sorted(waiting, key=lambda one: -one.price)[:free]
            yield _change(reason, what, chosen, cut=0)


def _lower(decided: Decided, provider: int, seen: list[_Seen], free: int) -> Iterator[NodeChange]:
    """The cut in all prices that brings one copy, and the one that fills every slot."""
    here = set(decided.occupants.get(provider, ()))
    dear = [one for one in seen if one.item not in here and set(one.broken) <= MONEY]
    nearest = sorted(dear, key=lambda one: (one.short * 100 // max(1, one.price), one.item))[:_LOOKED_AT]
    cuts = sorted((_percent(decided, provider, one), one.item, one) for one in nearest)
    reachable = [(percent, one) for percent, _, one in cuts if 0 < percent < 100]
    for count in sorted({1, min(free, len(reachable))}) if reachable else ():
        percent = reachable[count - 1][0]
        chosen = [one for _, one in reachable[:count]]
        yield _change(Reason.PRICE_ABOVE_LIMIT, f"ask {percent} % less", chosen, cut=percent)


def _percent(decided: Decided, provider: int, seen: _Seen) -> int:
    """By how many percent all prices must fall for a copy to come; 100 for never."""
    named, node = decided.encoded.names.items[seen.item], decided.encoded.names.nodes[provider]
    usage = usage_at_limits(named.order.limits, named.task.ingress)
    least = int(decided.encoded.supply.minimum[provider])

    def is_enough(percent: int) -> bool:
        lower = Prices.of(price * (100 - percent) // 100 for price in prices_now(node).vector())
        pairs = zip(lower.vector(), named.order.maximum_prices.vector(), strict=True)
        within = all(asked <= most for asked, most in pairs)
        return within and max(price_at(lower, usage), least) <= seen.price - seen.short

    percent = least_percent(is_enough, 100)
    return 100 if percent is None else percent


def _waits(decided: Decided, seen: _Seen) -> bool:
    return bool(decided.outcome.provider[seen.item] == NOBODY) and not set(seen.broken) & FIXED


def _change(reason: Reason, what: str, chosen: list[_Seen], cut: int) -> NodeChange:
    earned = sum(one.price * (100 - cut) // 100 for one in chosen)
    return NodeChange(reason=reason, what=what, copies=len(chosen), earned=earned // MICRO_ATOMS_PER_ATOM)


def _percentile(decided: Decided, provider: int) -> int | None:
    """The share of the round's other nodes that asked less for the work of the whole round."""
    encoded = decided.encoded
    if len(encoded.supply) < 2:
        return None
    work = encoded.demand.usage.astype(np.float64).sum(axis=0) / np.array(encoded.measure.sizes, np.float64)
    if not work.any():
        work = np.ones_like(work)
    asked = encoded.supply.prices.astype(np.float64) @ work
    others = np.delete(asked, provider)
    return int(100 * (others < asked[provider]).mean())
