"""How far regions are from where a task's data lie, by the ways that a book has (docs/rounds.md). Pure."""

from dataclasses import dataclass
from functools import cached_property

from suanli.audit.clearing.scale import WAY_COST
from suanli.protocol.arrays import FORBIDDEN
from suanli.protocol.book import Book, BookPath
from suanli.protocol.requirements import Requirements
from suanli.protocol.values import Region


@dataclass(frozen=True, slots=True)
class Distance:
    """Milliseconds there and back, and bytes per second, where 0 means that moving takes no time."""

    milliseconds: int = 0
    bytes_per_second: int = 0
    measured: bool = False


@dataclass(frozen=True)
class Distances:
    """The ways of a book."""

    book: Book

    @cached_property
    def _by_origin(self) -> dict[Region, dict[Region, BookPath]]:
        found: dict[Region, dict[Region, BookPath]] = {}
        for path in self.book.paths:
            known = found.setdefault(path.origin, {})
            quicker = path.region not in known or (
                path.round_trip_milliseconds < known[path.region].round_trip_milliseconds
            )
            if quicker:
                known[path.region] = path
        return found

    def between(self, origin: Region | None, region: Region | None) -> Distance:
        """As measured; within one region nothing; else as far as the farthest measured from that origin."""
        start = self.book.home if origin is None else origin
        if start is None:
            return Distance()
        known = self._by_origin.get(start, {})
        if region is not None and region in known:
            path = known[region]
            return Distance(path.round_trip_milliseconds, path.bytes_per_second, True)
        if region == start:
            return Distance(measured=True)
        return Distance(
            max((path.round_trip_milliseconds for path in known.values()), default=0),
            min((path.bytes_per_second for path in known.values()), default=0),
        )

    def cost(self, wanted: Requirements, size: int, region: Region | None) -> int:
        """What it costs a task to run there, its `size` bytes moved, in micro-atoms; or FORBIDDEN."""
        distance, most = self.between(wanted.origin, region), wanted.maximum_latency_milliseconds
        if wanted.regions and region not in wanted.regions:
            return int(FORBIDDEN)
        if most is not None and not (distance.measured and distance.milliseconds <= most):
            return int(FORBIDDEN)
        cost = wanted.worth.micro_atoms_per_latency_millisecond * distance.milliseconds
        if distance.bytes_per_second:
            worth = wanted.worth.micro_atoms_per_transfer_second * size
            cost += -(-worth // distance.bytes_per_second)
        return min(cost, WAY_COST)
