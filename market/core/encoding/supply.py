"""The providers of a round: each node's ask, surged by its slots in use, and its qualities as rows. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from market.core.encoding.measure import LIMIT_MAXIMUM, MEASURE, price_row
from market.core.encoding.scales import Scales, carbon_of, speed_of
from suanli.protocol.arrays import Supply
from suanli.protocol.book import BookNode
from suanli.protocol.charging import surged_prices
from suanli.protocol.messages import Ask, Prices
from suanli.protocol.units import BASIS_POINTS, MICRO_ATOMS_PER_ATOM
from suanli.protocol.values import Address

NEEDS = 12
"""Five limits, four prices, speed, trust, carbon intensity."""
GRADES = 2
"""Carbon, failure odds."""
SLOTS_MAXIMUM = (1 << 31) - 1


def ask_of(node: BookNode) -> Ask:
    """The ask of a node in the round, which always has one."""
    if node.ask is None:
        raise ValueError(f"{node.node} is in the round without an ask")
    return node.ask


def prices_now(node: BookNode) -> Prices:
    """The unit prices at which a node is matched: its ask's, surged by its slots in use."""
    ask = ask_of(node)
    return surged_prices(ask, node.offering, max(0, ask.slots - node.free_slots))


def encode_supply(nodes: Sequence[BookNode], scales: Scales) -> tuple[Supply, dict[Address, int]]:
    """The providers in the order of `nodes`, and the owners' numbers."""
    owners = {owner: number for number, owner in enumerate(sorted({node.owner for node in nodes}))}
    regions = (None if node.offering is None else node.offering.region for node in nodes)
    had = (scales.bits_had(() if node.offering is None else node.offering.labels) for node in nodes)
    supply = Supply(
        prices=_table([price_row(prices_now(node)) for node in nodes], len(MEASURE.sizes)),
        minimum=_column([ask_of(node).minimumCharge * MICRO_ATOMS_PER_ATOM for node in nodes]),
        quality=_table([_grades(node, scales) for node in nodes], GRADES),
        offers=_table([_offers(node) for node in nodes], NEEDS),
        labels=np.array(list(had), np.uint64),
        region=np.array([scales.region(region) for region in regions], np.int32),
        owner=np.array([owners[node.owner] for node in nodes], np.int32),
        capacity=_column([min(max(node.free_slots, 0), SLOTS_MAXIMUM) for node in nodes]).reshape(-1, 1),
    )
    return supply, owners


def _offers(node: BookNode) -> tuple[int, ...]:
    limits, offering = ask_of(node).limits, node.offering
    sizes = (limits.fuel, limits.memoryBytes, limits.inputBytes, limits.outputBytes, limits.wallSeconds)
    prices = prices_now(node).vector()
    intensity = None if offering is None else offering.carbon_grams_per_kilowatt_hour
    return (
        *(min(size, LIMIT_MAXIMUM) for size in sizes),
        *(-price for price in prices),
        min(speed_of(node) or LIMIT_MAXIMUM, LIMIT_MAXIMUM),
        node.trust,
        -LIMIT_MAXIMUM if intensity is None else -intensity,
    )


def _grades(node: BookNode, scales: Scales) -> tuple[int, int]:
    carbon = carbon_of(node)
    return scales.dirtiest if carbon is None else carbon, BASIS_POINTS - node.reliability


def _table(rows: Sequence[tuple[int, ...]], width: int) -> NDArray[np.int64]:
    return np.array(rows, np.int64).reshape(len(rows), width)


def _column(numbers: Sequence[int]) -> NDArray[np.int64]:
    return np.array(numbers, np.int64)
