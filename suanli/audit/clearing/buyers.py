"""The buyer side of a round: each copy of each task of the book as a row (docs/rounds.md). Pure."""

from collections.abc import Sequence

import numpy as np

from suanli.audit.clearing.distance import Distances
from suanli.audit.clearing.entrants import HIGHEST_LIMIT
from suanli.audit.clearing.naming import MOST_LABELS, Numbers, wanted
from suanli.audit.clearing.scale import (
    MEASURE,
    NEEDS,
    ORDER_BUDGET,
    QUALITIES,
    Row,
    column,
    table,
    usage_row,
    value_of,
)
from suanli.audit.clearing.sellers import MICROGRAMS_PER_GRAM
from suanli.protocol.arrays import Demand, Integers
from suanli.protocol.book import Book, BookOrder, BookTask
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.requirements import Requirements
from suanli.protocol.units import BASIS_POINTS, FUEL_PER_GIGAFUEL, MICRO_ATOMS_PER_ATOM

HEAVIEST_CARBON = 1 << 25
HEAVIEST_FAILURE = 1 << 40


def tasks_of(order: BookOrder) -> list[BookTask]:
    """An order's tasks in the order of the round."""
    return sorted(order.tasks, key=lambda task: task.index)


def demand_of(book: Book, orders: Sequence[BookOrder], numbers: Numbers) -> Demand:
    """The copies of the orders' tasks: by order, task and attempt."""
    rows = [(group, order, task) for group, order in enumerate(orders) for task in tasks_of(order)]
    copies = [task.copies for _, _, task in rows]
    distances, places = Distances(book), [*numbers.regions, None]
    barred = [_barred(order, task, numbers) for _, order, task in rows]
    costs = [tuple(distances.cost(wanted(task), task.ingress, at) for at in places) for _, _, task in rows]
    bits = [_bits_needed(wanted(task), numbers) for _, _, task in rows]
    return Demand(
        value=np.repeat(column(value_of(order, task) for _, order, task in rows), copies),
        usage=_copied([_usage(order, task) for _, order, task in rows], len(MEASURE.sizes), copies),
        weights=_copied([_weights(order, wanted(task)) for _, order, task in rows], QUALITIES, copies),
        needs=_copied([_needs(order, wanted(task), book.now) for _, order, task in rows], NEEDS, copies),
        labels=np.repeat(np.array(bits, np.uint64), copies),
        region_cost=_copied(costs, len(places), copies),
        load=np.ones((sum(copies), 1), np.int64),
        family=np.repeat(np.arange(len(rows), dtype=np.int32), copies),
        group=np.repeat(np.array([group for group, _, _ in rows], np.int32), copies),
        budget=column(min(order.budget_left * MICRO_ATOMS_PER_ATOM, ORDER_BUDGET) for order in orders),
        barred_start=column([0, *np.cumsum(np.repeat(column(map(len, barred)), copies)).tolist()]),
        barred=column(number for one, times in zip(barred, copies, strict=True) for number in one * times),
    )


def _barred(order: BookOrder, task: BookTask, numbers: Numbers) -> list[int]:
    """Who has had the task, whose owner has a copy of it, and the buyer."""
    nodes = {numbers.nodes[one] for one in {*task.tried, order.buyer} if one in numbers.nodes}
    owners = {~numbers.owners[one] for one in {*task.owners, order.buyer} if one in numbers.owners}
    return sorted(nodes | owners)


def _bits_needed(want: Requirements, numbers: Numbers) -> int:
    bits = 0
    for label in want.labels:
        bits |= numbers.labels.get(label, 1 << MOST_LABELS)
    return bits


def _needs(order: BookOrder, want: Requirements, now: int) -> Row:
    limits, carbon = order.limits, want.maximum_carbon_grams_per_kilowatt_hour
    return (
        limits.fuel,
        limits.memoryBytes,
        limits.inputBytes,
        limits.outputBytes,
        limits.wallSeconds,
        *(-min(price, HIGHEST_LIMIT) for price in order.maximum_prices.vector()),
        -(-limits.fuel // max(1, order.deadline - now)),
        want.minimum_trust_basis_points,
        -HIGHEST_LIMIT if carbon is None else -carbon,
    )


def _usage(order: BookOrder, task: BookTask) -> Row:
    return usage_row(usage_at_limits(order.limits, task.ingress))


def _weights(order: BookOrder, want: Requirements) -> Row:
    """Micro-atoms per microgram of CO2e for a gigafuel, and per basis point of failure; rounded up."""
    grams = want.worth.micro_atoms_per_carbon_gram * order.limits.fuel
    carbon = -(-grams // (FUEL_PER_GIGAFUEL * MICROGRAMS_PER_GRAM))
    failure = -(-want.worth.micro_atoms_per_failure_percent // (BASIS_POINTS // 100))
    return min(carbon, HEAVIEST_CARBON), min(failure, HEAVIEST_FAILURE)


def _copied(rows: Sequence[Row], width: int, copies: Sequence[int]) -> Integers:
    return np.repeat(table(rows, width), copies, axis=0)
