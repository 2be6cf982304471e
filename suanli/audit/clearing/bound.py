"""The most welfare that prices of capacity allow, exactly, over every pair of a round. Pure.

Weak duality: for any prices ≥ 0, no allocation has more than what all capacity costs at them plus each item's
best surplus less the price of what it takes. Boxes rule out nearly all pairs; what is left is computed in
whole numbers.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from suanli.audit.clearing.boxes import Boxes, Costs, Floats, costs_of, sort_into_boxes
from suanli.audit.clearing.round import Places, Round, Truths, capacity_cost, judge
from suanli.protocol.arrays import FORBIDDEN, NOBODY, Integers, Outcome
from suanli.protocol.checks import Check, check
from suanli.protocol.reasons import Reason

ITEMS_AT_ONCE = 512
LOOKS_AT_ONCE = 1 << 22
PAIRS_AT_ONCE = 1 << 19


def check_full(audited: Round, outcome: Outcome) -> tuple[Check, ...]:
    """Whether the outcome's bound is the one of its duals over all pairs, and not below its welfare."""
    bound = highest_bound(audited, outcome)
    detail = f"the duals bound the welfare by {bound}, the outcome says {outcome.bound}"
    return (
        check("bound", bound == outcome.bound, detail, Reason.CERTIFICATE_INVALID),
        check(
            "bound_holds",
            outcome.welfare <= bound,
            f"welfare {outcome.welfare} of at most {bound}",
            Reason.CERTIFICATE_INVALID,
        ),
    )


def highest_bound(audited: Round, outcome: Outcome) -> int:
    """The bound that the duals give, in micro-atoms; the matches only say where to look first."""
    return capacity_value(audited, outcome.duals) + int(best_values(audited, outcome).sum())


def capacity_value(audited: Round, duals: Integers) -> int:
    """What all capacity costs at the duals."""
    there = np.nonzero(duals)
    pairs = zip(duals[there].tolist(), audited.supply.capacity[there].tolist(), strict=True)
    return sum(price * amount for price, amount in pairs)


def best_values(audited: Round, outcome: Outcome) -> Integers:
    """By item, the largest surplus less the price of what it takes, over all providers and 0."""
    best = known_values(audited, outcome)
    if len(audited.supply) and len(audited.demand):
        costs = costs_of(audited, outcome.duals)
        boxes = sort_into_boxes(audited, costs)
        for looks in _some_at_once(_open_boxes(audited, costs, boxes, best)):
            for items, providers in some_pairs(_open_pairs(boxes, looks)):
                raise_best(audited, outcome.duals, best, items, providers)
    return best


def known_values(audited: Round, outcome: Outcome) -> Integers:
    """What each item's own match is worth to it after the price of what it takes, at least 0."""
    best = np.zeros(len(audited.demand), np.int64)
    items = np.flatnonzero(outcome.provider != NOBODY)
    raise_best(audited, outcome.duals, best, items, outcome.provider[items].astype(np.intp))
    return best


def raise_best(audited: Round, duals: Integers, best: Integers, items: Places, providers: Places) -> None:
    """Raises `best` to the exact values of these pairs."""
    pairs = judge(audited, items, providers)
    values = pairs.surplus - capacity_cost(audited, duals, items, providers)
    np.maximum.at(best, items[pairs.eligible], values[pairs.eligible])


def allowance(audited: Round, costs: Costs, best: Integers, items: Places, region: int) -> Floats:
    """The most that a pair of each item may cost by `Costs` and still beat `best`; rounded up."""
    left = audited.demand.value[items] - audited.demand.region_cost[items, region] - best[items]
    room = np.maximum(left, 0) / (1.0 - costs.slack)
    return np.where(left > 0, np.nextafter(room.astype(np.float32), np.float32(np.inf)), np.float32(0))


@dataclass(frozen=True, slots=True)
class Looks:
    """Boxes to look into: for item items[k] box numbers[k], where it may cost less than room[k]."""

    items: Places
    numbers: Places
    room: Floats

    def __len__(self) -> int:
        return len(self.items)


def _open_boxes(audited: Round, costs: Costs, boxes: Boxes, best: Integers) -> Iterator[Looks]:
    """The boxes that may hold a provider better than `best`, for some items of one region at a time."""
    for region, start, stop in boxes.regions:
        part = slice(start, stop)
        at_region = audited.demand.region_cost[:, region]
        for first in range(0, len(best), ITEMS_AT_ONCE):
            items = first + np.flatnonzero(at_region[first : first + ITEMS_AT_ONCE] != FORBIDDEN)
            room = allowance(audited, costs, best, items, region)
            least = costs.of(items, boxes.unit[part], boxes.grade[part], boxes.minimum[part])
            rows, columns = where_below(least, room)
            numbers = columns + start
            fits = _may_be_eligible(audited, boxes, items[rows], numbers)
            yield Looks(items[rows[fits]], numbers[fits], room[rows[fits]])


def _may_be_eligible(audited: Round, boxes: Boxes, items: Places, numbers: Places) -> Truths:
    fits: Truths = (audited.demand.labels[items] & ~boxes.labels[numbers]) == 0
    for need, offer in zip(audited.demand.needs.T, boxes.offers.T, strict=True):
        fits &= need[items] <= offer[numbers]
    return fits


def _some_at_once(parts: Iterator[Looks]) -> Iterator[Looks]:
    """The same looks, joined into large parts sorted by box."""
    held, size = list[Looks](), 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= LOOKS_AT_ONCE:
            yield _joined(held)
            held, size = [], 0
    if size:
        yield _joined(held)


def _joined(parts: list[Looks]) -> Looks:
    numbers = np.concatenate([part.numbers for part in parts])
    order = np.argsort(numbers, kind="stable")
    items = np.concatenate([part.items for part in parts])[order]
    return Looks(items, numbers[order], np.concatenate([part.room for part in parts])[order])


def _open_pairs(boxes: Boxes, looks: Looks) -> Iterator[tuple[Places, Places]]:
    """Pairs of an item and a provider that may cost less than they have room for; `looks` ascend by box."""
    inside = boxes.inside
    firsts = np.flatnonzero(np.diff(looks.numbers, prepend=-1)).tolist()
    for first, end in itertools.pairwise([*firsts, len(looks)]):
        box = int(looks.numbers[first])
        part, items = slice(boxes.starts[box], boxes.starts[box + 1]), looks.items[first:end]
        cost = inside.of(items, inside.unit[part], inside.grade[part], inside.minimum[part])
        rows, columns = where_below(cost, looks.room[first:end])
        yield items[rows], boxes.order[part][columns]


def some_pairs(parts: Iterable[tuple[Places, Places]]) -> Iterator[tuple[Places, Places]]:
    """The same pairs, about `PAIRS_AT_ONCE` at a time: exact arithmetic is quick on many, not on few."""
    held, size = list[tuple[Places, Places]](), 0
    for part in parts:
        held.append(part)
        size += len(part[0])
        if size >= PAIRS_AT_ONCE:
            yield _joined_pairs(held)
            held, size = [], 0
    if size:
        yield _joined_pairs(held)


def _joined_pairs(held: list[tuple[Places, Places]]) -> tuple[Places, Places]:
    return np.concatenate([items for items, _ in held]), np.concatenate([there for _, there in held])


def where_below(cost: Floats, room: Floats) -> tuple[Places, Places]:
    """Rows and columns of what is below its row's room; much quicker than `np.nonzero` of a table."""
    rows, columns = np.divmod(np.flatnonzero(cost < room[:, None]), cost.shape[1])
    return rows, columns
