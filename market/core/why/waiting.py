"""Why a copy waits: the rule that its nearest nodes fail, or what the round gave to others. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.core.auction.critical import stands_alone
from market.core.outcomes import NOBODY_THERE, Decided
from market.core.pairs import ELIGIBLE, NOT_WORTH_IT, OVER_BUDGET, Mask, first_rules, prices_of, quality_of
from market.core.rules import why_not, why_not_task
from market.core.rules.wants import wants_of
from suanli.protocol.arrays import Integers
from suanli.protocol.certificate import Mechanism
from suanli.protocol.reasons import Reason
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM
from suanli.protocol.wire.common import Explanation


@dataclass(frozen=True)
class Kind:
    """Against every provider: the first rule in an item's way, and what price and quality come to."""

    rules: NDArray[np.int8]
    prices: Integers
    costs: Integers


class Waiters:
    """Explains the items of a round that got no node; items that want the same are looked at once."""

    def __init__(self, decided: Decided, mechanism: Mechanism = Mechanism.SUPPORT) -> None:
        self.decided = decided
        self._alone = stands_alone(decided.encoded.demand) if mechanism is Mechanism.CRITICAL else None
        self._kinds: dict[tuple[object, ...], Kind] = {}

    def kind(self, item: int) -> Kind:
        """An item against every provider."""
        named = self.decided.encoded.names.items[item]
        task = named.task
        alike = (named.group, task.ingress, task.requirements, task.tried, task.owners)
        if alike not in self._kinds:
            encoded = self.decided.encoded
            prices = prices_of(encoded, item)
            costs = prices + quality_of(encoded, item)
            self._kinds[alike] = Kind(first_rules(encoded, item), prices, costs)
        return self._kinds[alike]

    def open_to(self, item: int) -> Mask:
        """The providers that may have it, whose owner has no copy of the task from this round."""
        named, eligible = self.decided.encoded.names.items[item], self.kind(item).rules == ELIGIBLE
        taken = sorted(self.decided.owners_of.get(named.family, ()))
        return np.asarray(eligible & ~np.isin(self.decided.encoded.supply.owner, taken), np.bool_)

    def winning(self, item: int) -> tuple[int, int] | None:
        """(value in micro-atoms, provider): above which it would have taken another's slot."""
        rivals = self.decided.rivals.of(self.decided.encoded.names.items[item].group)
        contested = np.flatnonzero(self.open_to(item) & (rivals != NOBODY_THERE))
        if not len(contested):
            return None
        needed = self.kind(item).costs[contested] + rivals[contested]
        best = int(needed.argmin())
        return int(needed[best]), int(contested[best])

    def why(self, item: int) -> Explanation:
        """Why an item waits."""
        kind = self.kind(item)
        if self._alone is not None and not self._alone[item]:
            detail = "this market is strictly truthful: it clears orders of one copy, within their budget"
            return Explanation(reason=Reason.POLICY_UNSUPPORTED, detail=detail)
        if not (kind.rules == ELIGIBLE).any():
            return _nearest(self, item)
        open_to = self.open_to(item)
        if not open_to.any():
            detail = "another copy of the task is with the owner of each node that may run it"
            return Explanation(reason=Reason.SAME_OWNER, detail=detail)
        encoded = self.decided.encoded
        lowest, left = int(kind.prices[open_to].min()), self.decided.unspent[encoded.names.items[item].group]
        if lowest > left:
            return _too_little(lowest, left)
        if (winning := self.winning(item)) is not None:
            return _outbid(winning[0], int(encoded.demand.value[item]))
        return Explanation(reason=Reason.NO_FREE_SLOT, detail="every node that may run the task is busy")


def _nearest(waiters: Waiters, item: int) -> Explanation:
    """The reason of the nodes that came nearest to a match, in the sentence of the first of them."""
    encoded = waiters.decided.encoded
    left, rules = encoded.left_nodes, waiters.kind(item).rules
    if not encoded.book.nodes:
        return Explanation(reason=Reason.NO_NODES, detail="no node is connected to this market")
    numbers = [*rules.tolist(), *(number for number, _ in left.values())]
    furthest = max(numbers)
    if (rules == furthest).any():
        why = _sentence(waiters, item, furthest)
    else:
        why = next(why for number, why in left.values() if number == furthest)
    detail = f"{why.detail} ({numbers.count(furthest)} of {len(numbers)} nodes come no further)"
    return Explanation(reason=why.reason, detail=detail)


def _sentence(waiters: Waiters, item: int, rule: int) -> Explanation:
    encoded = waiters.decided.encoded
    named, nearest = encoded.names.items[item], np.flatnonzero(waiters.kind(item).rules == rule)
    if rule == OVER_BUDGET:
        lowest = int(waiters.kind(item).prices[nearest].min())
        return _too_little(lowest, int(encoded.demand.budget[named.group]))
    if rule == NOT_WORTH_IT:
        least, value = int(waiters.kind(item).costs[nearest].min()), int(encoded.demand.value[item])
        detail = f"price and quality come to {_atoms(least)} atoms at least, a copy is worth {_atoms(value)}"
        return Explanation(reason=Reason.NOT_WORTH_IT, detail=detail)
    node = encoded.names.nodes[nearest[0]]
    wants = wants_of(named.order, named.task, encoded.book.now)
    miss = why_not(named.order, node, encoded.book.moment) or why_not_task(wants, node, encoded.scales.ways)
    if miss is None:
        raise ValueError(f"rule {rule} excludes {node.node} as numbers and not in words")
    return miss[1]


def _too_little(lowest: int, left: int) -> Explanation:
    detail = (
        f"the cheapest copy may cost {_atoms(lowest)} atoms, "
        f"{left // MICRO_ATOMS_PER_ATOM} of the budget are left"
    )
    return Explanation(reason=Reason.BUDGET_TOO_SMALL, detail=detail)


def _outbid(winning: int, value: int) -> Explanation:
    detail = (
        f"others pay more: a copy would have won at more than {_atoms(winning)} atoms, "
        f"it is worth {_atoms(value)}"
    )
    return Explanation(reason=Reason.OUTBID, detail=detail)


def _atoms(micro_atoms: int) -> int:
    return -(-micro_atoms // MICRO_ATOMS_PER_ATOM)
