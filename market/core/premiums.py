"""What matches pay above the ask: the slot's scarcity, but no more than others who go without would give.

A job with more tasks than there are slots competes with nobody but itself; its own waiting tasks do not raise
its price. Pure.
"""

import numpy as np

from market.core.outcomes import Decided
from market.core.pairs import ELIGIBLE
from market.core.why.waiting import Waiters
from suanli.protocol.arrays import NOBODY, Integers
from suanli.protocol.certificate import Mechanism


class LosingBids:
    """At each provider the largest surplus of an item that waits, and the largest of any other group."""

    def __init__(self, providers: int) -> None:
        self._largest: Integers = np.zeros(providers, np.int64)
        self._group: Integers = np.full(providers, -1, np.int64)
        self._second: Integers = np.zeros(providers, np.int64)

    def add(self, group: int, surplus: Integers) -> None:
        """(N,): what an item of `group` would gain at each provider; below 0 where it may not go."""
        same = self._group == group
        beats = surplus > self._largest
        passed = np.where(
            same, self._second, np.where(beats, self._largest, np.maximum(self._second, surplus))
        )
        self._second = passed
        self._group = np.where(beats, group, self._group)
        self._largest = np.where(beats, surplus, self._largest)

    def against(self, group: int, provider: int) -> int:
        """The largest at a provider of any group but `group`, in micro-atoms; 0 for none."""
        column = self._second if self._group[provider] == group else self._largest
        return int(column[provider])


def payments_of(decided: Decided, waiters: Waiters, mechanism: Mechanism) -> dict[int, int]:
    """By matched item, what its lease is raised to, in micro-atoms."""
    outcome = decided.outcome
    matched = np.flatnonzero(outcome.provider != NOBODY).tolist()
    payments = {item: int(outcome.payment[item]) for item in matched}
    if mechanism is not Mechanism.SUPPORT or all(paid == decided.price[i] for i, paid in payments.items()):
        return payments
    bids = _losing_bids(decided, waiters)
    for item in matched:
        group = decided.encoded.names.items[item].group
        rival = bids.against(group, int(outcome.provider[item]))
        payments[item] = min(payments[item], decided.price[item] + rival)
    return payments


def _losing_bids(decided: Decided, waiters: Waiters) -> LosingBids:
    encoded = decided.encoded
    bids = LosingBids(len(encoded.supply))
    seen: set[int] = set()
    for item in np.flatnonzero(decided.outcome.provider == NOBODY).tolist():
        kind, group = waiters.kind(item), encoded.names.items[item].group
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        may = (kind.rules == ELIGIBLE) & (kind.prices <= decided.unspent[group])
        bids.add(group, np.where(may, encoded.demand.value[item] - kind.costs, -1))
    return bids
