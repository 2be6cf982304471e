"""Providers sorted into boxes of like ones, so that one look at a box's corner rules most of it out. Pure.

All numbers here are float32 and only ever rule pairs out, with a margin for every rounding: each cost is a
sum of products of numbers that are not negative, so what is computed is within a known fraction of the truth.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suanli.audit.clearing.round import Places, Round
from suanli.protocol.arrays import Integers, Numbers

Floats = NDArray[np.float32]
BOX = 64
_SAMPLE = 4096
_MOST_BITS = 20


@dataclass(frozen=True)
class Costs:
    """What a pair costs at least: `max(usage · unit, minimum) + weights · grade`, without the region's part.

    By item: usage (M, D), weights (M, Q + R). By provider: unit (N, D), grade (N, Q + R), minimum (N,).
    """

    usage: Floats
    weights: Floats
    unit: Floats
    grade: Floats
    minimum: Floats

    @property
    def slack(self) -> float:
        """The true cost is at least (1 - slack) times what is computed, in whatever order it is summed."""
        terms = self.usage.shape[1] + self.weights.shape[1]
        return float(terms + 8) * 2.0**-23

    def of(self, items: Places, unit: Floats, grade: Floats, minimum: Floats) -> Floats:
        """What these items (rows) cost at providers, or at boxes' corners (columns)."""
        cost = self.usage[items] @ unit.T
        np.maximum(cost, minimum, out=cost)
        cost += self.weights[items] @ grade.T
        return cost


def costs_of(audited: Round, duals: Integers) -> Costs:
    """The costs of a round with prices on its capacity."""
    supply, demand = audited.supply, audited.demand
    sizes = np.asarray(audited.measure.sizes, np.float64)
    return Costs(
        usage=demand.usage.astype(np.float32),
        weights=np.hstack((demand.weights, demand.load)).astype(np.float32),
        unit=(supply.prices / sizes).astype(np.float32),
        grade=np.hstack((supply.quality, duals)).astype(np.float32),
        minimum=supply.minimum.astype(np.float32),
    )


@dataclass(frozen=True)
class Boxes:
    """`order` lists the providers box by box; box b holds order[starts[b] : starts[b + 1]], of one region.

    `inside` are their costs in that order. The corner of a box, `unit`, `grade` and `minimum`, is the least
    of every cost in it; `offers` the most of every offer, `labels` all its labels.
    """

    order: Places
    starts: Places
    inside: Costs
    region: Places
    unit: Floats
    grade: Floats
    minimum: Floats
    offers: Integers
    labels: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.region)

    @cached_property
    def regions(self) -> list[tuple[int, int, int]]:
        """Each region with its first box and the one after its last."""
        return _stretches(self.region)


def by_region(regions: Numbers) -> tuple[Places, list[tuple[int, int, int]]]:
    """Providers by region, and each region with its first place in that list and the one after its last."""
    small = regions.astype(np.uint16) if int(regions.max()) < 1 << 16 else regions
    order = np.argsort(small, kind="stable")
    return order, _stretches(regions[order])


def _stretches(ascending: NDArray[Any]) -> list[tuple[int, int, int]]:
    firsts = np.flatnonzero(np.diff(ascending, prepend=-1))
    ends = np.append(firsts[1:], len(ascending))
    return list(zip(ascending[firsts].tolist(), firsts.tolist(), ends.tolist(), strict=True))


def sort_into_boxes(audited: Round, costs: Costs) -> Boxes:
    """Small boxes of like providers. How they are sorted changes the time of an audit, never its result."""
    supply = audited.supply
    order = np.lexsort((_cells(costs), supply.region))
    region = supply.region[order]
    starts = np.concatenate([np.arange(first, end, BOX) for _, first, end in _stretches(region)])
    inside = replace(costs, unit=costs.unit[order], grade=costs.grade[order], minimum=costs.minimum[order])
    return Boxes(
        order=order,
        starts=np.append(starts, len(order)),
        inside=inside,
        region=region[starts].astype(np.intp),
        unit=np.minimum.reduceat(inside.unit, starts, axis=0),
        grade=np.minimum.reduceat(inside.grade, starts, axis=0),
        minimum=np.minimum.reduceat(inside.minimum, starts),
        offers=np.maximum.reduceat(supply.offers[order], starts, axis=0),
        labels=np.bitwise_or.reduceat(supply.labels[order], starts),
    )


def _cells(costs: Costs) -> NDArray[np.uint64]:
    """A number per provider: halves by whatever varies the most, then by what varies the most in those."""
    typical = np.concatenate((costs.usage.mean(axis=0), costs.weights.mean(axis=0)))
    columns = [*costs.unit.T, *costs.grade.T, costs.unit @ costs.usage.mean(axis=0)]
    shares = [*typical, np.float32(1)]
    step = max(1, len(costs.minimum) // _SAMPLE)
    samples = [np.sort(column[::step]) for column in columns]
    left = [float(sample.std()) * float(share) for sample, share in zip(samples, shares, strict=True)]
    bits, ranking = [0] * len(columns), list[int]()
    for _ in range(min(_MOST_BITS, int(np.log2(len(costs.minimum) / BOX + 1)) + 2)):
        widest = int(np.argmax(left))
        left[widest] /= 2
        ranking.append(widest)
        bits[widest] += 1
    grades = {at: _quantile(columns[at], samples[at], bits[at]) for at in range(len(columns)) if bits[at]}
    cells = np.zeros(len(costs.minimum), np.uint64)
    for at in ranking:
        bits[at] -= 1
        cells = cells << np.uint64(1) | (grades[at] >> np.uint64(bits[at])) & np.uint64(1)
    return cells


def _quantile(column: Floats, sample: Floats, bits: int) -> NDArray[np.uint64]:
    edges = sample[np.arange(1, 1 << bits) * len(sample) >> bits]
    return np.searchsorted(edges, column, side="right").astype(np.uint64)
