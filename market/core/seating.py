"""Which of several tasks that are alike gets a place: the first ones. Pure.

To a round, tasks of one order that want the same are one; their buyer expects them in their order, and
attempts to be numbered without gaps. So places are handed on to the first, and payments made out anew.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from market.core.encoding import Encoded
from suanli.protocol.arrays import NOBODY, Demand, Outcome, pair
from suanli.protocol.certificate import Mechanism


@dataclass(frozen=True, slots=True)
class _Place:
    provider: int
    payment: int


@dataclass(frozen=True, slots=True)
class _Family:
    """One task's items, `first` to before `end`, and what some task like it has got."""

    first: int
    end: int
    places: tuple[_Place, ...]


def seated(encoded: Encoded, outcome: Outcome, mechanism: Mechanism) -> Outcome:
    """The same outcome with the places of tasks that are alike at the first of them, copies without gaps."""
    provider = np.full_like(outcome.provider, NOBODY)
    payment = np.zeros_like(outcome.payment)
    for families in _alike(encoded, outcome):
        ranked = sorted(families, key=lambda family: -len(family.places))
        for family, source in zip(families, ranked, strict=True):
            for item, place in enumerate(source.places, start=family.first):
                provider[item], payment[item] = place.provider, place.payment
    moved = replace(outcome, provider=provider, payment=payment)
    return moved if mechanism is Mechanism.CRITICAL else _paid(encoded, moved)


def _alike(encoded: Encoded, outcome: Outcome) -> Iterator[list[_Family]]:
    found: dict[tuple[object, ...], list[_Family]] = defaultdict(list)
    starts = np.flatnonzero(np.diff(encoded.demand.family, prepend=-1)).tolist()
    for first, end in zip(starts, [*starts, len(encoded.demand)][1:], strict=True):
        items = [item for item in range(first, end) if outcome.provider[item] != NOBODY]
        places = tuple(_Place(int(outcome.provider[item]), int(outcome.payment[item])) for item in items)
        key = (end - first, *_wants(encoded.demand, first))
        found[key].append(_Family(first, end, places))
    yield from found.values()


def _wants(demand: Demand, item: int) -> Sequence[object]:
    """Everything that a round knows of an item but its family."""
    barred = demand.barred[demand.barred_start[item] : demand.barred_start[item + 1]]
    columns = (demand.usage, demand.weights, demand.needs, demand.region_cost, demand.load)
    rows = (column[item].tobytes() for column in columns)
    return (
        int(demand.group[item]),
        int(demand.value[item]),
        int(demand.labels[item]),
        barred.tobytes(),
        *rows,
    )


def _paid(encoded: Encoded, outcome: Outcome) -> Outcome:
    """Payments by support prices: what is above the price is cut, item by item, to what the budget leaves
    after all its prices."""
    left: list[int] = encoded.demand.budget.tolist()
    found = {}
    for item in np.flatnonzero(outcome.provider != NOBODY).tolist():
        provider = int(outcome.provider[item])
        one = pair(encoded.measure, encoded.supply, encoded.demand, item, provider)
        if one is None:
            raise ValueError(f"item {item} may not go to provider {provider}")
        found[item] = one
        left[int(encoded.demand.group[item])] -= one.price
    payment = np.zeros_like(outcome.payment)
    for item, one in found.items():
        group, provider = int(encoded.demand.group[item]), int(outcome.provider[item])
        scarcity = int(encoded.demand.load[item] @ outcome.supports[provider])
        premium = min(scarcity, one.surplus, left[group])
        left[group] -= premium
        payment[item] = one.price + premium
    return replace(outcome, payment=payment)
