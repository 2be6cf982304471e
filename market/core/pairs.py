"""One item of a round against every provider at once: prices, quality, and the first rule that is in the way.

The rules are those of `market.core.rules`, by the same numbers; a property test holds the two together. Pure.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from market.core.encoding import Encoded, Item
from market.core.rules import FLEET_RULES, NODE_RULES, TASK_RULES
from market.core.rules.wants import ANYTHING
from suanli.protocol.arrays import Integers
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM, charge

Mask = NDArray[np.bool_]

ELIGIBLE = -1
OVER_BUDGET = len(FLEET_RULES) + len(NODE_RULES) + len(TASK_RULES)
"""The rule after those of a task: the ask's price is more than is left of the budget."""
NOT_WORTH_IT = OVER_BUDGET + 1
"""The last rule: price and quality together cost more than the copy is worth."""
_LIMITS = 5
_PRICES = slice(5, 9)
_SPEED, _TRUST, _CARBON = 9, 10, 11


def prices_of(encoded: Encoded, item: int) -> Integers:
    """(N,): what each provider's ask charges for an item, in micro-atoms."""
    used, asked = encoded.demand.usage[item].tolist(), encoded.supply.prices
    total = np.zeros(len(encoded.supply), np.int64)
    for d, size in enumerate(encoded.measure.sizes):
        if used[d]:
            total += -(-asked[:, d] * used[d] // size)
    total = np.maximum(total, encoded.supply.minimum)
    return -(-total // encoded.measure.quantum) * encoded.measure.quantum


def quality_of(encoded: Encoded, item: int) -> Integers:
    """(N,): what each provider's qualities cost an item, in micro-atoms; meaningless where it may not go."""
    at_region = encoded.demand.region_cost[item][encoded.supply.region]
    return np.asarray(at_region + encoded.supply.quality @ encoded.demand.weights[item], np.int64)


def first_rules(encoded: Encoded, item: int) -> NDArray[np.int8]:
    """(N,): the number of the first rule that keeps an item from each provider, or ELIGIBLE."""
    return first_of(broken_rules(encoded, item))


def first_of(broken: Mask) -> NDArray[np.int8]:
    """(N,): the number of the first broken rule of each column, or ELIGIBLE."""
    found = np.where(broken.any(axis=0), broken.argmax(axis=0) + len(FLEET_RULES), ELIGIBLE)
    return found.astype(np.int8)


def broken_rules(encoded: Encoded, item: int) -> Mask:
    """(rules, N): which rules keep an item from which providers; row 0 is the first after the fleet's."""
    return np.vstack(list(_masks(encoded, item)))


def _masks(encoded: Encoded, item: int) -> Iterator[Mask]:
    """Whom each rule excludes, in the rules' order."""
    supply, demand, named = encoded.supply, encoded.demand, encoded.names.items[item]
    short = demand.needs[item] > supply.offers
    yield _owned(encoded, (named.order.buyer,)) | _these(encoded, (named.order.buyer,))
    yield from short.T[:_LIMITS]
    yield short[:, _PRICES].any(axis=1)
    yield supply.minimum > _dearest(named) * MICRO_ATOMS_PER_ATOM
    outside = _outside(encoded, named)
    yield outside
    yield (demand.labels[item] & ~supply.labels) != 0
    yield short[:, _TRUST]
    yield short[:, _CARBON]
    yield (demand.region_cost[item][supply.region] < 0) & ~outside
    yield short[:, _SPEED]
    yield _these(encoded, named.task.tried)
    yield _owned(encoded, named.task.owners)
    prices = prices_of(encoded, item)
    yield prices > demand.budget[named.group]
    yield prices + quality_of(encoded, item) > demand.value[item]


def _dearest(item: Item) -> int:
    limits = item.order.limits
    return charge(item.order.maximum_prices, usage_at_limits(limits, limits.inputBytes))


def _outside(encoded: Encoded, item: Item) -> Mask:
    allowed = (item.task.requirements or ANYTHING).regions
    if not allowed:
        return np.zeros(len(encoded.supply), np.bool_)
    regions = encoded.scales.regions
    numbers = [regions[region] for region in allowed if region in regions]
    return ~np.isin(encoded.supply.region, numbers)


def _these(encoded: Encoded, nodes: tuple[str, ...]) -> Mask:
    mask = np.zeros(len(encoded.supply), np.bool_)
    numbers = encoded.names.number_of
    mask[[numbers[node] for node in nodes if node in numbers]] = True
    return mask


def _owned(encoded: Encoded, owners: tuple[str, ...]) -> Mask:
    numbers = [encoded.names.owners[owner] for owner in owners if owner in encoded.names.owners]
    return np.isin(encoded.supply.owner, numbers)
