"""The best providers of each kind of item at given duals, and with them the exact bound. Reads every pair."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from market.core.auction.budget import Budget
from market.core.auction.problem import Problem
from market.core.auction.rows import surplus_table
from market.core.auction.variants import Rules, helper, run
from suanli.protocol.arrays import LARGEST, Integers

NOTHING = -4 * LARGEST
"""Less than any gain."""
PART = 1 << 20
"""About so many surpluses are held at once where the table is not."""


class Lists(NamedTuple):
    """Flat arrays of int64. The entries of kind k stand at `start[k]` to `stop[k]`, best first.

    `gain` is surplus less the scarcity of what the item takes; ties stand by the provider's number.
    """

    start: Any
    stop: Any
    provider: Any
    surplus: Any
    gain: Any


@dataclass(frozen=True, slots=True)
class Scan:
    """`duals` (N, R), the lists at these duals, and the bound that they prove, micro-atoms."""

    duals: Integers
    lists: Lists
    bound: int


def scan(problem: Problem, duals: Integers, candidates: int) -> Scan:
    """Look at all pairs: keep the best `candidates` of each kind and more for kinds of many items."""
    lists = _room(problem, candidates)
    if problem.compiled:
        widest = int((lists.start[1:] - lists.start[:-1]).max(initial=0))
        heap = (*(np.zeros(widest, np.int64) for _ in range(2)), np.zeros(len(problem.supply), np.int64))
        by_resource = np.append(np.ascontiguousarray(duals.T).ravel(), int(duals.any()))
        kinds, part = len(lists.stop), _part(problem)
        for begin in range(0, kinds, part):
            chosen = np.arange(begin, min(kinds, begin + part))
            table = problem.rules.table if problem.dense else surplus_table(problem.rules, chosen)
            run(best_pairs, True, (problem.rules, by_resource, table, chosen), (lists, *heap))
    else:
        _best_pairs_by_numpy(problem, duals, lists)
    return Scan(duals, lists, _bound(problem, duals, lists))


def plain_scan(problem: Problem, budget: Budget) -> Scan:
    """The scan without duals. Where the table is at hand, a list of one does: the rest is soon found."""
    zeros = np.zeros(problem.supply.capacity.shape, np.int64)
    return scan(problem, zeros, 1 if problem.dense else budget.candidates)


def _part(problem: Problem) -> int:
    """How many kinds are looked at together: all where the table is at hand."""
    if problem.dense:
        return max(1, len(problem.kinds.first))
    return max(1, PART // len(problem.supply))


def _room(problem: Problem, candidates: int) -> Lists:
    """Empty lists: a kind of many items needs about as many providers as it has items."""
    wide = np.minimum(len(problem.supply), candidates + 2 * (problem.kinds.count - 1))
    start = np.concatenate(([0], np.cumsum(wide))).astype(np.int64)
    entries = [np.zeros(int(start[-1]), np.int64) for _ in range(3)]
    return Lists(start, start[:-1].copy(), *entries)


def sample(problem: Problem, plain: Lists, wanted: int) -> tuple[Lists, Any]:
    """All pairs of every so-manieth kind, at least `wanted`, and what part of each resource's load it is.

    `plain`: the lists without duals; kinds stand in the order of their best surplus, so the sample is fair.
    """
    some = np.flatnonzero(plain.stop > plain.start[:-1])
    some = some[np.argsort(-plain.surplus[plain.start[some]], kind="stable")]
    every = max(1, len(some) // max(1, wanted))
    chosen = np.sort(some[every // 2 :: every])
    load = problem.load * problem.kinds.count[:, None]
    part = load[chosen].sum(axis=0) / np.maximum(load[some].sum(axis=0), 1)
    wide = np.zeros(len(plain.stop), np.int64)
    rows = problem.rows(chosen)
    wide[chosen] = (rows >= 0).sum(axis=1)
    start = np.concatenate(([0], np.cumsum(wide))).astype(np.int64)
    row, provider = np.nonzero(rows >= 0)
    surplus = rows[row, provider]
    return Lists(start, start[1:].copy(), provider.astype(np.int64), surplus, surplus.copy()), part


def _bound(problem: Problem, duals: Integers, lists: Lists) -> int:
    some = lists.stop > lists.start[:-1]
    best = np.maximum(lists.gain[lists.start[:-1][some]], 0)
    capacity = problem.supply.capacity
    scarce = np.nonzero(duals)
    return exact_dot(duals[scarce], capacity[scarce]) + exact_dot(best, problem.kinds.count[some])


def exact_dot(left: Integers, right: Integers) -> int:
    """The sum of products, without limit of size."""
    return sum(a * b for a, b in zip(left.tolist(), right.tolist(), strict=True))


def _best_pairs_by_numpy(problem: Problem, duals: Integers, lists: Lists) -> None:
    table = problem.rows(np.arange(len(lists.stop)))
    gain = np.where(table >= 0, table - problem.load @ duals.T, NOTHING)
    order = np.argsort(-gain, axis=1, kind="stable")
    eligible = (table >= 0).sum(axis=1)
    for kind in range(len(table)):
        start = int(lists.start[kind])
        stop = min(int(lists.start[kind + 1]), start + int(eligible[kind]))
        providers = order[kind, : stop - start]
        lists.stop[kind] = stop
        lists.provider[start:stop] = providers
        lists.surplus[start:stop] = table[kind, providers]
        lists.gain[start:stop] = gain[kind, providers]


def best_pairs(
    rules: Rules,
    duals: Any,
    table: Any,
    kinds: Any,
    lists: Lists,
    gains: Any,
    numbers: Any,
    reduced: Any,
) -> None:
    """Fill the lists of `kinds`, whose rows are in `table`; `duals` stand by resource first, then 1 or
    0: whether any is above zero.

    Scratch: `gains` and `numbers`, as long as the widest list, and `reduced` (providers).
    """
    for place in range(len(kinds)):
        kind = kinds[place]
        start = lists.start[kind]
        room, count, row = lists.start[kind + 1] - start, 0, place * rules.providers
        _reduce(rules, duals, kind, table[row : row + rules.providers], reduced)
        least = NOTHING
        for provider in range(rules.providers):
            gain = reduced[provider]
            if gain <= least:
                continue
            if count < room:
                _push(gains, numbers, count, gain, provider)
                count += 1
            else:
                _sink(gains, numbers, count, gain, provider)
            if count == room:
                least = gains[0]
        lists.stop[kind] = start + count
        for slot in range(start + count - 1, start - 1, -1):
            lists.provider[slot], lists.gain[slot] = numbers[0], gains[0]
            lists.surplus[slot] = table[row + numbers[0]]
            count -= 1
            _sink(gains, numbers, count, gains[count], numbers[count])


@helper
def _reduce(rules: Rules, duals: Any, kind: int, row: Any, reduced: Any) -> None:
    """Surplus less scarcity at each provider; NOTHING or less where there is no pair."""
    resources, providers = rules.resources, rules.providers
    for j in range(len(reduced)):
        reduced[j] = row[j] if row[j] >= 0 else NOTHING
    for r in range(resources):
        load, dual = rules.load[kind * resources + r], duals[r * providers : (r + 1) * providers]
        if load > 0 and duals[len(duals) - 1] > 0:
            for j in range(len(reduced)):
                reduced[j] -= load * dual[j]


@helper
def _push(gains: Any, numbers: Any, count: int, gain: int, number: int) -> None:
    """Add to a heap whose top is the worst: least gain, then highest number."""
    place = count
    while place > 0:
        above = (place - 1) // 2
        if gains[above] < gain or (gains[above] == gain and numbers[above] > number):
            break
        gains[place], numbers[place] = gains[above], numbers[above]
        place = above
    gains[place], numbers[place] = gain, number


@helper
def _sink(gains: Any, numbers: Any, count: int, gain: int, number: int) -> None:
    """Replace the top of a heap of `count`."""
    place = 0
    while 2 * place + 1 < count:
        below = 2 * place + 1
        other = below + 1
        if other < count and (
            gains[other] < gains[below] or (gains[other] == gains[below] and numbers[other] > numbers[below])
        ):
            below = other
        if gain < gains[below] or (gain == gains[below] and number > numbers[below]):
            break
        gains[place], numbers[place] = gains[below], numbers[below]
        place = below
    gains[place], numbers[place] = gain, number
