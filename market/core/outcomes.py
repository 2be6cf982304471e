"""A round with its outcome: what is spent, who sits where, who gains least there. Pure."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from market.core.encoding import Encoded
from suanli.protocol.arrays import NOBODY, Integers, Outcome, pair


@dataclass(frozen=True)
class Decided:
    """A round and its outcome, in which the matched copies of a task come before those that wait."""

    encoded: Encoded
    outcome: Outcome

    @cached_property
    def occupants(self) -> dict[int, list[int]]:
        """The items at each provider."""
        found: dict[int, list[int]] = defaultdict(list)
        for item, provider in enumerate(self.outcome.provider.tolist()):
            if provider != NOBODY:
                found[provider].append(item)
        return found

    @cached_property
    def surplus(self) -> dict[int, int]:
        """What each matched item gains over its price and quality, in micro-atoms."""
        return {item: found[0] for item, found in self._pairs.items()}

    @cached_property
    def price(self) -> dict[int, int]:
        """What each matched item's ask charges, in micro-atoms."""
        return {item: found[1] for item, found in self._pairs.items()}

    @cached_property
    def unspent(self) -> list[int]:
        """Of each group's budget, what the asks of its matches leave, in micro-atoms."""
        left: list[int] = self.encoded.demand.budget.tolist()
        for item, price in self.price.items():
            left[self.encoded.names.items[item].group] -= price
        return left

    @cached_property
    def owners_of(self) -> dict[int, set[int]]:
        """The owners that a family's matches went to."""
        found: dict[int, set[int]] = defaultdict(set)
        for provider, items in self.occupants.items():
            for item in items:
                owner = int(self.encoded.supply.owner[provider])
                found[self.encoded.names.items[item].family].add(owner)
        return found

    @cached_property
    def rivals(self) -> "Rivals":
        """At each provider the matches that gain least."""
        return _rivals(self)

    @cached_property
    def _pairs(self) -> dict[int, tuple[int, int]]:
        round_ = self.encoded
        found = {}
        for provider, items in self.occupants.items():
            for item in items:
                one = pair(round_.measure, round_.supply, round_.demand, item, provider)
                if one is None:
                    raise ValueError(f"item {item} may not go to provider {provider}")
                found[item] = (one.surplus, one.price)
        return found


@dataclass(frozen=True, slots=True)
class Rivals:
    """(N,) each: the least surplus of a match there, its group, and the least of any other group there.

    NOBODY_THERE where there is none.
    """

    least: Integers
    group: Integers
    other: Integers

    def of(self, group: int) -> Integers:
        """(N,): the least surplus among the matches of other groups than `group`."""
        return np.where(self.group == group, self.other, self.least)


NOBODY_THERE = np.iinfo(np.int64).max


def _rivals(decided: Decided) -> Rivals:
    size, items = len(decided.encoded.supply), decided.encoded.names.items
    least, other = np.full(size, NOBODY_THERE), np.full(size, NOBODY_THERE)
    group = np.full(size, -1, np.int64)
    for provider, there in decided.occupants.items():
        ranked = sorted((decided.surplus[item], items[item].group) for item in there)
        least[provider], group[provider] = ranked[0]
        others = (surplus for surplus, whose in ranked if whose != ranked[0][1])
        other[provider] = next(others, NOBODY_THERE)
    return Rivals(least, group, other)
