"""The strictly buyer-truthful mode: density greedy; a winner's burden is the least value that still wins.

Why no buyer gains by misstating a value. (1) An item's rank rises with its value and nothing else of its
own report moves with it; whoever stands before it decides without it. (2) The earlier it comes, the more
providers have room, and it takes the one of least price and quality: so it wins at every value from some
`least` on, and `least` depends on the others alone. (3) A winner's price and quality together come to `least`
whatever it said, and that is at least what the ask charges: at `least` it came later, to a choice no
cheaper. So a buyer wants to win exactly when its value is at least `least`, which the truth achieves. This
holds for buyers of one item. Items that share a family or a group with others, or whose group's budget is
below their value, could move each other's `least`: they wait here (`stands_alone`).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from market.core.auction.budget import Budget
from market.core.auction.duals import ascend
from market.core.auction.fill import best_place
from market.core.auction.greedy import densities, density_order
from market.core.auction.lists import Lists, Scan, plain_scan
from market.core.auction.moves import has_room, put
from market.core.auction.problem import Problem, prepare
from market.core.auction.variants import Rules, State, helper, run
from suanli.protocol.arrays import Demand, Integers, Measure, Outcome, Supply, check_round

BOUND = Budget(ruins=0)
"""The effort spent on the bound; winners and payments do not depend on it."""


def stands_alone(demand: Demand) -> NDArray[np.bool_]:
    """(M,): who may take part: alone in its family and group, with a budget not below the value."""
    alone = np.ones(len(demand), bool)
    for number in (demand.family, demand.group):
        _, of, count = np.unique(number, return_inverse=True, return_counts=True)
        alone &= count[of] == 1
    return alone & (demand.budget[demand.group] >= demand.value)


def clear_critical(
    measure: Measure, supply: Supply, demand: Demand, budget: Budget = BOUND, compiled: bool | None = None
) -> Outcome:
    """As `clear_round`, by greedy with critical-value payments; `budget` only serves the bound.

    `supports` are zero: no uniform price stands behind these payments.
    """
    check_round(measure, supply, demand)
    problem = prepare(measure, supply, demand, compiled)
    plain = plain_scan(problem, budget)
    state, least = _winners(problem, plain)
    items = np.flatnonzero(state.at >= 0)
    payment = np.zeros(len(demand), np.int64)
    quality = (
        demand.value[items]
        - problem.surplus_at(items, state.at[items])
        - problem.price_at(items, state.at[items])
    )
    payment[items] = least[items] - quality
    at = ascend(problem, plain, budget, None)
    welfare = int(problem.surplus_at(items, state.at[items]).sum())
    provider = state.at.astype(np.int32)
    return Outcome(provider, payment, at.duals, np.zeros_like(at.duals), welfare, at.bound)


def _winners(problem: Problem, plain: Scan) -> tuple[State, Integers]:
    """Who wins where, and by item the least value that wins."""
    state, later = problem.empty(), problem.empty()
    least = np.zeros(len(problem.demand), np.int64)
    order = density_order(problem, plain)
    order = order[stands_alone(problem.demand)[order]]
    density, share = densities(problem, plain)
    duals = np.zeros(problem.supply.capacity.size, np.int64)
    row, open_ = np.zeros(problem.row_width, np.int64), np.zeros(len(problem.supply) + 1, np.int64)
    inputs = (problem.rules, duals, plain.lists, order, density, share)
    run(critical, problem.compiled, inputs, (state, later, least, row, open_))
    return state, least


def critical(
    rules: Rules,
    duals: Any,
    lists: Lists,
    order: Any,
    density: Any,
    share: Any,
    state: State,
    later: State,
    least: Any,
    row: Any,
    open_: Any,
) -> None:
    """Density greedy; after each winner, what would follow without it, as far as it could still win."""
    for rank in range(len(order)):
        item = order[rank]
        _open_all(rules, open_)
        provider = best_place(rules, duals, lists, state, item, 0, row, open_)
        if provider < 0:
            continue
        for place in range(len(state.free)):
            later.free[place] = state.free[place]
        for place in range(len(state.left)):
            later.left[place] = state.left[place]
        least[item] = _least(rules, duals, lists, order, density, share, rank, later, row, open_)
        put(rules, state, item, provider)


@helper
def _open_all(rules: Rules, open_: Any) -> None:
    open_[0] = rules.providers
    for provider in range(rules.providers):
        open_[provider + 1] = provider


@helper
def _least(
    rules: Rules,
    duals: Any,
    lists: Lists,
    order: Any,
    density: Any,
    share: Any,
    rank: int,
    later: State,
    row: Any,
    open_: Any,
) -> int:
    """The least value at which the item at `rank` still wins, given the state before it."""
    item = order[rank]
    kind = rules.kind[item]
    value, top = rules.value[kind], lists.surplus[lists.start[kind]]
    cheapest: int = value - top
    _open_all(rules, open_)
    provider = best_place(rules, duals, lists, later, item, 0, row, open_)
    cost: int = value - _surplus(rules, lists, kind, provider, row)
    for place in range(rank + 1, len(order)):
        other = order[place]
        _open_all(rules, open_)
        taken = best_place(rules, duals, lists, later, other, 0, row, open_)
        if taken < 0:
            continue
        put(rules, later, other, taken)
        later.at[other] = -1
        if taken != provider or has_room(rules, later, kind, provider):
            continue
        ahead = _ahead_of(density[rules.kind[other]], item < other, share[kind], cheapest, value)
        _open_all(rules, open_)
        provider = best_place(rules, duals, lists, later, item, 0, row, open_)
        if provider < 0:
            return int(max(ahead, cost))
        dearer = value - _surplus(rules, lists, kind, provider, row)
        if dearer >= ahead:
            return int(max(ahead, cost))
        cost = dearer
    return int(cost)


@helper
def _surplus(rules: Rules, lists: Lists, kind: int, provider: int, row: Any) -> int:
    """The surplus of the kind at the provider that `best_place` has just found."""
    for entry in range(lists.start[kind], lists.stop[kind]):
        if lists.provider[entry] == provider:
            return int(lists.surplus[entry])
    if len(rules.table) > 0:
        return int(rules.table[kind * rules.providers + provider])
    return int(row[provider])


@helper
def _ahead_of(density: float, wins_ties: bool, share: float, cheapest: int, value: int) -> int:
    """The least value with a density above `density`, or equal where the item wins ties; at most `value`."""
    low, high = cheapest, value
    while low < high:
        middle = low + (high - low) // 2
        reached = float(middle - cheapest) / share
        if reached > density or (wins_ties and reached == density):
            high = middle
        else:
            low = middle + 1
    return high
