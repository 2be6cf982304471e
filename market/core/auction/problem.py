"""A round made ready for the kernels: kinds, families and groups that can bind, the table of surplus."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market.core.auction.kinds import Kinds, kinds_of
from market.core.auction.rows import surplus_table
from market.core.auction.surplus import prices_at, surplus_at, surplus_rows
from market.core.auction.variants import Rules, State
from suanli.protocol.arrays import LARGEST, Demand, Integers, Measure, Numbers, Supply

SMALL = 256 * 1000
"""A round of at most so many pairs is cleared without compiling anything."""
DENSE = 20_000_000
"""Of at most so many pairs all surpluses are held in memory."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One round: as given, its kinds of items, what the kernels read, and each item's lot.

    Items of one lot are alike in everything: kind, family and group.
    """

    measure: Measure
    supply: Supply
    demand: Demand
    kinds: Kinds
    rules: Rules
    lot: Integers
    compiled: bool

    @property
    def dense(self) -> bool:
        """Whether the table of all surpluses is held in memory."""
        return len(self.rules.table) == len(self.kinds.first) * len(self.supply)

    def rows(self, kinds: Integers) -> Integers:
        """(len(kinds), N): the surplus of these kinds at all providers, or NO_PAIR."""
        width = len(self.supply)
        if self.dense:
            table: Integers = self.rules.table.reshape(len(self.kinds.first), width)[kinds]
            return table
        return surplus_table(self.rules, kinds).reshape(len(kinds), width)

    @property
    def row_width(self) -> int:
        """How much room a row of surpluses needs while a round is filled: none where the table is at hand."""
        return 0 if self.dense else len(self.supply)

    def price_at(self, items: Integers, at: Integers) -> Integers:
        """What the ask of the provider beside it charges for each item, micro-atoms."""
        return prices_at(self.measure, self.supply, self.demand, items, at)

    def surplus_at(self, items: Integers, at: Integers) -> Integers:
        """The surplus of each item at the provider beside it, who is eligible."""
        return surplus_at(self.measure, self.supply, self.demand, items, at)

    @property
    def load(self) -> Integers:
        """(kinds, resources)"""
        return self.demand.load[self.kinds.first]

    def empty(self) -> State:
        """Nobody is matched yet."""
        families = len(self.rules.member_start) - 1
        return State(
            at=np.full(len(self.demand), -1, np.int64),
            free=self.supply.capacity.astype(np.int64).ravel(),
            left=self.demand.budget.astype(np.int64),
            placed=np.zeros(families, np.int64),
            members=np.zeros(int(self.rules.member_start[-1]), np.int64),
        )


def prepare(measure: Measure, supply: Supply, demand: Demand, compiled: bool | None = None) -> Problem:
    """The round as the kernels want it; `compiled` forces a variant, otherwise the size decides."""
    kinds = kinds_of(demand)
    compiled = len(supply) * len(demand) > SMALL if compiled is None else compiled
    rules = _rules(measure, supply, demand, kinds)
    pairs = len(kinds.first) * len(supply)
    if not compiled:
        rules = rules._replace(table=surplus_rows(measure, supply, demand, kinds.first).ravel())
    elif pairs <= DENSE:
        rules = rules._replace(table=surplus_table(rules, np.arange(len(kinds.first))))
    return Problem(
        measure, supply, demand, kinds, rules, _lots(kinds.of, rules.family, rules.group), compiled
    )


def _rules(measure: Measure, supply: Supply, demand: Demand, kinds: Kinds) -> Rules:
    owners, owner = np.unique(supply.owner, return_inverse=True)
    family, member_start = _families(demand.family)
    first = kinds.first
    barred_start, barred = _bars(demand, first, owners)
    return Rules(
        providers=len(supply),
        resources=supply.capacity.shape[1],
        table=np.zeros(0, np.int64),
        kind=kinds.of,
        load=_flat(demand.load[first]),
        least_load=_flat(demand.load.min(axis=0, initial=LARGEST)),
        owner=_flat(owner),
        family=family,
        member_start=member_start,
        group=_tight_groups(demand),
        value=_flat(demand.value[first]),
        usage=_flat(demand.usage[first]),
        weights=_flat(demand.weights[first]),
        needs=_flat(demand.needs[first]),
        wanted=_flat(demand.labels[first].view(np.int64)),
        region_cost=_flat(demand.region_cost[first]),
        barred_start=barred_start,
        barred=barred,
        prices=_flat(supply.prices.T),
        minimum=_flat(supply.minimum),
        quality=_flat(supply.quality.T),
        offers=_flat(supply.offers.T),
        labels=_flat(supply.labels.view(np.int64)),
        region=_flat(supply.region),
        sizes=np.array(measure.sizes, np.int64),
        quantum=measure.quantum,
        narrow=int(_largest_price(measure, supply, demand) < 1 << 50),
    )


def _largest_price(measure: Measure, supply: Supply, demand: Demand) -> int:
    """No quotient in the sum of an item's price is larger."""
    lines = zip(supply.prices.T, demand.usage.T, measure.sizes, strict=True)
    most = sum(int(a.max(initial=0)) * int(b.max(initial=0)) // size + 1 for a, b, size in lines)
    return most + int(supply.minimum.max(initial=0))


def _flat(numbers: NDArray[Any]) -> Integers:
    return np.ascontiguousarray(numbers, np.int64).ravel()


def _bars(demand: Demand, first: Integers, owners: Numbers) -> tuple[Integers, Integers]:
    """The bars of each kind, with owners by their place in `owners`; unknown ones bar nobody."""
    start, stop = demand.barred_start[first], demand.barred_start[first + 1]
    length = stop - start
    begin = np.concatenate(([0], np.cumsum(length)))
    entry = np.arange(int(begin[-1])) - np.repeat(begin[:-1] - start, length)
    raw = demand.barred[entry].astype(np.int64)
    place = np.minimum(np.searchsorted(owners, ~raw), max(0, len(owners) - 1))
    known = owners[place] == ~raw if len(owners) else np.zeros(len(raw), bool)
    nobody = np.int64(LARGEST)
    return _flat(begin), np.where(raw >= 0, raw, np.where(known, ~place, nobody)).astype(np.int64)


def _families(family: Numbers) -> tuple[Integers, Integers]:
    """Each item's family where that has several items, else -1; and where each family's members stand."""
    _, of, count = np.unique(family, return_inverse=True, return_counts=True)
    several = count > 1
    number = np.where(several, np.cumsum(several) - 1, -1)
    start = np.concatenate(([0], np.cumsum(count[several])))
    return number[of].astype(np.int64), start.astype(np.int64)


def _tight_groups(demand: Demand) -> Integers:
    """Each item's group, or -1 where the budget holds whatever the items cost: a price is at most a value."""
    most = np.zeros(len(demand.budget), np.int64)
    np.add.at(most, demand.group, demand.value)
    tight = most > demand.budget
    return np.where(tight[demand.group], demand.group, -1).astype(np.int64)


def _lots(kind: Integers, family: Integers, group: Integers) -> Integers:
    rows = np.stack([kind, family, group], axis=1)
    if not len(rows):
        return np.zeros(0, np.int64)
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
