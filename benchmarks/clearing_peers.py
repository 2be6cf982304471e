"""Simpler ways to clear a round, and to pay, that the auction is held against in the same run."""

import numpy as np

from benchmarks.clearing_rounds import Round
from market.core.auction import GREEDY, clear_round
from market.core.auction.greedy import fill_up
from market.core.auction.lists import plain_scan
from market.core.auction.problem import prepare
from market.core.auction.round import welfare_of
from market.core.auction.surplus import prices_at, surplus_at
from suanli.protocol.arrays import Integers, Outcome


def first_come(arrays: Round) -> int:
    """The welfare when each item, in the order of the book, takes the best provider that has room."""
    problem = prepare(*arrays)
    plain = plain_scan(problem, GREEDY)
    state = problem.empty()
    fill_up(problem, np.arange(len(arrays[2])), plain, 0, state)
    return welfare_of(problem, state.at)


def density_greedy(arrays: Round) -> int:
    """The welfare of density greedy."""
    return clear_round(*arrays, bytes(32), GREEDY).welfare


def payments(arrays: Round, outcome: Outcome) -> dict[str, Integers]:
    """What each item pays by the auction's own rule, as bid, and midway between bid and ask; micro-atoms."""
    items = np.flatnonzero(outcome.provider >= 0)
    at = outcome.provider[items]
    price, surplus = prices_at(*arrays, items, at), surplus_at(*arrays, items, at)
    rules = {"uniform support price": outcome.payment}
    for name, part in (("pay as bid", surplus), ("midpoint", surplus // 2)):
        rules[name] = np.zeros(len(arrays[2]), np.int64)
        rules[name][items] = price + part
    return rules
