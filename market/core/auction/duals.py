"""Scarcity prices: dual ascent on a smoothed bound, between full scans that correct it.

Every choice is spread over its nearly best providers (entropy smoothing at a falling temperature), which
makes the bound smooth; each price then takes a Newton step of its own. Floats only guide: what comes out is
whole numbers, any of which prove a bound.
"""

from typing import Any

import numpy as np

from market.core.auction.budget import Budget
from market.core.auction.lists import Lists, Scan, sample, scan
from market.core.auction.merging import merged
from market.core.auction.problem import Problem
from market.core.auction.variants import Rules, helper, run
from suanli.protocol.arrays import LARGEST, Integers

HOT, MILD, COLD = 0.3, 0.03, 0.002
"""The temperature at first, after the sample and at the end, as a part of the mean best surplus."""
SAMPLED = 500_000
"""About so many pairs are in the sample that the first duals come from; none is taken where it takes ten
times as many to have one kind in twenty."""


def ascend(problem: Problem, plain: Scan, budget: Budget, warm: Integers | None) -> Scan:
    """The duals that prove the least bound of all that were tried, with their lists; `plain`: at zero."""
    best = plain
    mean = _mean_surplus(problem, best.lists)
    if mean == 0.0 or budget.refreshes == 0:
        return best
    start = _sampled(problem, best, budget, mean) if warm is None else _within(problem, warm)
    now, before = plain, plain
    if start is not None:
        tried = scan(problem, start, budget.candidates)
        now = tried if tried.bound < plain.bound else plain
    cooling = (COLD / MILD) ** (1 / max(1, budget.refreshes * budget.steps))
    temperature = mean * MILD
    for _ in range(budget.refreshes):
        best = now if now.bound < best.bound else best
        duals = now.duals.astype(np.float64).ravel()
        capacity = problem.supply.capacity.astype(np.float64)
        lists = now.lists if before is now else merged(problem, now.lists, before.lists)
        _steps(problem, lists, _outside(now.lists), capacity, budget.steps, temperature, cooling, duals)
        temperature *= cooling**budget.steps
        before, now = now, scan(problem, _rounded(problem, duals), budget.candidates)
    return now if now.bound < best.bound else best


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
    _steps(problem, lists, outside, capacity, budget.steps, mean * HOT, cooling, duals)
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


def _steps(
    problem: Problem,
    lists: Lists,
    outside: tuple[Any, Any],
    capacity: Any,
    steps: int,
    temperature: float,
    cooling: float,
    duals: Any,
) -> None:
    some = lists.stop > lists.start[:-1]
    count = problem.kinds.count[some]
    mean_load = np.maximum((problem.load[some] * count[:, None]).sum(axis=0) / max(1, int(count.sum())), 1.0)
    inputs = (
        problem.rules,
        lists,
        *outside,
        problem.kinds.count,
        capacity.ravel(),
        mean_load,
        steps,
        temperature,
        cooling,
    )
    widest = int((lists.stop - lists.start[:-1]).max(initial=0))
    scratch = (np.zeros_like(duals), np.zeros_like(duals), np.zeros(widest))
    run(newton, problem.compiled, inputs, (duals, *scratch))


def newton(
    rules: Rules,
    lists: Lists,
    cut: Any,
    density: Any,
    count: Any,
    capacity: Any,
    mean_load: Any,
    steps: int,
    temperature: float,
    cooling: float,
    duals: Any,
    usage: Any,
    curve: Any,
    weight: Any,
) -> None:
    """`steps` Newton steps of each dual on the smoothed bound."""
    resources = rules.resources
    for _ in range(steps):
        for place in range(len(duals)):
            usage[place] = 0.0
            curve[place] = 0.0
        for kind in range(len(lists.stop)):
            _spread(
                rules,
                lists,
                kind,
                cut[kind],
                density[kind],
                float(count[kind]),
                temperature,
                duals,
                usage,
                curve,
                weight,
            )
        for place in range(len(duals)):
            limit = 2.0 * temperature / mean_load[place % resources]
            over = usage[place] - capacity[place]
            step = over * temperature / (curve[place] * resources + 1e-9)
            step = min(limit, max(-limit, step))
            duals[place] = max(0.0, duals[place] + step)
        temperature *= cooling


@helper
def _spread(
    rules: Rules,
    lists: Lists,
    kind: int,
    cut: float,
    density: float,
    count: float,
    temperature: float,
    duals: Any,
    usage: Any,
    curve: Any,
    weight: Any,
) -> None:
    """Add what the items of one kind use, each spread over its providers and what is outside its list."""
    start, stop, resources = lists.start[kind], lists.stop[kind], rules.resources
    top = max(0.0, cut) if density > 0.0 else 0.0
    for entry in range(start, stop):
        gain = float(lists.surplus[entry])
        for r in range(resources):
            gain -= rules.load[kind * resources + r] * duals[lists.provider[entry] * resources + r]
        weight[entry - start] = gain
        top = max(top, gain)
    total = soft(-top / temperature) + density * temperature * soft((cut - top) / temperature)
    for entry in range(stop - start):
        weight[entry] = soft((weight[entry] - top) / temperature)
        total += weight[entry]
    for entry in range(start, stop):
        share = weight[entry - start] / total
        if share > 0.0:
            for r in range(resources):
                place = lists.provider[entry] * resources + r
                load = float(rules.load[kind * resources + r])
                usage[place] += count * load * share
                curve[place] += count * load * load * share * (1.0 - share)


@helper
def soft(x: float) -> float:
    """About e^x for x <= 0, by products alone: equal on every machine."""
    y = 1.0 + x / 64.0
    if y < 0.6:
        return 0.0
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    return y * y
