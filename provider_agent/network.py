"""Measures the ways from other regions to this machine (算力感知) and tells the market now and then.

Round trips and downloads of a few hundred KiB over HTTP; nothing is sent but the requests. What is measured
here is one node's word: the market takes the median of many.
"""

import asyncio
import ipaddress
import random
import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from urllib.parse import urlsplit

import httpx
import structlog

from provider_agent.ask import read_ask_file
from provider_agent.client import MarketClient
from provider_agent.home import Home
from provider_agent.settings import Settings
from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Region
from suanli.protocol.wire.network import NetworkReport, Probe, Way

log = structlog.get_logger()

ROUND_TRIPS = 5
DOWNLOADS = 3
MOST_PROBES = 16
_TIMEOUT_SECONDS = 10.0
_LEAST_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class Download:
    """So many bytes in so many seconds."""

    bytes: int
    seconds: float


def summarise(origin: Region, round_trips: Sequence[float], downloads: Sequence[Download]) -> Way:
    """The medians of round trips (seconds) and of downloads; one slow sample moves neither much."""
    rates = [one.bytes / max(one.seconds, _LEAST_SECONDS) for one in downloads]
    return Way(
        origin=origin,
        round_trip_milliseconds=ceil(statistics.median(round_trips) * 1000),
        bytes_per_second=max(1, int(statistics.median(rates))),
        samples=min(len(round_trips), len(rates)),
    )


async def measure(http: httpx.AsyncClient, probe: Probe) -> Way:
    """The way from one probe. Raises NodeError(MARKET_UNREACHABLE) when it does not answer as it should."""
    try:
        await _round_trip(http, probe)  # the first one opens the connection
        round_trips = [await _round_trip(http, probe) for _ in range(ROUND_TRIPS)]
        downloads = [await _download(http, probe) for _ in range(DOWNLOADS)]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        detail = f"the probe {probe.url} of {probe.region} does not answer: {error!r}"
        raise NodeError(Reason.MARKET_UNREACHABLE, detail) from error
    return summarise(probe.region, round_trips, downloads)


async def _round_trip(http: httpx.AsyncClient, probe: Probe) -> float:
    began = time.perf_counter()
    (await http.head(probe.url)).raise_for_status()
    return time.perf_counter() - began


async def _download(http: httpx.AsyncClient, probe: Probe) -> Download:
    began, size = time.perf_counter(), 0
    async with http.stream("GET", probe.url, headers={"Accept-Encoding": "identity"}) as answer:
        answer.raise_for_status()
        async for chunk in answer.aiter_raw():
            size += len(chunk)
            if size > probe.bytes:
                break
    if size != probe.bytes:
        detail = f"the probe {probe.url} gives {size} bytes or more, {probe.bytes} were announced"
        raise NodeError(Reason.MARKET_UNREACHABLE, detail)
    return Download(size, time.perf_counter() - began)


async def is_public(url: str) -> bool:
    """Whether a URL's host has public addresses only, so that no market has us knock at our own network."""
    parts = urlsplit(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError, ValueError):
        return False
    return bool(found) and all(ipaddress.ip_address(address[0]).is_global for *_, address in found)


@dataclass
class NetworkLoop:
    """One node's measurements."""

    home: Home
    settings: Settings
    node: Address
    client: MarketClient

    async def run(self) -> None:
        """Runs as long as the agent; a node that does not say where it stands measures nothing."""
        poll = self.settings.timing.network_poll
        await asyncio.sleep(random.uniform(0, min(poll, 30.0)))
        while True:
            try:
                await self.step()
            except NodeError as error:
                log.warning("network", reason=error.reason.value, detail=error.detail)
            await asyncio.sleep(poll)

    async def step(self) -> NetworkReport | None:
        """Measures every probe once and reports. Raises NodeError."""
        region = read_ask_file(self.home.ask, self.settings.deployment.token_decimals).stated.region
        if region is None:
            return None
        probes = (await self.client.regions()).probes
        ways = await self._measured(probes[:MOST_PROBES])
        if not ways:
            return None
        report = NetworkReport(region=region, ways=ways)
        await self.client.report_network(self.node, report)
        return report

    async def _measured(self, probes: Sequence[Probe]) -> list[Way]:
        ways = []
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False) as http:
            for probe in probes:
                if not self.settings.deployment.development and not await is_public(probe.url):
                    log.warning("probe refused", url=probe.url, region=probe.region)
                    continue
                try:
                    ways.append(await measure(http, probe))
                except NodeError as error:
                    log.info("probe", region=probe.region, detail=error.detail)
        return ways
