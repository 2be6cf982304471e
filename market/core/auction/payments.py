"""What each match pays: the ask's price and the scarcity of what it takes, never above what it is worth.

The rule (see `pay`) is the published one; the auditor has code of its own for it.
"""

import numpy as np

from market.core.auction.problem import Problem
from suanli.protocol.arrays import Integers


def pay(problem: Problem, at: Integers, supports: Integers) -> Integers:
    """(M,): each match pays its price plus load · support, at most its value less its quality; then the part
    above the price is cut, group by group in the order of items, to what the budget leaves after all prices.
    """
    payment = np.zeros(len(problem.demand), np.int64)
    items = np.flatnonzero(at >= 0)
    if not len(items):
        return payment
    providers = at[items]
    price = problem.price_at(items, providers)
    surplus = problem.surplus_at(items, providers)
    premium = np.minimum((problem.demand.load[items] * supports[providers]).sum(axis=1), surplus)
    payment[items] = price + _within_budgets(problem, items, price, premium)
    return payment


def _within_budgets(problem: Problem, items: Integers, price: Integers, premium: Integers) -> Integers:
    group, left = problem.demand.group[items], problem.demand.budget.astype(np.int64)
    np.subtract.at(left, group, price)
    wanted = np.zeros(len(left), np.int64)
    np.add.at(wanted, group, premium)
    cut = premium.copy()
    for index in np.flatnonzero((wanted > left)[group]).tolist():
        cut[index] = min(int(premium[index]), int(left[group[index]]))
        left[group[index]] -= cut[index]
    return cut
