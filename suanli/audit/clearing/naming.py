"""What a round's columns count by: the numbers of regions and owners, the bits of labels. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from suanli.protocol.book import BookNode, BookOrder, BookTask
from suanli.protocol.requirements import Requirements
from suanli.protocol.values import Address, Region

MOST_REGIONS = 255
MOST_LABELS = 63
_ANYTHING = Requirements()


@dataclass(frozen=True, slots=True)
class Numbers:
    """`regions` by name; any other region, and none, has the number after the last. `labels` are bits."""

    regions: list[Region]
    labels: dict[str, int]
    owners: dict[Address, int]
    nodes: dict[Address, int]

    def region(self, region: Region | None) -> int:
        """The number of a region."""
        return self.regions.index(region) if region in self.regions else len(self.regions)


def numbers_of(nodes: Sequence[BookNode], orders: Sequence[BookOrder]) -> Numbers:
    """The numbers of a round: regions that most nodes are in, labels that one has and another needs."""
    counts = Counter(region for node in nodes if (region := region_of(node)) is not None)
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_REGIONS]
    needed = {label for order in orders for task in order.tasks for label in wanted(task).labels}
    had = Counter(label for node in nodes if node.offering for label in set(node.offering.labels))
    common = sorted((-count, label) for label, count in had.items() if label in needed)[:MOST_LABELS]
    return Numbers(
        regions=sorted(region for region, _ in most),
        labels={label: 1 << bit for bit, label in enumerate(sorted(label for _, label in common))},
        owners={owner: at for at, owner in enumerate(sorted({node.owner for node in nodes}))},
        nodes={node.node: at for at, node in enumerate(nodes)},
    )


def wanted(task: BookTask) -> Requirements:
    """A task's requirements; who states none wants nothing."""
    return task.requirements or _ANYTHING


def region_of(node: BookNode) -> Region | None:
    """Where a node says that it is."""
    return node.offering.region if node.offering else None
