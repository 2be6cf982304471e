"""What leases are raised to: a payment, but no more than others who wait would have paid. Pure.

Above its ask a match pays at most the largest gain that an item of another order, left waiting, would have
had at the same provider within what its order's budget leaves. Who competes with nobody pays the ask.
"""

from dataclasses import dataclass

import numpy as np

from suanli.audit.clearing.feasibility import Matched, matched_of
from suanli.audit.clearing.round import Places, Round, judge
from suanli.protocol.arrays import NOBODY, Integers, Outcome
from suanli.protocol.certificate import Mechanism

PAIRS_AT_ONCE = 1 << 19


@dataclass(frozen=True, slots=True)
class _Bids:
    """Rows of bids at the same providers: (K, P) each, what is bid and whose group bids it."""

    gains: Integers
    groups: Integers

    def two_best(self) -> "_Bids":
        """At each provider the largest bid and the largest of another group."""
        columns = np.arange(self.gains.shape[1])
        first = self.gains.argmax(axis=0)
        others = np.where(self.groups == self.groups[first, columns], 0, self.gains)
        second = others.argmax(axis=0)
        return _Bids(
            np.stack((self.gains[first, columns], others[second, columns])),
            np.stack((self.groups[first, columns], self.groups[second, columns])),
        )


def raised_to(audited: Round, outcome: Outcome, mechanism: Mechanism) -> Integers:
    """(M,): micro-atoms that each match's lease is raised to; 0 for who waits."""
    payment = outcome.payment.copy()
    if mechanism is not Mechanism.SUPPORT:
        return payment
    matched = matched_of(audited, outcome)
    above = payment[matched.items] > matched.pairs.price
    if above.any():
        some, at, price = matched.items[above], matched.providers[above], matched.pairs.price[above]
        rival = _rivals(audited, outcome, matched, some, at)
        payment[some] = np.minimum(payment[some], price + rival)
    return payment


def _rivals(audited: Round, outcome: Outcome, matched: Matched, items: Places, at: Places) -> Integers:
    """By match, the largest gain at its provider of an item of another group that waits; 0 for none."""
    providers, columns = np.unique(at, return_inverse=True)
    left = audited.demand.budget.copy()
    np.subtract.at(left, audited.demand.group[matched.items], matched.pairs.price)
    waiting = _one_of_each_task(audited, np.flatnonzero(outcome.provider == NOBODY))
    found = [_Bids(np.zeros((1, len(providers)), np.int64), np.full((1, len(providers)), -1))]
    rows = max(1, PAIRS_AT_ONCE // len(providers))
    for first in range(0, len(waiting), rows):
        bids = _bids(audited, waiting[first : first + rows], providers, left)
        found.append(bids.two_best())
    best = _Bids(
        np.concatenate([one.gains for one in found]), np.concatenate([one.groups for one in found])
    ).two_best()
    own = audited.demand.group[items] == best.groups[0, columns]
    rivals: Integers = np.where(own, best.gains[1, columns], best.gains[0, columns])
    return rivals


def _one_of_each_task(audited: Round, items: Places) -> Places:
    """Copies of a task are alike: the first that waits stands for all."""
    return items[np.unique(audited.demand.family[items], return_index=True)[1]]


def _bids(audited: Round, items: Places, providers: Places, left: Integers) -> _Bids:
    shape = (len(items), len(providers))
    pairs = judge(audited, np.repeat(items, shape[1]), np.tile(providers, shape[0]))
    groups = np.repeat(audited.demand.group[items].astype(np.int64), shape[1])
    gains = np.where(pairs.eligible & (pairs.price <= left[groups]), pairs.surplus, 0)
    return _Bids(gains.reshape(shape), groups.reshape(shape))
