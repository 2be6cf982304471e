"""The items of a round: every open copy of every task, and what it wants, as rows. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from market.core.encoding.measure import (
    COST_MAXIMUM,
    LIMIT_MAXIMUM,
    MEASURE,
    MONEY_MAXIMUM,
    price_at,
    usage_row,
)
from market.core.encoding.scales import MICROGRAMS_PER_GRAM, Scales
from market.core.encoding.supply import GRADES, NEEDS
from market.core.rules.wants import ANYTHING, speed_needed
from suanli.protocol.arrays import FORBIDDEN, LARGEST, Demand
from suanli.protocol.book import BookNode, BookOrder, BookTask
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.requirements import Requirements, Worth
from suanli.protocol.units import FUEL_PER_GIGAFUEL, MICRO_ATOMS_PER_ATOM
from suanli.protocol.values import Address, Region

BUDGET_MAXIMUM = LARGEST // 2
CARBON_WEIGHT_MAXIMUM = 1 << 25
FAILURE_WEIGHT_MAXIMUM = 1 << 40


@dataclass(frozen=True, slots=True)
class Item:
    """One copy in the round: its order's group, its task there, and which of the task's open copies it is."""

    group: int
    family: int
    order: BookOrder
    task: BookTask
    copy: int


@dataclass(frozen=True, slots=True)
class _Row:
    """A task's part of the arrays, equal for each of its copies."""

    value: int
    usage: tuple[int, ...]
    weights: tuple[int, int]
    needs: tuple[int, ...]
    labels: int
    region_cost: tuple[int, ...]
    barred: tuple[int, ...]
    family: int
    group: int


def encode_demand(
    orders: Sequence[BookOrder],
    nodes: Sequence[BookNode],
    owners: Mapping[Address, int],
    scales: Scales,
    now: int,
) -> tuple[Demand, list[Item]]:
    """The items in the order of `orders`, their tasks and copies."""
    numbers = {node.node: number for number, node in enumerate(nodes)}
    rows: list[_Row] = []
    items: list[Item] = []
    family = 0
    for group, order in enumerate(orders):
        for task in order.tasks:
            barred = _barred(order, task, numbers, owners)
            row = _row(order, task, scales, now, barred, family, group)
            rows += [row] * task.copies
            items += [Item(group, family, order, task, copy) for copy in range(task.copies)]
            family += 1
    return _demand(rows, orders, len(scales.regions) + 1), items


def value_of(order: BookOrder, ingress: int) -> int:
    """The most that a copy may cost, quality included: its price at the order's, within its budget."""
    at_maximum = price_at(order.maximum_prices, usage_at_limits(order.limits, ingress))
    return min(at_maximum, order.budget_left * MICRO_ATOMS_PER_ATOM, MONEY_MAXIMUM)


def _row(
    order: BookOrder,
    task: BookTask,
    scales: Scales,
    now: int,
    barred: tuple[int, ...],
    family: int,
    group: int,
) -> _Row:
    wanted = task.requirements or ANYTHING
    return _Row(
        value=value_of(order, task.ingress),
        usage=usage_row(usage_at_limits(order.limits, task.ingress)),
        weights=_weights(wanted.worth, order.limits.fuel),
        needs=_needs(order, wanted, now),
        labels=scales.bits_needed(wanted.labels),
        region_cost=_region_costs(wanted, task.ingress, scales),
        barred=barred,
        family=family,
        group=group,
    )


def _weights(worth: Worth, fuel: int) -> tuple[int, int]:
    carbon = -(-worth.micro_atoms_per_carbon_gram * fuel // (FUEL_PER_GIGAFUEL * MICROGRAMS_PER_GRAM))
    failure = -(-worth.micro_atoms_per_failure_percent // 100)
    return min(carbon, CARBON_WEIGHT_MAXIMUM), min(failure, FAILURE_WEIGHT_MAXIMUM)


def _needs(order: BookOrder, wanted: Requirements, now: int) -> tuple[int, ...]:
    limits, carbon = order.limits, wanted.maximum_carbon_grams_per_kilowatt_hour
    return (
        limits.fuel,
        limits.memoryBytes,
        limits.inputBytes,
        limits.outputBytes,
        limits.wallSeconds,
        *(-min(price, LIMIT_MAXIMUM) for price in order.maximum_prices.vector()),
        speed_needed(limits.fuel, order.deadline - now),
        wanted.minimum_trust_basis_points,
        -LIMIT_MAXIMUM if carbon is None else -carbon,
    )


def _region_costs(wanted: Requirements, size: int, scales: Scales) -> tuple[int, ...]:
    return tuple(_region_cost(wanted, size, scales, region) for region in (*scales.regions, None))


def _region_cost(wanted: Requirements, size: int, scales: Scales, region: Region | None) -> int:
    """What running in a region costs beside its price, or FORBIDDEN; `None` is nowhere in particular."""
    way, most = scales.ways.to(wanted.origin, region), wanted.maximum_latency_milliseconds
    too_far = most is not None and (not way.is_measured or way.milliseconds > most)
    if too_far or (wanted.regions and region not in wanted.regions):
        return int(FORBIDDEN)
    return min(way.cost(wanted.worth, size), COST_MAXIMUM)


def _barred(
    order: BookOrder, task: BookTask, numbers: Mapping[Address, int], owners: Mapping[Address, int]
) -> tuple[int, ...]:
    nodes = {numbers[node] for node in (*task.tried, order.buyer) if node in numbers}
    owned = {~owners[owner] for owner in (*task.owners, order.buyer) if owner in owners}
    return tuple(sorted(nodes | owned))


def _demand(rows: Sequence[_Row], orders: Sequence[BookOrder], regions: int) -> Demand:
    columns = {field.name: [getattr(row, field.name) for row in rows] for field in fields(_Row)}
    barred = [len(one) for one in columns["barred"]]
    budgets = (min(order.budget_left * MICRO_ATOMS_PER_ATOM, BUDGET_MAXIMUM) for order in orders)
    return Demand(
        value=_integers(columns["value"]),
        usage=_table(columns["usage"], len(MEASURE.sizes)),
        weights=_table(columns["weights"], GRADES),
        needs=_table(columns["needs"], NEEDS),
        labels=np.array(columns["labels"], np.uint64),
        region_cost=_table(columns["region_cost"], regions),
        load=np.ones((len(rows), 1), np.int64),
        family=np.array(columns["family"], np.int32),
        group=np.array(columns["group"], np.int32),
        budget=_integers(budgets),
        barred_start=np.concatenate([np.zeros(1, np.int64), np.cumsum(_integers(barred))]),
        barred=_integers(number for one in columns["barred"] for number in one),
    )


def _integers(numbers: Iterable[int]) -> NDArray[np.int64]:
    return np.array(list(numbers), np.int64)


def _table(rows: Sequence[tuple[int, ...]], width: int) -> NDArray[np.int64]:
    return np.array(rows, np.int64).reshape(len(rows), width)
