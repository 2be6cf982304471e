"""Random small rounds that exercise every rule at once, and what must hold of any outcome."""

import numpy as np

from suanli.protocol.arrays import FORBIDDEN, NOBODY, Demand, Measure, Outcome, Supply, pair


def random_round(seed: int, providers: int = 6, items: int = 12) -> tuple[Measure, Supply, Demand]:
    """A small round with families, budgets, bars, labels, regions, needs and several resources."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(0, providers + 1)), int(rng.integers(0, items + 1))
    d, q, t, r, g = (int(rng.integers(1, 4)) for _ in range(5))
    measure = Measure(tuple(int(size) for size in rng.integers(1, 9, d)), int(rng.choice([1, 1, 5])))
    supply = Supply(
        prices=rng.integers(0, 12, (n, d)),
        minimum=rng.integers(0, 20, n),
        quality=rng.integers(0, 5, (n, q)),
        offers=rng.integers(-2, 4, (n, t)),
        labels=rng.integers(0, 8, n).astype(np.uint64),
        region=rng.integers(0, g, n).astype(np.int32),
        owner=rng.integers(0, max(1, n - 1), n).astype(np.int32),
        capacity=rng.integers(0, 12, (n, r)),
    )
    return measure, supply, _demand(rng, n, m, (d, q, t, r, g))


def _demand(rng: np.random.Generator, n: int, m: int, widths: tuple[int, ...]) -> Demand:
    d, q, t, r, g = widths
    groups = max(1, m // 3)
    bars = rng.integers(0, 2, m) * rng.integers(0, 2, m)
    barred = rng.integers(-max(1, n), max(1, n), int(bars.sum()))
    cost = rng.integers(0, 15, (m, g))
    cost[rng.random((m, g)) < 0.1] = FORBIDDEN
    demand = Demand(
        value=rng.integers(0, 120, m),
        usage=rng.integers(0, 20, (m, d)),
        weights=rng.integers(0, 4, (m, q)),
        needs=rng.integers(-3, 1, (m, t)),
        labels=(rng.integers(0, 8, m) & rng.integers(0, 8, m) & rng.integers(0, 8, m)).astype(np.uint64),
        region_cost=cost,
        load=rng.integers(0, 7, (m, r)),
        family=rng.integers(0, max(1, m - m // 3), m).astype(np.int32),
        group=rng.integers(0, groups, m).astype(np.int32),
        budget=rng.integers(0, 400, groups),
        barred_start=np.concatenate(([0], np.cumsum(bars))).astype(np.int64),
        barred=barred.astype(np.int64),
    )
    return copied(demand, rng) if m and rng.random() < 0.5 else demand


def copied(demand: Demand, rng: np.random.Generator) -> Demand:
    """The same round with several items made alike, as the tasks of one job are."""
    like = np.sort(rng.integers(0, len(demand), len(demand)))
    return chosen(demand, like, family=demand.family, group=demand.group)


def chosen(demand: Demand, items: np.ndarray, **changes: np.ndarray) -> Demand:
    """The items of `demand` with these numbers, in this order."""
    items = np.asarray(items, np.int64)
    starts = demand.barred_start
    parts = [demand.barred[starts[i] : starts[i + 1]] for i in items.tolist()]
    fields = {
        name: getattr(demand, name)[items]
        for name in ("value", "usage", "weights", "needs", "labels", "region_cost", "load", "family", "group")
    }
    fields["budget"] = demand.budget
    fields["barred"] = np.concatenate([np.zeros(0, np.int64), *parts])
    fields["barred_start"] = np.concatenate(([0], np.cumsum([len(part) for part in parts]))).astype(np.int64)
    return Demand(**{**fields, **changes})


def hold_feasible(measure: Measure, supply: Supply, demand: Demand, outcome: Outcome) -> None:
    """Every rule of a round, stated plainly over the outcome."""
    used = np.zeros_like(supply.capacity)
    spent = [0] * len(demand.budget)
    seen: set[tuple[int, int]] = set()
    welfare = 0
    for item, provider in enumerate(outcome.provider.tolist()):
        paid = int(outcome.payment[item])
        if provider == NOBODY:
            assert paid == 0
            continue
        match = pair(measure, supply, demand, item, provider)
        assert match is not None, (item, provider)
        assert match.price <= paid <= int(demand.value[item]) - match.quality
        used[provider] += demand.load[item]
        spent[demand.group[item]] += paid
        kin = (int(demand.family[item]), int(supply.owner[provider]))
        assert kin not in seen
        seen.add(kin)
        welfare += match.surplus
    assert (used <= supply.capacity).all()
    assert all(spent[group] <= budget for group, budget in enumerate(demand.budget.tolist()))
    assert welfare == outcome.welfare <= outcome.bound
