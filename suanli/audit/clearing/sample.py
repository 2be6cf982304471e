"""A bound on the welfare from a few items drawn at random, and how sure it is. Pure.

Items are drawn in proportion to the money that the outcome's bound could hide in them (monetary-unit
sampling). Hoeffding's inequality in its relative-entropy form turns the mean share found into a bound:
W. Hoeffding, Probability inequalities for sums of bounded random variables, JASA 58 (1963), Theorem 1.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from suanli.audit.clearing.bound import allowance, capacity_value, known_values, where_below
from suanli.audit.clearing.boxes import Costs, Floats, by_region, costs_of
from suanli.audit.clearing.candidates import Candidates, raise_by
from suanli.audit.clearing.round import Places, Round
from suanli.protocol.arrays import FORBIDDEN, Integers, Outcome
from suanli.protocol.checks import Check, check
from suanli.protocol.reasons import Reason

ITEMS = 256
CONFIDENCE = 0.99
FALSE_ALARM = 1e-9
"""An honest outcome is refused less often than this."""
_STEPS = 60
ALIKE = 16
ROUNDED_ONE = np.float32(1 + 2.0**-14)
"""One, and more than all roundings of a sum of shares."""


@dataclass(frozen=True, slots=True)
class SampleResult:
    """What a sample says of the bound that the duals give, in micro-atoms.

    `least` is certain; `likely` is the estimate; with `CONFIDENCE` the bound is at most `most`, so that no
    feasible allocation has more. `hidden` is the money that the draw was over.
    """

    check: Check
    drawn: int
    least: int
    likely: int
    most: int
    hidden: int

    def gap(self, welfare: int) -> float:
        """With `CONFIDENCE`, the welfare falls short of the optimum by no more than this fraction."""
        return max(0, self.most - welfare) / self.most if self.most else 0.0


def check_sample(audited: Round, outcome: Outcome, seed: int, items: int = ITEMS) -> SampleResult:
    """Whether the outcome's bound fits `items` draws, which only whoever chose `seed` can foresee."""
    costs = costs_of(audited, outcome.duals)
    known = known_values(audited, outcome)
    certain = capacity_value(audited, outcome.duals) + int(known.sum())
    hidden = _most_hidden(audited, costs, known)
    total = int(hidden.sum())
    if not total:
        return _result(outcome, 0, certain, certain, [], 0)
    points = np.random.Generator(np.random.Philox(seed)).integers(0, total, items)
    drawn = np.searchsorted(np.cumsum(hidden), points, side="right")
    distinct = np.unique(drawn)
    more = best_of(audited, outcome, costs, known, distinct) - known
    shares = (more[drawn] / hidden[drawn]).tolist()
    return _result(outcome, items, certain, certain + int(more.sum()), shares, total)


def _result(
    outcome: Outcome, drawn: int, certain: int, least: int, shares: list[float], total: int
) -> SampleResult:
    mean = math.fsum(shares) / drawn if drawn else 0.0
    claimed = (outcome.bound - certain) / total if total else 0.0
    unlikely = drawn > 0 and not _is_likely(mean, claimed, drawn)
    passed = outcome.bound >= least and not unlikely and (bool(total) or outcome.bound == certain)
    most = certain + math.ceil(total * _highest(mean, drawn)) if drawn else certain
    likely = certain + round(total * mean)
    detail = (
        f"{drawn} draws: the bound is at least {least}, likely {likely}, at most {most} ({CONFIDENCE:.0%})"
    )
    said = check("bound_sampled", passed, f"{detail}; said {outcome.bound}", Reason.CERTIFICATE_INVALID)
    return SampleResult(said, drawn, least, likely, most, total)


def _is_likely(mean: float, share: float, draws: int) -> bool:
    """Whether a true `share` would show such a mean in more than one of 1 / FALSE_ALARM samples."""
    return 0 <= share <= 1 and draws * _entropy(mean, share) <= -math.log(FALSE_ALARM)


def _most_hidden(audited: Round, costs: Costs, known: Integers) -> Integers:
    """By item, at most how much more than `known` it could be worth at any provider."""
    supply, demand = audited.supply, audited.demand
    if not len(supply) or not len(demand):
        return np.zeros(len(demand), np.int64)
    least = np.maximum(costs.usage @ costs.unit.min(axis=0), costs.minimum.min())
    least = (least + costs.weights @ costs.grade.min(axis=0)).astype(np.float64) * (1 - costs.slack)
    regions = np.where(demand.region_cost == FORBIDDEN, np.iinfo(np.int64).max, demand.region_cost)
    cheapest = regions[:, np.unique(supply.region)].min(axis=1)
    room = demand.value - np.minimum(least, 2.0**60).astype(np.int64) - known
    return np.where(cheapest < room, room - np.minimum(cheapest, room), 0)


def best_of(audited: Round, outcome: Outcome, costs: Costs, known: Integers, items: Places) -> Integers:
    """`known`, raised to the best over all providers for these items: one product of tables, no boxes.

    The ask's minimum is left out, so that a few more pairs than need be are computed exactly.
    """
    best = known.copy()
    raise_by(audited, outcome.duals, best, _pairs(audited, costs, known, items))
    return best


def _pairs(audited: Round, costs: Costs, known: Integers, items: Places) -> Iterator[Candidates]:
    order, regions = by_region(audited.supply.region)
    wanted = np.hstack((costs.usage, costs.weights))[items]
    asked = np.hstack((costs.unit, costs.grade))[order]
    for region, first, end in regions:
        room = allowance(audited, costs, known, items, region)
        some = np.flatnonzero((audited.demand.region_cost[items, region] != FORBIDDEN) & (room > 0))
        for alike, near in _near(wanted[some] / room[some, None], asked[first:end]):
            rows, there = some[alike], order[first:end][near]
            cost = wanted[rows] @ asked[first:end][near].T
            at, columns = where_below(cost, room[rows])
            yield Candidates(items[rows[at]], there[columns], room[rows[at]], cost[at, columns])


def _near(shares: Floats, asked: Floats) -> Iterator[tuple[Places, Places]]:
    """Small groups of like items, each with the providers that can be better for some item of the group.

    `shares` are what items want per room, `asked` what providers ask: rows whose product is the part of its
    room that a pair takes. An item with the least shares of its group would have room wherever any of it has.
    """
    if not len(shares):
        return
    widest = int(np.argmax(shares.mean(axis=0) * asked.mean(axis=0)))
    order = np.argsort(shares[:, widest], kind="stable")
    starts = np.arange(0, len(order), ALIKE)
    least = np.minimum.reduceat(shares[order], starts, axis=0)
    for start, near in zip(starts.tolist(), least @ asked.T < ROUNDED_ONE, strict=True):
        yield order[start : start + ALIKE], np.flatnonzero(near)


def _highest(mean: float, draws: int) -> float:
    """The largest share that `draws` with this mean do not rule out with `CONFIDENCE`."""
    return _bisect(lambda share: draws * _entropy(mean, share) <= -math.log(1 - CONFIDENCE), mean, 1.0)


def _entropy(mean: float, share: float) -> float:
    """Relative entropy of a coin that shows `mean` to one that shows `share`, in nats."""
    return _part(mean, share) + _part(1 - mean, 1 - share)


def _part(mean: float, share: float) -> float:
    if mean <= 0:
        return 0.0
    return mean * math.log(mean / share) if share > 0 else math.inf


def _bisect(holds: Callable[[float], bool], low: float, high: float) -> float:
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return high
