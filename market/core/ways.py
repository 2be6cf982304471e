"""Ways between regions (算力感知): how far a node's region is from where a task's data lie. Pure.

What nobody has measured is never taken for near: it counts like the worst that was measured from there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from suanli.protocol.book import BookPath
from suanli.protocol.requirements import Worth
from suanli.protocol.values import Region


@dataclass(frozen=True, slots=True)
class Way:
    """From an origin to a region: milliseconds there and back, bytes per second (0: nothing to move)."""

    milliseconds: int
    bytes_per_second: int
    is_measured: bool

    def cost(self, worth: Worth, size: int) -> int:
        """What the way and moving `size` bytes along it are worth, in micro-atoms."""
        latency = worth.micro_atoms_per_latency_millisecond * self.milliseconds
        if not self.bytes_per_second:
            return latency
        return latency - (-worth.micro_atoms_per_transfer_second * size // self.bytes_per_second)


HERE = Way(0, 0, True)
"""Within one region, as long as nobody has measured it otherwise."""


class Ways:
    """The measured ways of a book; `home` is where a task's data lie that names no origin."""

    def __init__(self, paths: Iterable[BookPath], home: Region | None) -> None:
        self._home = home
        self._measured: dict[tuple[Region, Region], Way] = {}
        for path in sorted(paths, key=lambda path: (path.origin, path.region, path.round_trip_milliseconds)):
            way = Way(path.round_trip_milliseconds, path.bytes_per_second, True)
            self._measured.setdefault((path.origin, path.region), way)
        self._worst: dict[Region, Way] = {}
        for (origin, _), way in self._measured.items():
            worst = self._worst.get(origin, way)
            self._worst[origin] = Way(
                max(worst.milliseconds, way.milliseconds),
                min(worst.bytes_per_second, way.bytes_per_second),
                False,
            )

    def to(self, origin: Region | None, region: Region | None) -> Way:
        """The way from `origin` (else home) to a node's region."""
        start = origin or self._home
        if start is None:
            return Way(0, 0, False)
        if region is not None and (start, region) in self._measured:
            return self._measured[start, region]
        return HERE if start == region else self._worst.get(start, Way(0, 0, False))
