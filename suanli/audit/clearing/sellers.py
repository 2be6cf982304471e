"""The provider side of a round: each node of the book as a row (docs/rounds.md). Pure."""

from collections.abc import Sequence

import numpy as np

from suanli.audit.clearing.entrants import HIGHEST_LIMIT, ask_of, asked_now
from suanli.audit.clearing.naming import Numbers, region_of
from suanli.audit.clearing.scale import MEASURE, NEEDS, QUALITIES, Row, column, price_row, table
from suanli.protocol.arrays import Supply
from suanli.protocol.book import BookNode
from suanli.protocol.units import BASIS_POINTS, FUEL_PER_GIGAFUEL, MICRO_ATOMS_PER_ATOM

MOST_CARBON = 1 << 30
MOST_SLOTS = (1 << 31) - 1
MICROGRAMS_PER_GRAM = 10**6
WATT_SECONDS_PER_KILOWATT_HOUR = 3_600_000


def supply_of(nodes: Sequence[BookNode], numbers: Numbers) -> Supply:
    """The nodes in their order."""
    emitted = [_carbon(node) for node in nodes]
    dirtiest = max((one for one in emitted if one is not None), default=0)
    carbon = [dirtiest if one is None else one for one in emitted]
    failure = [BASIS_POINTS - node.reliability for node in nodes]
    return Supply(
        prices=table([price_row(asked_now(node)) for node in nodes], len(MEASURE.sizes)),
        minimum=column(ask_of(node).minimumCharge * MICRO_ATOMS_PER_ATOM for node in nodes),
        quality=table(list(zip(carbon, failure, strict=True)), QUALITIES),
        offers=table([_offers(node) for node in nodes], NEEDS),
        labels=np.array([_labels(node, numbers) for node in nodes], np.uint64),
        region=np.array([numbers.region(region_of(node)) for node in nodes], np.int32),
        owner=np.array([numbers.owners[node.owner] for node in nodes], np.int32),
        capacity=column(max(0, min(node.free_slots, MOST_SLOTS)) for node in nodes).reshape(-1, 1),
    )


def _labels(node: BookNode, numbers: Numbers) -> int:
    labels = node.offering.labels if node.offering else ()
    return sum(numbers.labels.get(label, 0) for label in set(labels))


def _speed(node: BookNode) -> int:
    return node.speed or (node.offering.fuel_per_second if node.offering else 0) or 0


def _carbon(node: BookNode) -> int | None:
    """Micrograms of CO2e for a gigafuel, rounded up; None where the node does not say."""
    said, speed = node.offering, _speed(node)
    if said is None or said.carbon_grams_per_kilowatt_hour is None or said.watts_per_slot is None:
        return None
    if not speed:
        return None
    grams = said.carbon_grams_per_kilowatt_hour * MICROGRAMS_PER_GRAM
    energy = said.watts_per_slot * FUEL_PER_GIGAFUEL
    return min(-(-grams * energy // (WATT_SECONDS_PER_KILOWATT_HOUR * speed)), MOST_CARBON)


def _offers(node: BookNode) -> Row:
    limits = ask_of(node).limits
    sizes = (limits.fuel, limits.memoryBytes, limits.inputBytes, limits.outputBytes, limits.wallSeconds)
    carbon = node.offering.carbon_grams_per_kilowatt_hour if node.offering else None
    return (
        *(min(size, HIGHEST_LIMIT) for size in sizes),
        *(-price for price in asked_now(node).vector()),
        min(_speed(node) or HIGHEST_LIMIT, HIGHEST_LIMIT),
        node.trust,
        -HIGHEST_LIMIT if carbon is None else -carbon,
    )
