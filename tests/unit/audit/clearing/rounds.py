"""Small random rounds in which every rule bites, and what plain Python makes of them."""

import numpy as np

from suanli.protocol.arrays import FORBIDDEN, NOBODY, Demand, Integers, Measure, Outcome, Supply, pair

Arrays = tuple[Measure, Supply, Demand]


def random_round(seed: int, providers: int = 6, items: int = 8) -> Arrays:
    rng = np.random.default_rng(seed)
    dimensions, grades, resources, regions = rng.integers(1, 4, 4).tolist()
    measure = Measure(tuple(rng.integers(1, 8, dimensions).tolist()), int(rng.choice([1, 5, 10])))
    supply = Supply(
        prices=rng.integers(0, 20, (providers, dimensions)),
        minimum=rng.integers(0, 60, providers),
        quality=rng.integers(0, 5, (providers, grades)),
        offers=rng.integers(0, 6, (providers, 2)),
        labels=rng.integers(0, 8, providers).astype(np.uint64) | np.uint64(4),
        region=rng.integers(0, regions, providers).astype(np.int32),
        owner=rng.integers(0, max(1, providers // 2), providers).astype(np.int32),
        capacity=rng.integers(0, 6, (providers, resources)),
    )
    return measure, supply, _demand(rng, supply, items, regions, dimensions)


def _demand(rng: np.random.Generator, supply: Supply, items: int, regions: int, dimensions: int) -> Demand:
    region_cost = rng.integers(0, 12, (items, regions))
    region_cost[rng.random((items, regions)) < 0.15] = FORBIDDEN
    groups = max(1, items // 3)
    counts = np.where(rng.random(items) < 0.3, rng.integers(1, 3, items), 0)
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    names = rng.integers(0, len(supply), int(start[-1]))
    return Demand(
        value=rng.integers(0, 400, items),
        usage=rng.integers(0, 40, (items, dimensions)),
        weights=rng.integers(0, 6, (items, supply.quality.shape[1])),
        needs=rng.integers(0, 4, (items, 2)),
        labels=np.where(rng.random(items) < 0.3, rng.integers(0, 8, items), 0).astype(np.uint64),
        region_cost=region_cost,
        load=rng.integers(0, 3, (items, supply.capacity.shape[1])),
        family=rng.integers(0, max(1, items // 2), items).astype(np.int32),
        group=rng.integers(0, groups, items).astype(np.int32),
        budget=rng.integers(0, 600, groups),
        barred_start=start,
        barred=np.where(rng.random(len(names)) < 0.5, names, ~(names // 2)),
    )


def bound_by_hand(arrays: Arrays, duals: Integers) -> int:
    """The bound of the rules: all pairs, one by one, in plain whole numbers."""
    measure, supply, demand = arrays
    total = sum(a * b for a, b in zip(duals.ravel().tolist(), supply.capacity.ravel().tolist(), strict=True))
    for item in range(len(demand)):
        load, best = demand.load[item].tolist(), 0
        for provider in range(len(supply)):
            found = pair(measure, supply, demand, item, provider)
            if found is not None:
                taken = sum(a * b for a, b in zip(load, duals[provider].tolist(), strict=True))
                best = max(best, found.surplus - taken)
        total += best
    return total


def payments_by_hand(arrays: Arrays, outcome: Outcome) -> list[int]:
    """The payments of the rules, item by item."""
    measure, supply, demand = arrays
    left, payments = demand.budget.tolist(), [0] * len(demand)
    pairs = {
        item: pair(measure, supply, demand, item, int(outcome.provider[item]))
        for item in np.flatnonzero(outcome.provider != NOBODY).tolist()
    }
    for item, found in pairs.items():
        assert found is not None
        left[int(demand.group[item])] -= found.price
    for item, found in pairs.items():
        assert found is not None
        load, support = demand.load[item].tolist(), outcome.supports[int(outcome.provider[item])].tolist()
        scarcity = sum(a * b for a, b in zip(load, support, strict=True))
        above = min(scarcity, found.surplus, left[int(demand.group[item])])
        left[int(demand.group[item])] -= above
        payments[item] = found.price + above
    return payments
