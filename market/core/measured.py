"""From what single nodes measured to the ways of a round: medians by owner, then by region. Pure.

A report is one node's word; the upper median over the owners of a region lets no one owner move a way.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from suanli.protocol.book import BookPath
from suanli.protocol.values import Address, Region
from suanli.protocol.wire.network import NetworkReport

PATHS_MAXIMUM = 4096


@dataclass(frozen=True, slots=True)
class Measured:
    """One node's report, and whose node it is."""

    owner: Address
    report: NetworkReport


def paths_of(reports: Iterable[Measured]) -> tuple[BookPath, ...]:
    """The ways between regions that the reports amount to, in their order."""
    found: dict[tuple[Region, Region], dict[Address, list[tuple[int, int]]]] = defaultdict(dict)
    for one in reports:
        for way in one.report.ways:
            figures = (way.round_trip_milliseconds, way.bytes_per_second)
            found[way.origin, one.report.region].setdefault(one.owner, []).append(figures)
    paths = (_path(origin, region, by_owner) for (origin, region), by_owner in sorted(found.items()))
    return tuple(paths)[:PATHS_MAXIMUM]


def _path(origin: Region, region: Region, by_owner: dict[Address, list[tuple[int, int]]]) -> BookPath:
    columns = [list(zip(*figures, strict=True)) for figures in by_owner.values()]
    trips = [_upper_median(column[0]) for column in columns]
    rates = [-_upper_median([-rate for rate in column[1]]) for column in columns]
    return BookPath(
        origin=origin,
        region=region,
        round_trip_milliseconds=_upper_median(trips),
        bytes_per_second=-_upper_median([-rate for rate in rates]),
    )


def _upper_median(numbers: Iterable[int]) -> int:
    """Of an even number of figures the worse one counts."""
    ranked = sorted(numbers)
    return ranked[len(ranked) // 2]
