"""The providers of a round: each node's ask, surged by its slots in use, and its qualities as rows. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from market.core.encoding.measure import LIMIT_MAXIMUM, MEASURE, price_row
from market.core.encoding.scales import Scales, carbon_of
from market.core.offers import ask_of, carbon_intensity_of, labels_of, prices_now, region_of, speed_of
from suanli.protocol.arrays import Supply
from suanli.protocol.book import BookNode
from suanli.protocol.units import BASIS_POINTS, MICRO_ATOMS_PER_ATOM
from suanli.protocol.values import Address

NEEDS = 12
"""Five limits, four prices, speed, trust, carbon intensity."""
GRADES = 2
"""Carbon, failure odds."""
SLOTS_MAXIMUM = (1 << 31) - 1


def encode_supply(nodes: Sequence[BookNode], scales: Scales) -> tuple[Supply, dict[Address, int]]:
    """The providers in the order of `nodes`, and the owners' numbers."""
    owners = {owner: number for number, owner in enumerate(sorted({node.owner for node in nodes}))}
    supply = Supply(
        prices=_table([price_row(prices_now(node)) for node in nodes], len(MEASURE.sizes)),
        minimum=_column([ask_of(node).minimumCharge * MICRO_ATOMS_PER_ATOM for node in nodes]),
        quality=_table([_grades(node, scales) for node in nodes], GRADES),
        offers=_table([_offers(node) for node in nodes], NEEDS),
        labels=np.array([scales.bits_had(labels_of(node)) for node in nodes], np.uint64),
        region=np.array([scales.region(region_of(node)) for node in nodes], np.int32),
        owner=np.array([owners[node.owner] for node in nodes], np.int32),
        capacity=_column([min(max(node.free_slots, 0), SLOTS_MAXIMUM) for node in nodes]).reshape(-1, 1),
    )
    return supply, owners


def _offers(node: BookNode) -> tuple[int, ...]:
    limits, intensity = ask_of(node).limits, carbon_intensity_of(node)
    sizes = (limits.fuel, limits.memoryBytes, limits.inputBytes, limits.outputBytes, limits.wallSeconds)
    prices = prices_now(node).vector()
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
