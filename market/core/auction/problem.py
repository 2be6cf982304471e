"""A round made ready for the kernels: kinds of items, families and groups that can bind, the surplus table."""

from dataclasses import dataclass

import numpy as np

from market.core.auction.kinds import Kinds, kinds_of
from market.core.auction.surplus import surplus_rows
from market.core.auction.variants import Rules, State
from suanli.protocol.arrays import Demand, Integers, Measure, Numbers, Supply

SMALL = 256 * 1000
"""A round of at most so many pairs is cleared without compiling anything."""


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
    def table(self) -> Integers:
        """(kinds, providers): surplus, or NO_PAIR."""
        table: Integers = self.rules.table.reshape(len(self.kinds.first), len(self.supply))
        return table

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
    family, member_start = _families(demand.family)
    group = _tight_groups(demand)
    rules = Rules(
        providers=len(supply),
        resources=supply.capacity.shape[1],
        table=surplus_rows(measure, supply, demand, kinds.first).ravel(),
        kind=kinds.of,
        load=_flat(demand.load[kinds.first]),
        owner=np.unique(supply.owner, return_inverse=True)[1].astype(np.int64),
        family=family,
        member_start=member_start,
        group=group,
        usage=_flat(demand.usage[kinds.first]),
        prices=_flat(supply.prices),
        sizes=np.array(measure.sizes, np.int64),
        minimum=_flat(supply.minimum),
        quantum=measure.quantum,
    )
    compiled = len(supply) * len(demand) > SMALL if compiled is None else compiled
    return Problem(measure, supply, demand, kinds, rules, _lots(kinds.of, family, group), compiled)


def _flat(numbers: Integers) -> Integers:
    return np.ascontiguousarray(numbers, np.int64).ravel()


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
