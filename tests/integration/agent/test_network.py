"""The agent measures real HTTP probes on this machine; probes that lie or point inwards are passed over."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from provider_agent.network import is_public, measure
from suanli.protocol.errors import NodeError
from suanli.protocol.wire.network import Probe, Way

SIZE = 1 << 16


class _Handler(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(301 if self.path == "/moved" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(SIZE))
        self.end_headers()
        self.wfile.write(b"x" * SIZE)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def way_of(url: str, size: int = SIZE) -> Way:
    async def look() -> Way:
        async with httpx.AsyncClient(timeout=5) as http:
            return await measure(http, Probe(region="eu", url=url, bytes=size))

    return asyncio.run(look())


def test_a_probe_is_measured(server: str) -> None:
    way = way_of(f"{server}/")
    assert (way.origin, way.samples) == ("eu", 3)
    assert way.round_trip_milliseconds >= 1
    assert way.bytes_per_second > SIZE / 5


@pytest.mark.parametrize(
    ("path", "size"), [("/", SIZE - 1), ("/", SIZE + 1), ("/moved", SIZE)], ids=["longer", "shorter", "moved"]
)
def test_a_probe_that_is_not_as_announced_is_no_measurement(server: str, path: str, size: int) -> None:
    with pytest.raises(NodeError, match="MARKET_UNREACHABLE"):
        way_of(server + path, size)


def test_a_silent_probe_is_no_measurement() -> None:
    with pytest.raises(NodeError, match="MARKET_UNREACHABLE"):
        way_of("http://127.0.0.1:1/")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:8080/",
        "http://192.168.1.1/",
        "http://10.0.0.1/admin",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://nowhere.invalid/",
    ],
)
def test_no_market_makes_a_node_knock_at_its_owners_network(url: str) -> None:
    assert not asyncio.run(is_public(url))


def test_a_public_address_may_be_measured() -> None:
    assert asyncio.run(is_public("https://1.1.1.1/"))
