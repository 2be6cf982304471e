"""A round under audit, and the rules of clearing on many pairs of it at once, exactly. Pure."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from suanli.protocol.arrays import FORBIDDEN, LARGEST, Demand, Integers, Measure, Supply, check_round

Places = NDArray[np.intp]
Truths = NDArray[np.bool_]
BEYOND = 2 * LARGEST
"""A cost that no surplus outweighs."""


@dataclass(frozen=True)
class Round:
    """The published arrays; made only by `open_round`, so that no product in here overflows."""

    measure: Measure
    supply: Supply
    demand: Demand

    @cached_property
    def span(self) -> int:
        """More than there are numbers of providers and of owners."""
        owners = int(np.abs(self.supply.owner.astype(np.int64)).max()) if len(self.supply) else 0
        return max(owners, len(self.supply)) + 1

    @cached_property
    def barred(self) -> tuple[Truths, Integers]:
        """By item whether it bars anyone; and (item, provider or ~owner) as one number each, ascending."""
        demand, counts = self.demand, np.diff(self.demand.barred_start)
        items = np.repeat(np.arange(len(demand), dtype=np.int64), counts)
        known = (demand.barred < self.span) & (demand.barred >= -self.span)
        keys = items * (2 * self.span) + demand.barred + self.span
        return counts > 0, np.unique(keys[known])


@dataclass(frozen=True, slots=True)
class Pairs:
    """What the rules make of pairs, each in micro-atoms; where not `eligible`, the sums mean nothing."""

    eligible: Truths
    price: Integers
    quality: Integers
    surplus: Integers


def open_round(measure: Measure, supply: Supply, demand: Demand) -> Round:
    """The round, once its arrays are sound. Raises ProtocolError(QUANTITY_OUT_OF_RANGE)."""
    check_round(measure, supply, demand)
    return Round(measure, supply, demand)


def judge(audited: Round, items: Places, providers: Places) -> Pairs:
    """Eligibility, price, quality and surplus of the pairs (items[k], providers[k])."""
    supply, demand = audited.supply, audited.demand
    eligible = (demand.labels[items] & ~supply.labels[providers]) == 0
    for need, offer in zip(demand.needs.T, supply.offers.T, strict=True):
        eligible &= need[items] <= offer[providers]
    at_region = demand.region_cost[items, supply.region[providers]]
    eligible &= (at_region != FORBIDDEN) & ~_is_barred(audited, items, providers)
    price, quality = prices(audited, items, providers), at_region.copy()
    for weight, grade in zip(demand.weights.T, supply.quality.T, strict=True):
        quality += weight[items] * grade[providers]
    surplus = demand.value[items] - price - quality
    return Pairs(eligible & (surplus >= 0), price, quality, surplus)


def prices(audited: Round, items: Places, providers: Places) -> Integers:
    """What the asks charge: each dimension up to a micro-atom, the minimum, then up to a quantum."""
    measure, supply, demand = audited.measure, audited.supply, audited.demand
    total = np.zeros(len(items), np.int64)
    for size, asked, used in zip(measure.sizes, supply.prices.T, demand.usage.T, strict=True):
        total += -(-asked[providers] * used[items] // size)
    np.maximum(total, supply.minimum[providers], out=total)
    return total if measure.quantum == 1 else -(-total // measure.quantum) * measure.quantum


def capacity_cost(audited: Round, table: Integers, items: Places, providers: Places) -> Integers:
    """Load times a table (N, R) of prices of capacity; sums that no surplus outweighs are cut to BEYOND."""
    cost = np.zeros(len(items), np.int64)
    about = np.zeros(len(items))
    for load, unit in zip(audited.demand.load.T, table.T, strict=True):
        cost += load[items] * unit[providers]
        about += load[items].astype(np.float64) * unit[providers].astype(np.float64)
    return np.where(about >= BEYOND, BEYOND, cost)


def _is_barred(audited: Round, items: Places, providers: Places) -> Truths:
    has_any, keys = audited.barred
    found = np.zeros(len(items), np.bool_)
    some = np.flatnonzero(has_any[items])
    if not some.size:
        return found
    base = items[some].astype(np.int64) * (2 * audited.span) + audited.span
    at, owner = providers[some], audited.supply.owner[providers[some]]
    found[some] = _among(base + at, keys) | _among(base + ~owner.astype(np.int64), keys)
    return found


def _among(wanted: Integers, ascending: Integers) -> Truths:
    if not ascending.size:
        return np.zeros(len(wanted), np.bool_)
    place = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    found: Truths = ascending[place] == wanted
    return found
