"""One job against every node of a floor: the first rule against each, and what a copy costs there. Pure.

The rules are those of `core.rules`, in their order, on columns; the sentence of each comes from the rule
itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.core.encoding.measure import MEASURE, usage_row
from market.core.rules import FLEET_RULES, NODE_RULES, TASK_RULES, why_not, why_not_task
from market.core.rules.wants import ANYTHING, wants_of
from market.core.spot.floor import Floor
from suanli.protocol.arrays import Demand, Integers
from suanli.protocol.book import BookOrder
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.reasons import Reason
from suanli.protocol.requirements import Requirements
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM, charge
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.jobs import Exclusion

_NODE, _TASK = len(FLEET_RULES), len(FLEET_RULES) + len(NODE_RULES)
_WORTH = _TASK + len(TASK_RULES)
_ELIGIBLE = _WORTH + 1
_TRUST, _CARBON, _SPEED = 10, 11, 9

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judged:
    """By provider number: `eligible`, whether anything is `free`, price and quality in micro-atoms."""

    eligible: Mask
    free: Mask
    price: Integers
    quality: Integers
    exclusions: list[Exclusion]

    def numbers(self) -> list[int]:
        """The eligible providers, the least price first, ties by number."""
        found = np.flatnonzero(self.eligible)
        order: list[int] = found[np.lexsort((found, self.price[found]))].tolist()
        return order


def judged(floor: Floor, order: BookOrder, demand: Demand, free: Integers) -> Judged:
    """An order of one task, whose first row of `demand` it is, against the floor; `free` slots by number."""
    supply, row = floor.plan.supply, _Row(floor, order, demand)
    usage = np.array(usage_row(usage_at_limits(order.limits, order.tasks[0].ingress)), np.int64)
    price = np.maximum((-(-supply.prices * usage // np.array(MEASURE.sizes))).sum(axis=1), supply.minimum)
    price = -(-price // MEASURE.quantum) * MEASURE.quantum
    at_region = np.maximum(demand.region_cost[0], 0)[supply.region]
    quality = at_region + supply.quality @ demand.weights[0]
    against = [*row.node_rules(), *row.task_rules(), price + quality > int(demand.value[0])]
    first = np.full(len(supply), _ELIGIBLE, np.int8)
    for number, mask in reversed(list(enumerate(against, start=_NODE))):
        first[mask] = number
    exclusions = _exclusions(floor, order, first)
    return Judged(first == _ELIGIBLE, free > 0, price, quality, exclusions)


@dataclass(slots=True)
class _Row:
    """The rules on columns, in the order of `core.rules`."""

    floor: Floor
    order: BookOrder
    demand: Demand

    def node_rules(self) -> list[Mask]:
        """Those between a job and a node."""
        supply, needs, order = self.floor.plan.supply, self.demand.needs[0], self.order
        lacking = supply.offers < needs
        most = charge(order.maximum_prices, usage_at_limits(order.limits, order.limits.inputBytes))
        minimum = supply.minimum > min(most * MICRO_ATOMS_PER_ATOM, (1 << 63) - 1)
        return [self._own(), *lacking[:, :5].T, lacking[:, 5:9].any(axis=1), minimum]

    def task_rules(self) -> list[Mask]:
        """Those between a task and a node."""
        supply, needs = self.floor.plan.supply, self.demand.needs[0]
        wanted = self.order.tasks[0].requirements or ANYTHING
        nobody = np.zeros(len(supply), bool)
        return [
            self._regions(wanted)[supply.region],
            (self.demand.labels[0] & ~supply.labels) != 0,
            supply.offers[:, _TRUST] < needs[_TRUST],
            supply.offers[:, _CARBON] < needs[_CARBON],
            self._distances(wanted)[supply.region],
            supply.offers[:, _SPEED] < needs[_SPEED],
            nobody,
            nobody,
        ]

    def _own(self) -> Mask:
        barred = self.floor.barred(self.order.buyer)
        owners = [~one for one in barred if one < 0]
        own = np.isin(self.floor.plan.supply.owner, owners)
        own[[one for one in barred if one >= 0]] = True
        return own

    def _regions(self, wanted: Requirements) -> Mask:
        """By region, the last is nowhere: whether the task may not go there."""
        names = (*self.floor.plan.scales.regions, None)
        return np.array([bool(wanted.regions) and name not in wanted.regions for name in names])

    def _distances(self, wanted: Requirements) -> Mask:
        """By region: whether it is too far, or nobody knows."""
        scales, most = self.floor.plan.scales, wanted.maximum_latency_milliseconds
        ways = [scales.ways.to(wanted.origin, name) for name in (*scales.regions, None)]
        return np.array(
            [most is not None and not (way.is_measured and way.milliseconds <= most) for way in ways]
        )


def _exclusions(floor: Floor, order: BookOrder, first: NDArray[np.int8]) -> list[Exclusion]:
    """How many nodes each rule excludes, those that are not on the floor included; sentences of the first."""
    found: dict[tuple[int, Reason], tuple[str, int]] = {}
    for number, why in floor.plan.left.values():
        detail, count = found.get((number, why.reason), (why.detail, 0))
        found[number, why.reason] = detail, count + 1
    for number in sorted(set(first.tolist()) - {_ELIGIBLE}):
        places = np.flatnonzero(first == number)
        why = _sentence(floor, order, int(places[0]), number)
        found[number, why.reason] = why.detail, len(places)
    return [
        Exclusion(reason=reason, detail=one[0], nodes=one[1]) for (_, reason), one in sorted(found.items())
    ]


def _sentence(floor: Floor, order: BookOrder, place: int, number: int) -> Explanation:
    """What the rule says of the first node that it excludes."""
    node, moment = floor.plan.nodes[place], floor.plan.book.moment
    miss = why_not(order, node, moment) or why_not_task(
        wants_of(order, order.tasks[0], moment.now), node, floor.plan.scales.ways
    )
    if miss is not None and miss[0] == number:
        return miss[1]
    detail = "its quality costs more than the job is worth at the highest prices"
    return Explanation(reason=Reason.NOT_WORTH_IT, detail=detail)
