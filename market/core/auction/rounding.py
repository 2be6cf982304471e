"""From scarcity prices to whole matches: in the order of what each item leaves, wherever there is room."""

import numpy as np

from market.core.auction.greedy import fill_up
from market.core.auction.lists import Scan
from market.core.auction.problem import Problem
from market.core.auction.variants import State
from suanli.protocol.arrays import LARGEST, Integers


def priorities(problem: Problem, at: Scan) -> tuple[Integers, Integers]:
    """By kind: the best reduced profit plus half the scarcity cost there, and that cost, micro-atoms."""
    start, stop = at.lists.start[:-1], at.lists.stop
    some = stop > start
    gain, cost = np.full(len(stop), -LARGEST), np.zeros(len(stop), np.int64)
    gain[some] = at.lists.gain[start[some]]
    cost[some] = at.lists.surplus[start[some]] - gain[some]
    return gain + cost // 2, cost


def rounded(problem: Problem, at: Scan) -> State:
    """Matches that follow the duals: first who can pay for the scarcity, then whoever still has room."""
    state = problem.empty()
    priority, _ = priorities(problem, at)
    order = np.argsort(-priority[problem.kinds.of], kind="stable").astype(np.int64)
    fill_up(problem, order, at, 0, state)
    fill_up(problem, order, at, -LARGEST, state)
    return state
