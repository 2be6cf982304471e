"""The surplus of kinds of items at all providers, exactly, by whole rows; `arrays.pair` is the rule."""

import numpy as np
from numpy.typing import NDArray

from suanli.protocol.arrays import FORBIDDEN, Demand, Integers, Measure, Supply

NO_PAIR = np.int64(-1)
"""Stands where an item may not go to a provider, or is worth less than it costs there."""


def price_rows(measure: Measure, supply: Supply, demand: Demand, items: Integers) -> Integers:
    """(len(items), N): what each ask charges for each item, micro-atoms."""
    price = np.zeros((len(items), len(supply)), np.int64)
    for dimension, size in enumerate(measure.sizes):
        product = demand.usage[items, dimension][:, None] * supply.prices[:, dimension][None, :]
        price -= -product // size
    np.maximum(price, supply.minimum[None, :], out=price)
    if measure.quantum > 1:
        price = -(-price // measure.quantum) * measure.quantum
    return price


def prices_at(measure: Measure, supply: Supply, demand: Demand, items: Integers, at: Integers) -> Integers:
    """What the ask of each provider `at` charges for the item beside it, micro-atoms."""
    total = np.zeros(len(items), np.int64)
    for dimension, size in enumerate(measure.sizes):
        total -= -(demand.usage[items, dimension] * supply.prices[at, dimension]) // size
    total = np.maximum(total, supply.minimum[at])
    return -(-total // measure.quantum) * measure.quantum


def surplus_at(measure: Measure, supply: Supply, demand: Demand, items: Integers, at: Integers) -> Integers:
    """The surplus of each item with the provider beside it, who is eligible, micro-atoms."""
    quality = (demand.weights[items] * supply.quality[at]).sum(axis=1)
    quality = quality + demand.region_cost[items, supply.region[at]]
    surplus: Integers = demand.value[items] - prices_at(measure, supply, demand, items, at) - quality
    return surplus


def surplus_rows(measure: Measure, supply: Supply, demand: Demand, items: Integers) -> Integers:
    """(len(items), N): value less price less quality, micro-atoms; NO_PAIR where there can be no match."""
    surplus = demand.value[items][:, None] - price_rows(measure, supply, demand, items)
    for grade in range(supply.quality.shape[1]):
        surplus -= demand.weights[items, grade][:, None] * supply.quality[:, grade][None, :]
    at_region = demand.region_cost[items][:, supply.region]
    surplus -= at_region
    surplus[(surplus < 0) | _unfit(supply, demand, items) | (at_region == FORBIDDEN)] = NO_PAIR
    _bar(supply, demand, items, surplus)
    return surplus


def _unfit(supply: Supply, demand: Demand, items: Integers) -> NDArray[np.bool_]:
    unfit: NDArray[np.bool_] = (demand.labels[items][:, None] & ~supply.labels[None, :]) != 0
    for limit in range(supply.offers.shape[1]):
        unfit |= demand.needs[items, limit][:, None] > supply.offers[:, limit][None, :]
    return unfit


def _bar(supply: Supply, demand: Demand, items: Integers, surplus: Integers) -> None:
    starts = demand.barred_start
    for row in np.flatnonzero(starts[items + 1] > starts[items]).tolist():
        for barred in demand.barred[starts[items[row]] : starts[items[row] + 1]].tolist():
            if barred < 0:
                surplus[row, supply.owner == ~barred] = NO_PAIR
            elif barred < len(supply):
                surplus[row, barred] = NO_PAIR
