"""What a buyer could change for one more copy to find its place: one limit, or the money. Pure.

Each change stands for itself and is held against the round as it was: the node must have a slot left, or a
match of another order there that gains less.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from market.core.encoding import Encoded, Item
from market.core.encoding.measure import price_at
from market.core.offers import ask_of, carbon_intensity_of, labels_of, prices_now, region_of, speed_of
from market.core.outcomes import NOBODY_THERE
from market.core.pairs import broken_rules
from market.core.rules import FLEET_RULES
from market.core.rules.wants import ANYTHING
from market.core.why.reasons import FIXED, MONEY, REASON_OF
from market.core.why.waiting import Waiters
from suanli.protocol.book import BookNode
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.messages import Prices
from suanli.protocol.reasons import Reason
from suanli.protocol.units import BYTES_PER_MEBIBYTE, FUEL_PER_GIGAFUEL, MICRO_ATOMS_PER_ATOM
from suanli.protocol.wire.why import Change

_HIGHEST = (1 << 64) - 1
_PERCENT_MAXIMUM = 1_000_000
_LOOKED_AT = 64
"""Candidates of one kind, the cheapest first."""
_SIZES = {
    Reason.FUEL_LIMIT_TOO_SMALL: ("fuel", FUEL_PER_GIGAFUEL, "gigafuel"),
    Reason.MEMORY_TOO_SMALL: ("memoryBytes", BYTES_PER_MEBIBYTE, "MiB of memory"),
    Reason.INPUT_TOO_LARGE: ("inputBytes", BYTES_PER_MEBIBYTE, "MiB of input"),
    Reason.OUTPUT_TOO_LARGE: ("outputBytes", BYTES_PER_MEBIBYTE, "MiB of output"),
    Reason.WALL_LIMIT_TOO_SMALL: ("wallSeconds", 1, "seconds"),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """A node that a change would open: the value that wins there, and what a copy costs, in micro-atoms."""

    provider: int
    price: int
    needed: int


def changes_of(waiters: Waiters, item: int) -> list[Change]:
    """The cheapest change of each kind that would have placed an item that waits, the cheapest first."""
    encoded = waiters.decided.encoded
    found: dict[Reason, Change] = {}
    for reason, providers in _candidates(waiters, item).items():
        for place in _places(waiters, item, providers):
            change = _change(encoded, encoded.names.items[item], reason, place)
            found.setdefault(reason, change) if change is not None else None
            if change is not None:
                break
    return sorted(found.values(), key=lambda change: (change.price, change.reason.value))


def _candidates(waiters: Waiters, item: int) -> Mapping[Reason, list[int]]:
    """The nodes that one kind of change would open, by the reason that it gets past."""
    encoded = waiters.decided.encoded
    broken = broken_rules(encoded, item)
    found: dict[Reason, list[int]] = {}
    for provider in range(len(encoded.supply)):
        numbers = (np.flatnonzero(broken[:, provider]) + len(FLEET_RULES)).tolist()
        reasons = list(dict.fromkeys(REASON_OF[number] for number in numbers))
        limits = [reason for reason in reasons if reason not in MONEY]
        if not reasons:
            found.setdefault(Reason.OUTBID, []).append(provider)
        elif not limits:
            found.setdefault(reasons[0], []).append(provider)
        elif len(limits) == 1 and limits[0] not in FIXED and not set(reasons) & (MONEY - _by_way(limits[0])):
            found.setdefault(limits[0], []).append(provider)
    return found


def _by_way(reason: Reason) -> frozenset[Reason]:
    """What may seem to be broken only because nobody counted the way to a region that was not allowed."""
    reached = reason in (Reason.REGION_NOT_ALLOWED, Reason.LATENCY_TOO_HIGH)
    return frozenset({Reason.NOT_WORTH_IT}) if reached else frozenset()


def _places(waiters: Waiters, item: int, providers: list[int]) -> Iterator[_Place]:
    """The candidates with a slot to be had, the cheapest first."""
    decided, kind = waiters.decided, waiters.kind(item)
    named = decided.encoded.names.items[item]
    taken, rivals = decided.owners_of.get(named.family, set()), decided.rivals.of(named.group)
    for provider in sorted(providers, key=lambda one: (int(kind.prices[one]), one))[:_LOOKED_AT]:
        if int(decided.encoded.supply.owner[provider]) in taken:
            continue
        cost = int(kind.prices[provider]) + _quality(decided.encoded, item, provider)
        occupied = len(decided.occupants.get(provider, ()))
        if occupied < int(decided.encoded.supply.capacity[provider, 0]):
            yield _Place(provider, int(kind.prices[provider]), cost)
        elif int(rivals[provider]) != NOBODY_THERE:
            yield _Place(provider, int(kind.prices[provider]), cost + int(rivals[provider]) + 1)


def _quality(encoded: Encoded, item: int, provider: int) -> int:
    """What a node's qualities cost an item, also where it may not go."""
    named, node = encoded.names.items[item], encoded.names.nodes[provider]
    wanted = named.task.requirements or ANYTHING
    way = encoded.scales.ways.to(wanted.origin, region_of(node))
    grades = encoded.supply.quality[provider].tolist()
    weights = encoded.demand.weights[item].tolist()
    graded = sum(int(grade) * int(weight) for grade, weight in zip(grades, weights, strict=True))
    return way.cost(wanted.worth, named.task.ingress) + graded


def _change(encoded: Encoded, named: Item, reason: Reason, place: _Place) -> Change | None:
    node = encoded.names.nodes[place.provider]
    if reason in MONEY or reason is Reason.OUTBID:
        what = _money(encoded, named, node, place)
    else:
        value = int(encoded.demand.value[_number(encoded, named)])
        what = _limit(encoded, named, node, reason) if place.needed <= value else None
    if what is None:
        return None
    return Change(reason=reason, what=what, node=node.node, price=-(-place.price // MICRO_ATOMS_PER_ATOM))


def _number(encoded: Encoded, named: Item) -> int:
    return int(np.searchsorted(encoded.demand.family, named.family))


def _money(encoded: Encoded, named: Item, node: BookNode, place: _Place) -> str | None:
    """By how much the highest prices, or the budget, would have had to be more."""
    budget = named.order.budget_left * MICRO_ATOMS_PER_ATOM
    percent = least_percent(lambda more: _reaches(named, node, place.needed, more))
    if percent is None:
        return f"raise the maximum prices to those of the node, {prices_now(node).vector()} micro-atoms"
    parts = [f"raise the maximum prices by {percent} %"] if percent else []
    if place.needed > budget:
        parts.append(f"add {-(-(place.needed - budget) // MICRO_ATOMS_PER_ATOM)} atoms to the budget")
    return " and ".join(parts) or None


def _reaches(named: Item, node: BookNode, needed: int, percent: int) -> bool:
    """Whether maximum prices that are so much higher cover the node's, and make a copy worth `needed`."""
    most = [price * (100 + percent) // 100 for price in named.order.maximum_prices.vector()]
    if any(asked > highest for asked, highest in zip(prices_now(node).vector(), most, strict=True)):
        return False
    usage = usage_at_limits(named.order.limits, named.task.ingress)
    return price_at(Prices.of(min(price, _HIGHEST) for price in most), usage) >= needed


def least_percent(is_enough: Callable[[int], bool], most: int = _PERCENT_MAXIMUM) -> int | None:
    """The least whole percentage that is enough, where all above are, too; None where not even `most` is."""
    if not is_enough(most):
        return None
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return low


def _limit(encoded: Encoded, named: Item, node: BookNode, reason: Reason) -> str:
    """The one limit that would have had to be looser, and how loose."""
    wanted, offered = named.task.requirements or ANYTHING, ask_of(node).limits
    if reason in _SIZES:
        name, size, unit = _SIZES[reason]
        need, most = getattr(named.order.limits, name), getattr(offered, name)
        return f"need at most {most / size:g} {unit} instead of {need / size:g}"
    if reason is Reason.REGION_NOT_ALLOWED:
        return f"allow region {region_of(node) or 'unstated'}"
    if reason is Reason.LABEL_MISSING:
        return f"do without {', '.join(sorted(set(wanted.labels) - set(labels_of(node))))}"
    if reason is Reason.TRUST_TOO_LOW:
        return f"accept a trust of {node.trust / 100:g} %"
    if reason is Reason.CARBON_TOO_HIGH:
        grams = carbon_intensity_of(node)
        return "accept unstated carbon" if grams is None else f"accept {grams} g CO2e/kWh"
    if reason is Reason.LATENCY_TOO_HIGH:
        way = encoded.scales.ways.to(wanted.origin, region_of(node))
        return f"accept {way.milliseconds} ms" if way.is_measured else "accept an unmeasured distance"
    seconds = -(-named.order.limits.fuel // max(1, speed_of(node)))
    return f"allow {seconds - (named.order.deadline - encoded.book.now)} seconds more"
