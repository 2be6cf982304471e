"""Scarcity prices: dual ascent on a smoothed bound, between full scans that correct it.

Every choice is spread over its nearly best providers (entropy smoothing at a falling temperature), which
makes the bound smooth; each price then takes a Newton step of its own. A scan that proves less than the best
so far is not followed: it only adds the providers that were overlooked, and the steps are taken anew. Floats
only guide: what comes out is whole numbers, any of which prove a bound.
"""

from typing import Any

import numpy as np

from market.core.auction.budget import Budget
from market.core.auction.lists import Lists, Scan, sample, scan
from market.core.auction.merging import merged
from market.core.auction.problem import Problem
from market.core.auction.smoothing import smooth
from suanli.protocol.arrays import LARGEST, Integers

HOT, MILD, WARM, COLD = 0.3, 0.02, 0.005, 0.002
"""The temperature for the sample, after it, after a warm start and at the end, in mean best surpluses."""
SAMPLED = 500_000
"""About so many pairs are in the sample that the first duals come from; none is taken where it takes ten
times as many to have one kind in twenty."""


def ascend(problem: Problem, plain: Scan, budget: Budget, warm: Integers | None) -> Scan:
    """The duals that prove the least bound of all that were tried, with full lists; `plain`: at zero."""
    mean = _mean_surplus(problem, plain.lists)
    if mean == 0.0:
        return plain
    best = _start(problem, plain, budget, warm, mean)
    known = best.lists
    hottest = MILD if warm is None else WARM
    cooling = (COLD / hottest) ** (1 / max(1, budget.refreshes * budget.steps))
    temperature = mean * hottest
    for _ in range(budget.refreshes):
        duals = best.duals.astype(np.float64).ravel()
        capacity = problem.supply.capacity.astype(np.float64)
        smooth(problem, known, _outside(best.lists), capacity, budget.steps, temperature, cooling, duals)
        temperature *= cooling**budget.steps
        now = scan(problem, _rounded(problem, duals), budget.candidates)
        known = merged(problem, now.lists, best.lists if now.bound < best.bound else known)
        best = now if now.bound < best.bound else best
    return best


def _start(problem: Problem, plain: Scan, budget: Budget, warm: Integers | None, mean: float) -> Scan:
    """The scan to begin with: at the last round's duals, at a sample's, or at zero where that proves more."""
    first = None
    if warm is not None:
        first = _within(problem, warm)
    elif budget.refreshes:
        first = _sampled(problem, plain, budget, mean)
    if first is not None:
        tried = scan(problem, first, budget.candidates)
        if tried.bound < plain.bound:
            return tried
    return scan(problem, plain.duals, budget.candidates) if problem.dense else plain


def _sampled(problem: Problem, plain: Scan, budget: Budget, mean: float) -> Integers | None:
    """Duals at which a sample of the kinds, seeing all providers, uses its part of all capacity."""
    kinds = len(problem.kinds.first)
    wanted = max(SAMPLED // len(problem.supply), kinds // 20)
    if wanted * len(problem.supply) > 10 * SAMPLED:
        return None
    lists, part = sample(problem, plain.lists, wanted)
    outside = (np.zeros(len(problem.kinds.first)),) * 2
    duals = np.zeros(problem.supply.capacity.size)
    cooling = (MILD / HOT) ** (1 / max(1, budget.steps))
    capacity = problem.supply.capacity * part[None, :]
    smooth(problem, lists, outside, capacity, budget.steps, mean * HOT, cooling, duals)
    return _rounded(problem, duals)


def _mean_surplus(problem: Problem, lists: Lists) -> float:
    some = lists.stop > lists.start[:-1]
    top = lists.surplus[lists.start[:-1][some]]
    count = problem.kinds.count[some]
    return float(int((top * count).sum())) / max(1, int(count[top > 0].sum()))


def _within(problem: Problem, duals: Integers) -> Integers:
    """Duals so small that no load times dual can overflow."""
    largest = problem.demand.load.max(axis=0, initial=1)
    resources = max(1, problem.rules.resources)
    most = LARGEST // resources // np.maximum(largest, 1)
    return np.clip(duals, 0, most[None, :]).astype(np.int64)


def _rounded(problem: Problem, duals: Any) -> Integers:
    whole = np.floor(np.minimum(duals, float(LARGEST)) + 0.5).astype(np.int64)
    return _within(problem, whole.reshape(problem.supply.capacity.shape))


def _outside(lists: Lists) -> tuple[Any, Any]:
    """By kind: the gain at which its list was cut, and how many providers per gain stood there (0: uncut)."""
    start, last = lists.start[:-1], np.maximum(lists.stop - 1, 0)
    length = lists.stop - start
    cut = (lists.stop == lists.start[1:]) & (length > 1)
    gain, span = np.zeros(len(cut)), np.ones(len(cut))
    gain[cut] = lists.gain[last[cut]]
    span[cut] = np.maximum(lists.gain[start[cut]] - lists.gain[last[cut]], 1)
    return gain, np.where(cut, length / span, 0.0)
