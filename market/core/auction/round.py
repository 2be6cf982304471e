"""Clear one round: who goes where, at which price, and the proof of how near that is to the best. Pure."""

from typing import TypeAlias

import numpy as np

from market.core.auction.budget import Budget
from market.core.auction.greedy import greedy
from market.core.auction.payments import pay
from market.core.auction.problem import Problem, prepare
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
    state = greedy(problem)
    duals = np.zeros_like(supply.capacity)
    supports = np.zeros_like(duals)
    return Outcome(
        provider=state.at.astype(np.int32),
        payment=pay(problem, state.at, supports),
        duals=duals,
        supports=supports,
        welfare=welfare_of(problem, state.at),
        bound=bound_of(problem, duals),
    )


def welfare_of(problem: Problem, at: Integers) -> int:
    """The surplus of all matches, micro-atoms."""
    items = np.flatnonzero(at >= 0)
    return int(problem.table[problem.kinds.of[items], at[items]].sum())


def bound_of(problem: Problem, duals: Duals) -> int:
    """No feasible allocation has more welfare: sum of duals · capacity, plus what each item has left at best."""
    rent = sum(
        a * b for a, b in zip(duals.ravel().tolist(), problem.supply.capacity.ravel().tolist(), strict=True)
    )
    if not problem.table.size:
        return rent
    reduced = np.where(problem.table >= 0, problem.table - problem.load @ duals.T, 0)
    left = np.maximum(reduced.max(axis=1), 0)
    return rent + sum(a * b for a, b in zip(left.tolist(), problem.kinds.count.tolist(), strict=True))
