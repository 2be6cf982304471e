"""What matches pay by the support rule: the ask and the support price of what they take. Pure.

Never below the ask, never above what the place is worth to the item, never beyond its group's budget.
"""

import numpy as np

from suanli.audit.clearing.round import Pairs, Places, Round, capacity_cost
from suanli.protocol.arrays import Integers, Numbers


def due(audited: Round, items: Places, providers: Places, pairs: Pairs, supports: Integers) -> Integers:
    """The payments of eligible matches in ascending order of their items, in micro-atoms."""
    group = audited.demand.group[items]
    left = audited.demand.budget.copy()
    np.subtract.at(left, group, pairs.price)
    scarcity = capacity_cost(audited, supports, items, providers)
    above: Integers = _within(left, group, np.minimum(scarcity, pairs.surplus))
    return pairs.price + above


def _within(left: Integers, group: Numbers, wanted: Integers) -> Integers:
    """Who comes first in a group takes what it wants of what is left for the group."""
    order = np.argsort(group, kind="stable")
    groups, asked = group[order], wanted[order]
    before = np.cumsum(asked) - asked
    first = np.searchsorted(groups, groups)
    granted = np.empty_like(wanted)
    granted[order] = np.clip(left[groups] - (before - before[first]), 0, asked)
    return granted
