"""One clearing round as arrays: who offers, who wants, and what each rule of clearing makes of a pair.

This is the published form of a round: the engine decides on it and the auditor checks it, each with code of
its own. `pair` states the rules in plain Python; whatever is faster must agree with it to the unit. Pure.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason

Integers: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = NDArray[np.int32]
Bits: TypeAlias = NDArray[np.uint64]

FORBIDDEN = np.int64(-1)
"""In `Demand.region_cost`: the item may not go to this region."""
NOBODY = np.int32(-1)
"""In `Outcome.provider`: the item waits."""
LARGEST = 1 << 60
"""No product and no sum of a round may reach this, so 64-bit integers never overflow."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The scale of a round: `sizes[d]` units of dimension d cost one price; sums round up to a `quantum`."""

    sizes: tuple[int, ...]
    quantum: int = 1


@dataclass(frozen=True, slots=True)
class Supply:
    """`N` providers in the order of their ids. Money in micro-atoms.

    prices (N, D) per `Measure.sizes`; minimum (N,) of one item; quality (N, Q), less is better; offers
    (N, T), the largest need that is met; labels (N,) bits; region, owner (N,) numbers; capacity (N, R), what
    is free.
    """

    prices: Integers
    minimum: Integers
    quality: Integers
    offers: Integers
    labels: Bits
    region: Numbers
    owner: Numbers
    capacity: Integers

    def __len__(self) -> int:
        return len(self.minimum)


@dataclass(frozen=True, slots=True)
class Demand:
    """`M` items (copies of tasks) in the order of the book. Money in micro-atoms.

    value (M,): the most that the item may cost, quality included; usage (M, D); weights (M, Q), micro-atoms
    per unit of quality; needs (M, T); labels (M,): all of them are needed; region_cost (M, G), or FORBIDDEN;
    load (M, R): what the item takes of a provider's capacity; family (M,): items of one family go to
    different owners; group (M,): items of one group share `budget[group]` for their prices;
    `barred[barred_start[i] : barred_start[i + 1]]`: whom item i may not go to, a provider's number or
    `~number` of an owner.
    """

    value: Integers
    usage: Integers
    weights: Integers
    needs: Integers
    labels: Bits
    region_cost: Integers
    load: Integers
    family: Numbers
    group: Numbers
    budget: Integers
    barred_start: Integers
    barred: Integers

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round decided.

    provider (M,): the item's provider or NOBODY; payment (M,): micro-atoms, 0 without a provider; duals
    (N, R): micro-atoms per unit of load that prove `bound`; supports (N, R): those that payments follow;
    `welfare`: the surplus of all matches, micro-atoms; `bound`: no feasible allocation has more.
    """

    provider: Numbers
    payment: Integers
    duals: Integers
    supports: Integers
    welfare: int
    bound: int


@dataclass(frozen=True, slots=True)
class Pair:
    """An item at an eligible provider, in micro-atoms: what the ask charges and what quality is worth."""

    price: int
    quality: int
    surplus: int


def pair(measure: Measure, supply: Supply, demand: Demand, item: int, provider: int) -> Pair | None:
    """The rules of clearing between one item and one provider; None where they may not be matched.

    Capacity, families and budgets are rules between matches, and not looked at here.
    """
    i, j = item, provider
    if (demand.needs[i] > supply.offers[j]).any() or int(demand.labels[i]) & ~int(supply.labels[j]):
        return None
    at_region = int(demand.region_cost[i, supply.region[j]])
    barred = demand.barred[demand.barred_start[i] : demand.barred_start[i + 1]].tolist()
    if at_region == FORBIDDEN or j in barred or ~int(supply.owner[j]) in barred:
        return None
    price = price_of(measure, supply, demand, i, j)
    weighed = zip(demand.weights[i].tolist(), supply.quality[j].tolist(), strict=True)
    quality = at_region + sum(weight * grade for weight, grade in weighed)
    surplus = int(demand.value[i]) - price - quality
    return None if surplus < 0 else Pair(price, quality, surplus)


def price_of(measure: Measure, supply: Supply, demand: Demand, item: int, provider: int) -> int:
    """The ask's price of an item: each dimension rounded up, the sum to a quantum, at least the minimum."""
    used, asked = demand.usage[item].tolist(), supply.prices[provider].tolist()
    lines = (
        -(-price * amount // size) for price, amount, size in zip(asked, used, measure.sizes, strict=True)
    )
    total = int(max(sum(lines), int(supply.minimum[provider])))
    return -(-total // measure.quantum) * measure.quantum


def check_round(measure: Measure, supply: Supply, demand: Demand) -> None:
    """Raises ProtocolError(QUANTITY_OUT_OF_RANGE) where a shape, a sign or the size of a product is off."""
    providers, items = len(supply), len(demand)
    dimensions, grades = len(measure.sizes), supply.quality.shape[1]
    needs, resources = supply.offers.shape[1], supply.capacity.shape[1]
    _shape("prices", supply.prices, (providers, dimensions))
    _shape("usage", demand.usage, (items, dimensions))
    _shape("quality", supply.quality, (providers, grades))
    _shape("weights", demand.weights, (items, grades))
    _shape("offers", supply.offers, (providers, needs))
    _shape("needs", demand.needs, (items, needs))
    _shape("capacity", supply.capacity, (providers, resources))
    _shape("load", demand.load, (items, resources))
    for name, column in (("minimum", supply.minimum), ("labels", supply.labels), ("owner", supply.owner)):
        _shape(name, column, (providers,))
    for name, column in (("labels", demand.labels), ("family", demand.family), ("group", demand.group)):
        _shape(name, column, (items,))
    if min(measure.sizes, default=1) < 1 or measure.quantum < 1:
        raise _off("a measure", "sizes and the quantum are positive")
    for name, numbers in _money_like(supply, demand):
        if numbers.size and int(numbers.min()) < 0:
            raise _off(name, "a number is negative")
    _check_indexes(supply, demand)
    _check_products(measure, supply, demand)


def _money_like(supply: Supply, demand: Demand) -> list[tuple[str, Integers]]:
    return [
        *((name, getattr(supply, name)) for name in ("prices", "minimum", "quality", "capacity")),
        *((name, getattr(demand, name)) for name in ("value", "usage", "weights", "load", "budget")),
    ]


def _check_indexes(supply: Supply, demand: Demand) -> None:
    regions = demand.region_cost.shape[1]
    if len(supply) and not _within(supply.region, regions):
        raise _off("region", f"a provider's is not one of {regions}")
    if len(demand) and not _within(demand.group, len(demand.budget)):
        raise _off("group", f"an item's is not one of {len(demand.budget)}")
    starts = demand.barred_start
    if len(starts) != len(demand) + 1 or (np.diff(starts) < 0).any() or int(starts[-1]) != len(demand.barred):
        raise _off("barred", "the parts do not cover the list")


def _check_products(measure: Measure, supply: Supply, demand: Demand) -> None:
    """No sum over any pair, and no sum over the round, can reach LARGEST."""
    highest = float(_most(supply.minimum)) + measure.quantum + float(_most(demand.region_cost))
    for asked, used in zip(supply.prices.T, demand.usage.T, strict=True):
        highest += float(_most(asked)) * float(_most(used))
    for grade, weight in zip(supply.quality.T, demand.weights.T, strict=True):
        highest += float(_most(grade)) * float(_most(weight))
    if highest >= LARGEST:
        raise _off("a pair", f"price and quality may come to {highest:.3g}")
    for name in ("value", "load", "budget"):
        total = float(np.abs(getattr(demand, name)).astype(np.float64).sum())
        if name != "budget" and total >= LARGEST:
            raise _off(name, f"all items together come to {total:.3g}")
    if float(supply.capacity.astype(np.float64).sum()) >= LARGEST or _most(demand.budget) >= LARGEST:
        raise _off("capacity or budget", "too large")


def _within(numbers: Numbers, count: int) -> bool:
    return int(numbers.min()) >= 0 and int(numbers.max()) < count


def _most(numbers: NDArray[Any]) -> int:
    return int(numbers.max()) if numbers.size else 0


def _shape(name: str, numbers: NDArray[Any], shape: tuple[int, ...]) -> None:
    if numbers.shape != shape:
        raise _off(name, f"its shape is {numbers.shape}, not {shape}")


def _off(name: str, what: str) -> ProtocolError:
    return ProtocolError(Reason.QUANTITY_OUT_OF_RANGE, f"{name}: {what}")
