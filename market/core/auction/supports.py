"""The uniform scarcity prices that payments follow."""

import numpy as np

from market.core.auction.lists import Scan
from market.core.auction.problem import Problem
from market.core.auction.variants import State
from suanli.protocol.arrays import Integers


def support_prices(problem: Problem, at: Scan, state: State) -> Integers:
    """(N, R): micro-atoms per unit of load: the duals wherever capacity is used at all."""
    free = state.free.reshape(problem.supply.capacity.shape)
    return np.where(free < problem.supply.capacity, at.duals, 0)
