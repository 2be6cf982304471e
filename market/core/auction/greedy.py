"""Density greedy: who brings most surplus per share of what is scarce goes first, to its best provider."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from market.core.auction.fill import fill
from market.core.auction.lists import Scan
from market.core.auction.problem import Problem
from market.core.auction.variants import State, run
from suanli.protocol.arrays import Integers

Floats: TypeAlias = NDArray[np.float64]


def densities(problem: Problem, plain: Scan) -> tuple[Floats, Floats]:
    """By kind: best surplus per share, and the share that an item takes of all capacity."""
    start, stop = plain.lists.start[:-1], plain.lists.stop
    best = np.zeros(len(stop))
    best[stop > start] = plain.lists.surplus[start[stop > start]]
    share = np.zeros(len(best))
    for resource, capacity in enumerate(problem.supply.capacity.sum(axis=0).tolist()):
        share += problem.load[:, resource] / max(capacity, 1)
    share = np.maximum(share, 1e-12)
    return best / share, share


def density_order(problem: Problem, plain: Scan) -> Integers:
    """The items by falling density; ties by number. `plain`: the scan without duals."""
    density, _ = densities(problem, plain)
    return np.argsort(-density[problem.kinds.of], kind="stable").astype(np.int64)


def greedy(problem: Problem, plain: Scan) -> State:
    """Matches by density greedy; `plain`: the scan without duals."""
    state = problem.empty()
    fill_up(problem, density_order(problem, plain), plain, 0, state)
    return state


def fill_up(problem: Problem, order: Integers, at: Scan, floor: int, state: State) -> None:
    """Place waiting items in `order`, each where surplus less scarcity is largest, and >= `floor`."""
    hopeless = np.zeros(len(problem.demand), np.int64)
    inputs = (problem.rules, at.duals.ravel(), at.lists, order, problem.lot, floor)
    row = np.zeros(problem.row_width, np.int64)
    open_ = np.arange(-1, len(problem.supply))
    open_[0] = len(problem.supply)
    run(fill, problem.compiled, inputs, (state, hopeless, row, open_))
