"""The most welfare that prices of capacity allow, exactly, over every pair of a round. Pure.

Weak duality: for any prices ≥ 0, no allocation has more than what all capacity costs at them plus each item's
best surplus less the price of what it takes. Boxes rule out nearly all pairs; what is left is computed in
whole numbers.
"""

import itertools
from collections.abc import Iterator

import numpy as np

from suanli.audit.clearing.boxes import Boxes, Costs, Floats, costs_of, sort_into_boxes
from suanli.audit.clearing.candidates import Candidates, joined, raise_best, raise_by
from suanli.audit.clearing.round import Places, Round, Truths
from suanli.protocol.arrays import FORBIDDEN, NOBODY, Integers, Outcome
from suanli.protocol.checks import Check, check
from suanli.protocol.reasons import Reason

ITEMS_AT_ONCE = 512
LOOKS_AT_ONCE = 1 << 22


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
    best, duals = known_values(audited, outcome), outcome.duals
    if len(audited.supply) and len(audited.demand):
        costs = costs_of(audited, duals)
        boxes = sort_into_boxes(audited, costs)
        for looks in joined(_open_boxes(audited, costs, boxes, best), LOOKS_AT_ONCE):
            before, likely = best.copy(), looks.likely(len(best))
            raise_by(audited, duals, best, _open_pairs(boxes, looks.where(np.flatnonzero(likely))))
            raise_by(audited, duals, best, _open_pairs(boxes, looks.after(best - before, likely)))
    return best


def known_values(audited: Round, outcome: Outcome) -> Integers:
    """What each item's own match is worth to it after the price of what it takes, at least 0."""
    best = np.zeros(len(audited.demand), np.int64)
    items = np.flatnonzero(outcome.provider != NOBODY)
    raise_best(audited, outcome.duals, best, items, outcome.provider[items].astype(np.intp))
    return best


def allowance(audited: Round, costs: Costs, best: Integers, items: Places, region: int) -> Floats:
    """The most that a pair of each item may cost by `Costs` and still beat `best`; rounded up."""
    left = audited.demand.value[items] - audited.demand.region_cost[items, region] - best[items]
    room = np.maximum(left, 0) / (1.0 - costs.slack)
    return np.where(left > 0, np.nextafter(room.astype(np.float32), np.float32(np.inf)), np.float32(0))


def _open_boxes(audited: Round, costs: Costs, boxes: Boxes, best: Integers) -> Iterator[Candidates]:
    """The boxes that may hold a provider better than `best`, for some items of one region at a time."""
    for region, start, stop in boxes.regions:
        part, at_region = slice(start, stop), audited.demand.region_cost[:, region]
        for first in range(0, len(best), ITEMS_AT_ONCE):
            items = first + np.flatnonzero(at_region[first : first + ITEMS_AT_ONCE] != FORBIDDEN)
            room = allowance(audited, costs, best, items, region)
            least = costs.of(items, boxes.unit[part], boxes.grade[part], boxes.minimum[part])
            rows, columns = where_below(least, room)
            fits = _may_be_eligible(audited, boxes, items[rows], columns + start)
            rows, columns = rows[fits], columns[fits]
            yield Candidates(items[rows], columns + start, room[rows], least[rows, columns])


def _may_be_eligible(audited: Round, boxes: Boxes, items: Places, numbers: Places) -> Truths:
    fits: Truths = (audited.demand.labels[items] & ~boxes.labels[numbers]) == 0
    for need, offer in zip(audited.demand.needs.T, boxes.offers.T, strict=True):
        fits &= need[items] <= offer[numbers]
    return fits


def _open_pairs(boxes: Boxes, looks: Candidates) -> Iterator[Candidates]:
    """The providers in these boxes that may cost less than there is room for, box by box."""
    inside = boxes.inside
    looks = looks.where(np.argsort(looks.numbers, kind="stable"))
    firsts = np.flatnonzero(np.diff(looks.numbers, prepend=-1)).tolist()
    for first, end in itertools.pairwise([*firsts, len(looks)]):
        box, items, room = int(looks.numbers[first]), looks.items[first:end], looks.room[first:end]
        part = slice(boxes.starts[box], boxes.starts[box + 1])
        cost = inside.of(items, inside.unit[part], inside.grade[part], inside.minimum[part])
        rows, columns = where_below(cost, room)
        yield Candidates(items[rows], boxes.order[part][columns], room[rows], cost[rows, columns])


def where_below(cost: Floats, room: Floats) -> tuple[Places, Places]:
    """Rows and columns of what is below its row's room; much quicker than `np.nonzero` of a table."""
    rows, columns = np.divmod(np.flatnonzero(cost < room[:, None]), cost.shape[1])
    return rows, columns
