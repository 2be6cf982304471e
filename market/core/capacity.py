"""Capacity (算力感知): what the fleet of a round offered and what it gave away, by region and tier. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from market.core.encoding import Encoded
from market.core.offers import ask_of, prices_now, region_of
from market.core.outcomes import Decided
from suanli.protocol.arrays import NOBODY
from suanli.protocol.auto_price import median_prices
from suanli.protocol.book import BookNode
from suanli.protocol.messages import Limits, Prices
from suanli.protocol.units import BYTES_PER_MEBIBYTE, FUEL_PER_GIGAFUEL
from suanli.protocol.values import Region
from suanli.protocol.wire.capacity import Capacity, CapacityCell

CELLS_MAXIMUM = 256
"""Of one round: where there are more, those with most slots are shown."""
Key = tuple[Region | None, int, int]


def capacity_of(decided: Decided, epoch: int, at: int) -> Capacity:
    """The fleet of a round by region and tier, at the prices of this moment."""
    encoded, provider = decided.encoded, decided.outcome.provider
    matched = Counter(provider[provider != NOBODY].tolist())
    supports = decided.outcome.supports[:, 0].tolist()
    cells = [_cell(encoded, key, there, matched, supports) for key, there in _by_key(encoded).items()]
    most = sorted(cells, key=lambda cell: (-cell.slots, cell.region or "", _tier(cell)))[:CELLS_MAXIMUM]
    return Capacity(
        epoch=epoch,
        at=at,
        cells=sorted(most, key=lambda cell: (cell.region or "", _tier(cell))),
        orders=len(encoded.book.orders),
        matched=sum(matched.values()),
        waiting=int((provider == NOBODY).sum()),
    )


def tier_of(limits: Limits) -> tuple[int, int]:
    """MiB of memory and gigafuel of the largest task, each a power of two at or below it, or 0."""
    return _power(limits.memoryBytes // BYTES_PER_MEBIBYTE), _power(limits.fuel // FUEL_PER_GIGAFUEL)


def _by_key(encoded: Encoded) -> Mapping[Key, list[int]]:
    found: dict[Key, list[int]] = {}
    for number, node in enumerate(encoded.names.nodes):
        found.setdefault((region_of(node), *tier_of(ask_of(node).limits)), []).append(number)
    return found


def _cell(
    encoded: Encoded, key: Key, there: Sequence[int], matched: Mapping[int, int], supports: Sequence[int]
) -> CapacityCell:
    nodes: list[BookNode] = [encoded.names.nodes[number] for number in there]
    prices = [prices_now(node) for node in nodes]
    median = median_prices(prices)
    if median is None:
        raise ValueError("a cell of the capacity has no node")
    return CapacityCell(
        region=key[0],
        memory_mebibytes=key[1],
        gigafuel=key[2],
        nodes=len(nodes),
        slots=sum(ask_of(node).slots for node in nodes),
        free_slots=int(np.sum(encoded.supply.capacity[list(there), 0])),
        matched=sum(matched.get(number, 0) for number in there),
        lowest=Prices.of(min(column) for column in zip(*(one.vector() for one in prices), strict=True)),
        median=median,
        scarcity=max(supports[number] for number in there),
    )


def _tier(cell: CapacityCell) -> tuple[int, int]:
    return cell.memory_mebibytes, cell.gigafuel


def _power(amount: int) -> int:
    return 1 << amount.bit_length() - 1 if amount else 0
