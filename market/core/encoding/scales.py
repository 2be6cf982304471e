"""What a round's numbers are counted by: its regions, its labels, its ways, the dirtiest machine. Pure."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from market.core.offers import carbon_intensity_of, labels_of, region_of, speed_of
from market.core.ways import Ways
from suanli.protocol.book import Book, BookNode, BookOrder
from suanli.protocol.units import FUEL_PER_GIGAFUEL
from suanli.protocol.values import Label, Region

REGIONS_MAXIMUM = 255
LABELS_MAXIMUM = 63
MISSING_BIT = LABELS_MAXIMUM
"""The bit of every label that no node has."""
CARBON_MAXIMUM = 1 << 30
"""Micrograms of CO2e per gigafuel."""
MICROGRAMS_PER_GRAM = 10**6
WATT_SECONDS_PER_KILOWATT_HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Scales:
    """The scales of a round; a region that is none of `regions` has the number after the last."""

    regions: dict[Region, int]
    labels: dict[Label, int]
    ways: Ways
    dirtiest: int
    """The most micrograms of CO2e per gigafuel that a node has stated: what silence counts as."""

    def region(self, region: Region | None) -> int:
        """A region's number."""
        return len(self.regions) if region is None else self.regions.get(region, len(self.regions))

    def bits_had(self, labels: Sequence[Label]) -> int:
        """A node's labels, as far as some task needs them."""
        return sum(1 << self.labels[label] for label in labels if label in self.labels)

    def bits_needed(self, labels: Sequence[Label]) -> int:
        """A task's labels."""
        bits = 0
        for label in labels:
            bits |= 1 << self.labels.get(label, MISSING_BIT)
        return bits


def scales_of(book: Book, nodes: Sequence[BookNode], orders: Sequence[BookOrder]) -> Scales:
    """The scales of the round of `nodes` and `orders` of a book."""
    wants = [task.requirements for order in orders for task in order.tasks if task.requirements is not None]
    needed = {label for want in wants for label in want.labels}
    emitted = (carbon_of(node) for node in nodes)
    return Scales(
        regions={region: number for number, region in enumerate(_regions(nodes))},
        labels=label_bits(nodes, needed),
        ways=Ways(book.paths, book.home),
        dirtiest=max((carbon for carbon in emitted if carbon is not None), default=0),
    )


def label_bits(nodes: Sequence[BookNode], needed: Collection[Label] | None = None) -> dict[Label, int]:
    """The bits of the labels that most nodes have, so that few nodes crowd nobody's out.

    None: all are needed.
    """
    counted = Counter(label for node in nodes for label in set(labels_of(node)))
    wanted = counted.keys() if needed is None else counted.keys() & needed
    most = sorted(wanted, key=lambda label: (-counted[label], label))[:LABELS_MAXIMUM]
    return {label: bit for bit, label in enumerate(sorted(most))}


def carbon_of(node: BookNode) -> int | None:
    """Micrograms of CO2e per gigafuel, rounded up: grid intensity x watts x seconds. None: not stated."""
    grams, speed = carbon_intensity_of(node), speed_of(node)
    watts = None if node.offering is None else node.offering.watts_per_slot
    if grams is None or watts is None or not speed:
        return None
    micrograms = grams * watts * FUEL_PER_GIGAFUEL * MICROGRAMS_PER_GRAM
    return min(-(-micrograms // (speed * WATT_SECONDS_PER_KILOWATT_HOUR)), CARBON_MAXIMUM)


def _regions(nodes: Sequence[BookNode]) -> list[Region]:
    counted = Counter(region for node in nodes if (region := region_of(node)) is not None)
    most = sorted(counted, key=lambda region: (-counted[region], region))
    return sorted(most[:REGIONS_MAXIMUM])
