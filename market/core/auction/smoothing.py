"""Newton steps of each dual on the entropy-smoothed bound. Floats only guide: whole numbers come of them."""

from typing import Any, NamedTuple

import numpy as np

from market.core.auction.lists import Lists
from market.core.auction.problem import Problem
from market.core.auction.variants import helper, run

FAR, OFTEN = 24.0, 4
"""A kind whose best gain is so many temperatures below waiting is looked at once in so many steps."""


class Market(NamedTuple):
    """What the steps read: flat arrays of int64 for places, of floats for the rest."""

    resources: int
    start: Any
    stop: Any
    provider: Any
    surplus: Any
    load: Any
    """(kinds · resources)"""
    count: Any
    cut: Any
    """(kinds): the gain at which the list ends"""
    density: Any
    """(kinds): how many providers per gain stand there; 0 where the list holds all"""
    capacity: Any
    """(providers · resources)"""
    mean_load: Any


class Sums(NamedTuple):
    """What the steps change."""

    duals: Any
    usage: Any
    curve: Any
    weight: Any
    """as long as the widest list"""
    top: Any
    """(kinds): the best gain when it was last looked at"""


def smooth(
    problem: Problem,
    lists: Lists,
    outside: tuple[Any, Any],
    capacity: Any,
    steps: int,
    temperature: float,
    cooling: float,
    duals: Any,
) -> None:
    """Change `duals` (flat floats) by `steps` steps at a falling temperature, micro-atoms."""
    some = lists.stop > lists.start[:-1]
    count = problem.kinds.count[some]
    used = (problem.load[some] * count[:, None]).sum(axis=0)
    market = Market(
        resources=problem.rules.resources,
        start=lists.start,
        stop=lists.stop,
        provider=lists.provider,
        surplus=lists.surplus.astype(np.float64),
        load=problem.load.astype(np.float64).ravel(),
        count=problem.kinds.count.astype(np.float64),
        cut=outside[0],
        density=outside[1],
        capacity=capacity.ravel(),
        mean_load=np.maximum(used / max(1, int(count.sum())), 1.0),
    )
    widest = int((lists.stop - lists.start[:-1]).max(initial=0))
    empty = (np.zeros_like(duals), np.zeros_like(duals), np.zeros(widest), np.zeros(len(lists.stop)))
    run(newton, problem.compiled, (market, steps, temperature, cooling), (Sums(duals, *empty),))


def newton(market: Market, steps: int, temperature: float, cooling: float, sums: Sums) -> None:
    """`steps` Newton steps of each dual."""
    for step in range(steps):
        for place in range(len(sums.duals)):
            sums.usage[place] = 0.0
            sums.curve[place] = 0.0
        for kind in range(len(market.stop)):
            if step % OFTEN == 0 or sums.top[kind] > -FAR * temperature:
                _spread(market, kind, temperature, sums)
        for place in range(len(sums.duals)):
            limit = 2.0 * temperature / market.mean_load[place % market.resources]
            over = sums.usage[place] - market.capacity[place]
            change = over * temperature / (sums.curve[place] * market.resources + 1e-9)
            sums.duals[place] = max(0.0, sums.duals[place] + min(limit, max(-limit, change)))
        temperature *= cooling


@helper
def _spread(market: Market, kind: int, temperature: float, sums: Sums) -> None:
    """Add what the items of a kind use, each spread over its providers, waiting and what is cut off."""
    start, length, resources = market.start[kind], market.stop[kind] - market.start[kind], market.resources
    weight, density, cut = sums.weight, market.density[kind], market.cut[kind]
    for place in range(length):
        weight[place] = market.surplus[start + place]
    for r in range(resources):
        load = market.load[kind * resources + r]
        for place in range(length):
            weight[place] -= load * sums.duals[market.provider[start + place] * resources + r]
    best = cut if density > 0.0 else -FAR * temperature
    for place in range(length):
        best = max(best, weight[place])
    sums.top[kind] = best
    if best <= -FAR * temperature:
        return
    top = max(0.0, best)
    total = soft(-top / temperature) + density * temperature * soft((cut - top) / temperature)
    for place in range(length):
        weight[place] = soft((weight[place] - top) / temperature)
        total += weight[place]
    count = market.count[kind]
    for place in range(length):
        if weight[place] > 0.0:
            share = weight[place] / total
            for r in range(resources):
                at = market.provider[start + place] * resources + r
                used = count * market.load[kind * resources + r] * share
                sums.usage[at] += used
                sums.curve[at] += used * market.load[kind * resources + r] * (1.0 - share)


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
