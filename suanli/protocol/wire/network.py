"""The network (算力感知): whom agents measure their way to, and what they measured."""

from typing import Annotated

from pydantic import Field

from suanli.protocol.values import Region, Uint32, Uint64
from suanli.protocol.wire.common import Wire

PROBE_BYTES_MAXIMUM = 4 << 20


class Probe(Wire):
    """Where the way to a region is measured: GET on `url` gives `bytes` bytes that cannot be compressed.

    HEAD on it gives none, for the round trip. Whoever stands in the region may serve it.
    """

    region: Region
    url: Annotated[str, Field(pattern="^https?://", max_length=512)]
    bytes: Annotated[int, Field(ge=1, le=PROBE_BYTES_MAXIMUM)]


class Regions(Wire):
    """`GET /regions`: one probe for each region that has one; `home` is the region of the market's store."""

    home: Region | None
    probes: list[Probe]


class Way(Wire):
    """From a probe's region to the node: the medians of its round trips and of its downloads."""

    origin: Region
    round_trip_milliseconds: Uint32
    """Rounded up, so that a limit is never met by rounding."""
    bytes_per_second: Annotated[Uint64, Field(ge=1)]
    samples: Annotated[int, Field(ge=1, le=100)]


class NetworkReport(Wire):
    """`POST /nodes/{node}/network`, every few minutes and at once when a way has changed much.

    `region` is the node's own, of its offering. Nobody has checked what a node measures: the market takes
    the median over the region's nodes, of different owners.
    """

    region: Region
    ways: Annotated[list[Way], Field(min_length=1, max_length=64)]
