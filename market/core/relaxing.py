"""What easing one limit of a job would bring: the engine finds it, here it gets its words. Pure."""

from collections.abc import Callable

from market.core.engine.decision import Relaxation as Found
from market.core.engine.decision import Rule
from market.core.engine.items import Items
from market.core.spot.floor import Floor
from suanli.protocol.book import BookOrder
from suanli.protocol.reasons import Reason
from suanli.protocol.units import BASIS_POINTS, BYTES_PER_MEBIBYTE, DIMENSIONS, FUEL_PER_GIGAFUEL
from suanli.protocol.wire.jobs import Relaxation

MOST = 5
"""How many are told, the greatest saving first."""
_SIZES = (
    (Reason.FUEL_LIMIT_TOO_SMALL, "fuel", FUEL_PER_GIGAFUEL, "gigafuel"),
    (Reason.MEMORY_TOO_SMALL, "memory", BYTES_PER_MEBIBYTE, "MiB"),
    (Reason.INPUT_TOO_LARGE, "input", BYTES_PER_MEBIBYTE, "MiB"),
    (Reason.OUTPUT_TOO_LARGE, "output", BYTES_PER_MEBIBYTE, "MiB"),
    (Reason.WALL_LIMIT_TOO_SMALL, "wall-clock time", 1, "s"),
)
_SPEED, _TRUST, _CARBON = 9, 10, 11


def relaxations(
    floor: Floor, order: BookOrder, items: Items, cap: Callable[[int], int]
) -> tuple[Relaxation, ...]:
    """The best ones; `cap` says what a copy costs at a provider, in atoms."""
    now = floor.fleet.decide(items)
    cost = 0 if now is None else now.price + now.quality
    found = floor.fleet.relaxations(items)
    told = []
    for one in found:
        words = _words(floor, order, one)
        if words is None:
            continue
        reason, change = words
        told.append(
            Relaxation(
                reason=reason,
                change=change,
                node=floor.stand(one.decision.provider).node.node,
                task_cap=cap(one.decision.provider),
                saving_micro_atoms=one.saving,
                saving_basis_points=None
                if one.saving is None or not cost
                else one.saving * BASIS_POINTS // cost,
            )
        )
    return tuple(told[:MOST])


def _words(floor: Floor, order: BookOrder, one: Found) -> tuple[Reason, str] | None:
    """The limit's reason and what would change; None where it is none that the buyer has set."""
    if one.rule is Rule.REGION:
        return _region(floor, order, one)
    if one.rule is Rule.LABELS:
        return Reason.LABEL_MISSING, f"do without the label {_label(floor, order, one.number)}"
    if one.rule is Rule.NEED:
        return _need(order, one.number, one.limit)
    if one.rule is Rule.CAPACITY:
        return Reason.NO_FREE_SLOT, "wait until this node has a free slot"
    return Reason.NOT_WORTH_IT, f"pay up to {-(-one.limit // 10**6)} atoms per copy, quality included"


def _region(floor: Floor, order: BookOrder, one: Found) -> tuple[Reason, str]:
    names = [*floor.plan.scales.regions, None]
    name, wanted = names[one.number], order.tasks[0].requirements
    place = "nodes that do not say where they are" if name is None else f"region {name}"
    if wanted is not None and wanted.regions and name not in wanted.regions:
        return Reason.REGION_NOT_ALLOWED, f"allow {place}"
    return Reason.LATENCY_TOO_HIGH, f"allow the latency of {place}"


def _label(floor: Floor, order: BookOrder, bit: int) -> str:
    for label, number in floor.plan.scales.labels.items():
        if number == bit:
            return label
    wanted = order.tasks[0].requirements
    unknown = [one for one in (wanted.labels if wanted else ()) if one not in floor.plan.scales.labels]
    return ", ".join(unknown)


def _need(order: BookOrder, need: int, offer: int) -> tuple[Reason, str] | None:
    if need < len(_SIZES):
        reason, name, size, unit = _SIZES[need]
        return reason, f"make do with {offer / size:g} {unit} of {name}"
    if need < _SPEED:
        dimension = DIMENSIONS[need - len(_SIZES)]
        return Reason.PRICE_ABOVE_LIMIT, f"pay up to {-offer} micro-atoms per {dimension.priced_per}"
    if need == _SPEED:
        seconds = -(-order.limits.fuel // max(1, offer))
        return Reason.TOO_SLOW_FOR_DEADLINE, f"allow {seconds} s until the deadline"
    if need == _TRUST:
        return Reason.TRUST_TOO_LOW, f"accept results trusted {offer / 100:g} %"
    return Reason.CARBON_TOO_HIGH, f"accept {-offer} g CO2e/kWh" if offer > -(
        1 << 60
    ) else "accept unknown carbon"
