"""Density greedy: who brings most surplus per share of what is scarce goes first, to its best provider."""

import numpy as np

from market.core.auction.fill import fill
from market.core.auction.problem import Problem
from market.core.auction.variants import State, run
from suanli.protocol.arrays import Integers


def density_order(problem: Problem) -> Integers:
    """The items by falling best surplus per share of all capacity; ties by number."""
    if not problem.table.size:
        return np.zeros(0, np.int64)
    best = problem.table.max(axis=1).astype(np.float64)
    share = np.zeros(len(best))
    for resource, capacity in enumerate(problem.supply.capacity.sum(axis=0).tolist()):
        share += problem.load[:, resource] / max(capacity, 1)
    density = best / np.maximum(share, 1e-12)
    return np.argsort(-density[problem.kinds.of], kind="stable").astype(np.int64)


def greedy(problem: Problem) -> State:
    """Matches by density greedy."""
    state = problem.empty()
    fill_up(problem, density_order(problem), np.zeros_like(problem.supply.capacity), 0, state)
    return state


def fill_up(problem: Problem, order: Integers, duals: Integers, floor: int, state: State) -> None:
    """Place waiting items in `order`, each where surplus less scarcity is largest, and >= `floor`."""
    hopeless = np.zeros(len(problem.demand), np.int64)
    inputs = (problem.rules, duals.ravel(), order, problem.lot, floor)
    run(fill, problem.compiled, inputs, (state, hopeless))
