"""The uniform scarcity prices that payments follow."""

import numpy as np

from market.core.auction.lists import Scan
from market.core.auction.problem import Problem
from market.core.auction.variants import State
from suanli.protocol.arrays import Integers


def support_prices(problem: Problem, plain: Scan, at: Scan, state: State) -> Integers:
    """(N, R): micro-atoms per unit of load: the dual wherever an item that waits may be kept out.

    Zero where nothing is taken, and where what is free would hold any item that waits and is worth something
    somewhere: scarcity that keeps nobody out is not paid for.
    """
    start, stop = plain.lists.start[:-1], plain.lists.stop
    wanted = np.zeros(len(stop), bool)
    some = stop > start
    wanted[some] = plain.lists.surplus[start[some]] > 0
    waiting = np.flatnonzero((state.at < 0) & wanted[problem.kinds.of])
    most = problem.demand.load[waiting].max(axis=0, initial=0)
    capacity = problem.supply.capacity
    free = state.free.reshape(capacity.shape)
    return np.where((free < most) & (free < capacity), at.duals, 0)
