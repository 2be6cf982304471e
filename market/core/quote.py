"""Quotes: what a job costs at most, line by line, and which nodes are excluded by which rule. Pure."""

from collections.abc import Sequence

from market.core.rules import why_not
from suanli.protocol.book import BookNode, Moment
from suanli.protocol.charging import lease_cap, usage_at_limits
from suanli.protocol.messages import Ask
from suanli.protocol.reasons import Reason
from suanli.protocol.units import DIMENSIONS, MICRO_ATOMS_PER_ATOM, charge_lines, fee_rounded_down
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.jobs import Exclusion, Quote, QuoteLine, QuoteRequest

LEAST_PER_COPY = 1
"""Atoms that an order's budget has for each copy, however low prices are."""
MINIMUM = "minimum"
"""The name of the line that lifts a small task to the node's minimum charge."""


def quote(
    request: QuoteRequest,
    fleet: Sequence[BookNode],
    moment: Moment,
    fee_basis_points: int,
    valid_seconds: int,
) -> Quote:
    """The quote for `request` from `fleet`.

    Lines are one copy on the cheapest eligible node; the cap has every copy on the dearest eligible one.
    """
    asks, misses = _sort(request, fleet, moment)
    caps = sorted((_cap(request, ask), ask.node, ask) for ask in asks)
    lines = _lines(request, caps[0][2], asks) if caps else []
    dearest = max(caps[-1][0], LEAST_PER_COPY) if caps else 0
    copies = request.tasks * request.replicas
    cap = dearest * copies
    return Quote(
        fleet=len(fleet),
        eligible=len(asks),
        exclusions=_exclusions(misses),
        lines=lines,
        task_cap=caps[0][0] if caps else 0,
        cap=cap,
        fee=fee_rounded_down(dearest, fee_basis_points) * copies,
        fits_budget=bool(caps) and (request.budget is None or request.budget >= cap),
        valid_until=min([moment.now + valid_seconds, *(ask.expiry for ask in asks)]),
    )


def _sort(
    request: QuoteRequest, fleet: Sequence[BookNode], moment: Moment
) -> tuple[list[Ask], list[tuple[int, Explanation]]]:
    asks, misses = [], []
    for node in sorted(fleet, key=lambda node: node.node):
        miss = why_not(request, node, moment)
        if miss is not None:
            misses.append(miss)
        elif node.ask is not None:
            asks.append(node.ask)
    return asks, misses


def _cap(request: QuoteRequest, ask: Ask) -> int:
    return lease_cap(ask.prices, ask.minimumCharge, request.limits, request.limits.inputBytes)


def _exclusions(misses: Sequence[tuple[int, Explanation]]) -> list[Exclusion]:
    counts: dict[tuple[int, Reason], list[str]] = {}
    for number, why in misses:
        counts.setdefault((number, why.reason), []).append(why.detail)
    return [
        Exclusion(reason=reason, detail=details[0], nodes=len(details))
        for (_, reason), details in sorted(counts.items())
    ]


def _lines(request: QuoteRequest, best: Ask, asks: Sequence[Ask]) -> list[QuoteLine]:
    usage = usage_at_limits(request.limits, request.limits.inputBytes)
    highest = [max(prices) for prices in zip(*(ask.prices.vector() for ask in asks), strict=True)]
    charges = charge_lines(best.prices, usage)
    columns = zip(DIMENSIONS, usage.vector(), best.prices.vector(), highest, charges, strict=True)
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
    missing = best.minimumCharge * MICRO_ATOMS_PER_ATOM - sum(charges)
    return [*lines, *([_minimum_line(missing)] if missing > 0 else [])]


def _minimum_line(missing: int) -> QuoteLine:
    return QuoteLine(
        dimension=MINIMUM, quantity=1, unit="task", price=0, highest_price=0, micro_atoms=missing
    )
