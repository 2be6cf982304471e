"""Random rounds for the engine: small ones with many ties, and large ones with a spread; all from a seed."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from suanli.protocol.arrays import FORBIDDEN, Demand, Integers, Measure, Supply, check_round, pair

REGIONS = 3


@dataclass(frozen=True)
class Round:
    """A round whose numbers are drawn from a seed."""

    measure: Measure
    supply: Supply
    demand: Demand


def small(seed: int, providers: int | None = None, items: int = 4) -> Round:
    """A few providers with small numbers, so that ties, zeros and every exclusion are common."""
    draw = np.random.default_rng(seed)
    measure = Measure(tuple(draw.integers(1, 4, 2).tolist()), int(draw.integers(1, 6)))
    count = int(draw.integers(0, 12)) if providers is None else providers
    return checked(measure, _small_supply(draw, count), _small_demand(draw, items, count))


def large(seed: int, providers: int, items: int) -> Round:
    """Numbers of the size that a market has."""
    draw = np.random.default_rng(seed)
    level = draw.lognormal(0, 0.5, (providers, 1))
    prices = draw.lognormal(10, 0.4, (providers, 4)) * level
    quality = draw.lognormal(4, 1, (providers, 3)) / level
    supply = Supply(
        whole(prices), draw.integers(0, 5000, providers), whole(quality),
        draw.integers(0, 100, (providers, 3)), draw.integers(0, 16, providers).astype(np.uint64),
        draw.integers(0, REGIONS, providers).astype(np.int32),
        draw.integers(0, 999, providers).astype(np.int32),
        draw.integers(0, 5, (providers, 1)),
    )  # fmt: skip
    usage = whole(draw.lognormal(7, 1, (items, 4)))
    region_cost = draw.integers(0, 30000, (items, REGIONS))
    region_cost[draw.random((items, REGIONS)) < 0.2] = FORBIDDEN
    demand = Demand(
        draw.integers(10**5, 10**9, items), usage, whole(draw.lognormal(6, 1, (items, 3))),
        draw.integers(0, 95, (items, 3)), draw.choice([0, 1, 4], items).astype(np.uint64), region_cost,
        draw.integers(1, 3, (items, 1)), np.arange(items, dtype=np.int32), np.zeros(items, np.int32),
        np.array([10**15]), *barred(draw, items, providers),
    )  # fmt: skip
    return checked(Measure((1000, 100, 10, 1), 10), supply, demand)


def barred(draw: Generator, items: int, providers: int) -> tuple[Integers, Integers]:
    """Up to two barred providers or owners per item."""
    counts = draw.integers(0, 3, items)
    numbers = draw.integers(-4, max(providers, 1), int(counts.sum()))
    return np.concatenate([[0], np.cumsum(counts)]), numbers


def whole(numbers: np.ndarray) -> Integers:
    return numbers.astype(np.int64)


def checked(measure: Measure, supply: Supply, demand: Demand) -> Round:
    check_round(measure, supply, demand)
    return Round(measure, supply, demand)


def brute(round_: Round, item: int, free: Integers) -> list[tuple[int, int, int, int]]:
    """(provider, price, quality, surplus) of everyone who may have the item, best first, by `pair`."""
    load = round_.demand.load[item]
    found = []
    for provider in range(len(round_.supply)):
        offer = pair(round_.measure, round_.supply, round_.demand, item, provider)
        if offer is not None and (load <= free[provider]).all():
            found.append((provider, offer.price, offer.quality, offer.surplus))
    return sorted(found, key=lambda place: (-place[3], place[0]))


def _small_supply(draw: Generator, count: int) -> Supply:
    return Supply(
        draw.integers(0, 5, (count, 2)), draw.integers(0, 12, count), draw.integers(0, 3, (count, 2)),
        draw.integers(-1, 3, (count, 2)), draw.integers(0, 4, count).astype(np.uint64),
        draw.integers(0, REGIONS, count).astype(np.int32), draw.integers(0, 4, count).astype(np.int32),
        draw.integers(0, 4, (count, 2)),
    )  # fmt: skip


def _small_demand(draw: Generator, items: int, providers: int) -> Demand:
    return Demand(
        draw.integers(0, 40, items), draw.integers(0, 6, (items, 2)), draw.integers(0, 4, (items, 2)),
        draw.integers(-2, 2, (items, 2)), draw.choice([0, 0, 1, 2, 3], items).astype(np.uint64),
        draw.integers(-1, 4, (items, REGIONS)), draw.integers(0, 3, (items, 2)),
        np.arange(items, dtype=np.int32), np.zeros(items, np.int32), np.array([10**6]),
        *barred(draw, items, providers),
    )  # fmt: skip
