"""What would come of easing one limit of an item: the same decision again for the item with that limit gone.

The change that is told is the least that admits the provider found: its region, label, offer or price. Who is
barred stays barred.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market.core.engine.decision import Decision, Decisions, Relaxation, Rule
from market.core.engine.layout import Layout
from suanli.protocol.arrays import NOBODY, Demand, Integers

PER_ITEM = ("value", "usage", "weights", "needs", "labels", "region_cost", "load", "family", "group")
NO_NEED = np.int64(np.iinfo(np.int64).min)
RICH = np.int64(1 << 58)
"""A value above every cost that the checks let through, and small enough to be added up."""


@dataclass(frozen=True, slots=True)
class Easing:
    """A limit of the item that could be eased: which rule's, and which region, label bit or need."""

    rule: Rule
    number: int


def easings(demand: Demand, item: int, placed: bool) -> list[Easing]:
    """Every limit of an item that is one; more money helps only where it is not placed."""
    labels = int(demand.labels[item])
    return [
        *(Easing(Rule.REGION, int(region)) for region in np.flatnonzero(demand.region_cost[item] < 0)),
        *(Easing(Rule.LABELS, bit) for bit in range(64) if labels >> bit & 1),
        *(Easing(Rule.NEED, need) for need in range(demand.needs.shape[1])),
        *([Easing(Rule.CAPACITY, 0)] if demand.load[item].any() else []),
        *([] if placed else [Easing(Rule.PRICE, 0)]),
    ]


def eased(demand: Demand, item: int, limits: list[Easing], open_cost: int) -> Demand:
    """One copy of the item per easing, with that limit gone."""
    copies = np.full(len(limits), item)
    barred = demand.barred[demand.barred_start[item] : demand.barred_start[item + 1]]
    changed = replace(
        demand,
        **{name: getattr(demand, name)[copies] for name in PER_ITEM},
        barred_start=np.arange(len(limits) + 1) * len(barred),
        barred=np.tile(barred, len(limits)),
    )
    for copy, limit in enumerate(limits):
        _ease(changed, copy, limit, open_cost)
    return changed


def worthwhile(
    layout: Layout, rows: Integers, now: Decision | None, limits: list[Easing], found: Decisions
) -> list[Relaxation]:
    """Those that save money or admit a first provider, the least cost first. `rows` tell what is offered."""
    told = []
    for place, limit in enumerate(limits):
        provider = int(found.provider[place])
        if provider == NOBODY:
            continue
        decision = Decision(provider, *(int(column[place]) for column in _columns(found)))
        saving = None if now is None else now.price + now.quality - decision.price - decision.quality
        if saving is None or saving > 0:
            told.append(_told(layout, rows, limit, decision, saving))
    return sorted(told, key=_rank)


def _told(
    layout: Layout, rows: Integers, limit: Easing, decision: Decision, saving: int | None
) -> Relaxation:
    if limit.rule == Rule.PRICE:
        cost = decision.price + decision.quality
        return Relaxation(limit.rule, limit.number, cost, decision._replace(surplus=0), saving)
    offer = int(rows[decision.provider, layout.offers][limit.number]) if limit.rule == Rule.NEED else 0
    return Relaxation(limit.rule, limit.number, offer, decision, saving)


def _ease(demand: Demand, copy: int, limit: Easing, open_cost: int) -> None:
    if limit.rule == Rule.REGION:
        demand.region_cost[copy, limit.number] = open_cost
    elif limit.rule == Rule.LABELS:
        demand.labels[copy] &= np.uint64(~(1 << limit.number) & (1 << 64) - 1)
    elif limit.rule == Rule.NEED:
        demand.needs[copy, limit.number] = NO_NEED
    elif limit.rule == Rule.CAPACITY:
        demand.load[copy] = 0
    else:
        demand.value[copy] = RICH


def _rank(relaxation: Relaxation) -> tuple[int, int, int]:
    decision = relaxation.decision
    return decision.price + decision.quality, relaxation.rule, relaxation.number


def _columns(found: Decisions) -> tuple[NDArray[Any], ...]:
    return found.price, found.quality, found.surplus
