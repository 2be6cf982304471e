"""Quotes: the best node for a job, what it costs line by line, who is second and who is excluded why.

Pure. `judged` counts and prices every node; which of the free ones is best is the engine's word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from market.core.encoding.demand import encode_demand
from market.core.encoding.kept import kept_orders
from market.core.engine.items import Items
from market.core.offers import speed_of
from market.core.relaxing import relaxations
from market.core.spot.floor import Floor, Stand, with_barred
from market.core.spot.judged import Judged, judged
from suanli.protocol.arrays import Demand, Integers
from suanli.protocol.book import BookOrder, BookTask
from suanli.protocol.charging import lease_cap, usage_at_limits
from suanli.protocol.errors import MarketError
from suanli.protocol.units import (
    BASIS_POINTS,
    DIMENSIONS,
    MICRO_ATOMS_PER_ATOM,
    charge_lines,
    fee_rounded_down,
)
from suanli.protocol.wire.jobs import Odds, QualityLine, Quote, QuoteLine, QuoteRequest, RunnerUp

LEAST_PER_COPY = 1
"""Atoms that an order's budget has for each copy, however low prices are."""
MINIMUM = "minimum"
"""The name of the line that lifts a small task to the node's minimum charge."""
_NO_BUDGET = (1 << 128) - 1
_NO_ORDER = "0x" + "0" * 64
_NOBODY = "0x" + "0" * 40


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the rules and the engine read it."""

    request: QuoteRequest
    floor: Floor
    order: BookOrder
    demand: Demand
    items: Items
    judged: Judged

    def stand(self, number: int) -> Stand:
        """What a provider asks."""
        return self.floor.stand(number)

    def cap(self, number: int) -> int:
        """What one copy costs there at most, in atoms."""
        stand, limits = self.stand(number), self.request.limits
        return lease_cap(stand.prices, stand.ask.minimumCharge, limits, limits.inputBytes)


def quote(request: QuoteRequest, floor: Floor, fee_basis_points: int, valid_seconds: int) -> Quote:
    """The quote for `request` from the nodes of `floor`. Raises MarketError where no round could count it."""
    asked = _asked(request, floor)
    numbers, now = asked.judged.numbers(), floor.plan.book.now
    found = floor.fleet.best(asked.items, 0, 2)
    best = found[0].provider if found else numbers[0] if numbers else None
    dearest = max(asked.cap(numbers[-1]), LEAST_PER_COPY) if numbers else 0
    copies = request.tasks * request.replicas
    return Quote(
        fleet=len(floor.plan.book.nodes),
        eligible=len(numbers),
        free=int((asked.judged.eligible & asked.judged.free).sum()),
        exclusions=asked.judged.exclusions,
        best=None if best is None else asked.stand(best).node.node,
        lines=[] if best is None else _lines(asked, best, numbers),
        quality=() if best is None else quality_lines(asked, best),
        runner_up=_runner_up(asked, best, [one.provider for one in found], numbers),
        odds=None if best is None else _odds(asked, best),
        relaxations=relaxations(floor, asked.order, asked.items, asked.cap),
        task_cap=0 if best is None else asked.cap(best),
        cap=dearest * copies,
        fee=fee_rounded_down(dearest, fee_basis_points) * copies,
        fits_budget=bool(numbers) and (request.budget is None or request.budget >= dearest * copies),
        valid_until=min([now + valid_seconds, *floor.plan.expiry[asked.judged.eligible].tolist()]),
    )


def as_order(request: QuoteRequest) -> BookOrder:
    """The request as an order of one task, for the rules that read orders."""
    task = BookTask(
        index=0, attempt=0, copies=1, ingress=request.limits.inputBytes, requirements=request.requirements
    )
    return BookOrder(
        order=_NO_ORDER,
        buyer=request.buyer or _NOBODY,
        limits=request.limits,
        maximum_prices=request.maximum_prices,
        budget_left=_NO_BUDGET,
        deadline=request.deadline,
        tasks=(task,),
    )


def _asked(request: QuoteRequest, floor: Floor) -> Asked:
    order, plan = as_order(request), floor.plan
    _, left = kept_orders(plan.book.model_copy(update={"orders": (order,), "nodes": ()}))
    for why in left.values():
        raise MarketError(why.reason, why.detail)
    demand, _ = encode_demand([order], (), {}, plan.scales, plan.book.now)
    demand = with_barred(demand, [floor.barred(order.buyer)])
    return Asked(
        request, floor, order, demand, floor.fleet.items(demand), judged(floor, order, demand, _free(floor))
    )


def _free(floor: Floor) -> Integers:
    return floor.fleet.supply().capacity[:, 0]


def _lines(asked: Asked, best: int, numbers: Sequence[int]) -> list[QuoteLine]:
    limits, stand = asked.request.limits, asked.stand(best)
    usage = usage_at_limits(limits, limits.inputBytes)
    highest = asked.floor.plan.supply.prices[np.asarray(numbers)].max(axis=0)[[0, 3, 5, 7]].tolist()
    charges = charge_lines(stand.prices, usage)
    columns = zip(DIMENSIONS, usage.vector(), stand.vector, highest, charges, strict=True)
    lines = [
        QuoteLine(
            dimension=dimension.name,
            quantity=used,
            unit=dimension.priced_per,
            price=price,
            highest_price=most,
            micro_atoms=micro_atoms,
        )
        for dimension, used, price, most, micro_atoms in columns
    ]
    missing = stand.ask.minimumCharge * MICRO_ATOMS_PER_ATOM - sum(charges)
    return [*lines, *([_minimum_line(missing)] if missing > 0 else [])]


def _minimum_line(missing: int) -> QuoteLine:
    return QuoteLine(
        dimension=MINIMUM, quantity=1, unit="task", price=0, highest_price=0, micro_atoms=missing
    )


def quality_lines(asked: Asked, number: int) -> tuple[QualityLine, ...]:
    """What each quality of a provider counts for at the buyer's weights; together `Judged.quality`."""
    supply, demand = asked.floor.plan.supply, asked.demand
    grades = zip(("carbon", "failure"), ("µg CO2e per gigafuel", "basis points"), strict=True)
    lines = [
        QualityLine(
            quality=name,
            amount=int(supply.quality[number, place]),
            unit=unit,
            micro_atoms=int(supply.quality[number, place]) * int(demand.weights[0, place]),
        )
        for place, (name, unit) in enumerate(grades)
    ]
    region = int(demand.region_cost[0, supply.region[number]])
    way = asked.floor.plan.scales.ways.to(_origin(asked), _region(asked, number))
    lines.append(
        QualityLine(quality="way", amount=way.milliseconds, unit="ms there and back", micro_atoms=region)
    )
    return tuple(line for line in lines if line.micro_atoms)


def _runner_up(
    asked: Asked, best: int | None, free: Sequence[int], numbers: Sequence[int]
) -> RunnerUp | None:
    """The second best free node; where no node is free, the second cheapest busy one."""
    others = [one for one in (free or numbers[:2]) if one != best]
    if best is None or not others:
        return None
    cost, second = asked.judged.price + asked.judged.quality, others[0]
    return RunnerUp(
        node=asked.stand(second).node.node,
        task_cap=asked.cap(second),
        quality_micro_atoms=int(asked.judged.quality[second]),
        lost_by_micro_atoms=max(0, int(cost[second] - cost[best])),
    )


def _odds(asked: Asked, best: int) -> Odds:
    node, request, now = asked.stand(best).node, asked.request, asked.floor.plan.book.now
    speed, left = speed_of(node), max(0, request.deadline - now)
    way = asked.floor.plan.scales.ways.to(_origin(asked), _region(asked, best))
    moving = -(-request.limits.inputBytes // way.bytes_per_second) if way.bytes_per_second else 0
    needed = -(-request.limits.fuel // speed) + moving if speed else None
    in_time = needed is None or needed <= left
    reliability = min(BASIS_POINTS, node.reliability)
    return Odds(basis_points=reliability if in_time else 0, needed_seconds=needed, left_seconds=left)


def _origin(asked: Asked) -> str | None:
    wanted = asked.request.requirements
    return None if wanted is None else wanted.origin


def _region(asked: Asked, number: int) -> str | None:
    offering = asked.stand(number).node.offering
    return None if offering is None else offering.region
