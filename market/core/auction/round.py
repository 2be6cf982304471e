"""Clear one round: who goes where, at which price, and the proof of how near that is to the best. Pure."""

from typing import TypeAlias

import numpy as np

from market.core.auction.budget import Budget
from market.core.auction.duals import ascend
from market.core.auction.greedy import density_order, fill_up, greedy
from market.core.auction.lists import Scan, plain_scan
from market.core.auction.payments import pay
from market.core.auction.problem import Problem, prepare
from market.core.auction.rounding import rounded
from market.core.auction.ruin import improve
from market.core.auction.supports import support_prices
from market.core.auction.variants import State
from suanli.protocol.arrays import Demand, Integers, Measure, Outcome, Supply, check_round

Duals: TypeAlias = Integers
"""(N, R): micro-atoms per unit of load, of the providers of a round."""


def clear_round(
    measure: Measure,
    supply: Supply,
    demand: Demand,
    seed: bytes,
    budget: Budget,
    warm: Duals | None = None,
    compiled: bool | None = None,
) -> Outcome:
    """The allocation, payments and proof of one round. Equal arguments give an equal outcome, bit for bit.

    `seed`: 32 bytes; `warm`: the last round's duals in this round's order of providers, to start from;
    `compiled` forces one of the two variants of the code, which does not change the outcome. Raises
    ProtocolError(QUANTITY_OUT_OF_RANGE) where the round cannot be computed in 64 bits.
    """
    check_round(measure, supply, demand)
    problem = prepare(measure, supply, demand, compiled)
    plain = plain_scan(problem, budget)
    at = ascend(problem, plain, budget, warm)
    state = matched(problem, plain, at, budget, seed)
    supports = support_prices(problem, plain, at, state)
    fill_up(problem, density_order(problem, plain), plain, 0, state)
    return Outcome(
        provider=state.at.astype(np.int32),
        payment=pay(problem, state.at, supports),
        duals=at.duals,
        supports=supports,
        welfare=welfare_of(problem, state.at),
        bound=at.bound,
    )


def matched(problem: Problem, plain: Scan, at: Scan, budget: Budget, seed: bytes) -> State:
    """The better of density greedy and what follows the duals, improved by ruin and recreate."""
    best = greedy(problem, plain)
    if budget.refreshes:
        other = rounded(problem, at)
        if welfare_of(problem, other.at) >= welfare_of(problem, best.at):
            best = other
    improve(problem, at, best, budget.ruins, seed)
    return best


def welfare_of(problem: Problem, at: Integers) -> int:
    """The surplus of all matches, micro-atoms."""
    items = np.flatnonzero(at >= 0)
    return int(problem.surplus_at(items, at[items]).sum())
