"""Blobs in and out, pages of lists, limits on requests, identifiers, long polls."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from market.api.app import create_app
from suanli.protocol.documents import content_hash
from suanli.protocol.wire.nodes import Assignment
from tests.integration.market.stage import BUYER, Provider, Stage, key, make_runtime

DATA = bytes(range(256)) * 10
BLOB = content_hash(DATA)


def files_in(stage: Stage) -> list[Path]:
    """What lies in the blob folder."""
    return [path for path in stage.runtime.settings.blob_path.rglob("*") if path.is_file()]


def test_a_blob_comes_back_as_it_went_in(stage: Stage) -> None:
    assert stage.call("HEAD", f"/blobs/{BLOB}", BUYER).status_code == 404
    assert stage.call("PUT", f"/blobs/{BLOB}", BUYER, content=DATA).status_code == 204
    assert stage.call("PUT", f"/blobs/{BLOB}", BUYER, content=DATA).status_code == 204
    head = stage.call("HEAD", f"/blobs/{BLOB}", BUYER)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(DATA)))
    assert stage.call("GET", f"/blobs/{BLOB}", key(9)).content == DATA


def test_an_empty_blob_is_a_blob(stage: Stage) -> None:
    empty = content_hash(b"")
    assert stage.call("PUT", f"/blobs/{empty}", BUYER, content=b"").status_code == 204
    answer = stage.call("GET", f"/blobs/{empty}", BUYER)
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_download_goes_on_where_it_ended(stage: Stage) -> None:
    stage.upload(DATA)
    answer = stage.call("GET", f"/blobs/{BLOB}", BUYER, headers={"Range": "bytes=1000-"})
    assert (answer.status_code, answer.content) == (206, DATA[1000:])
    assert answer.headers["content-range"] == f"bytes 1000-{len(DATA) - 1}/{len(DATA)}"
    part = stage.call("GET", f"/blobs/{BLOB}", BUYER, headers={"Range": "bytes=5-9"})
    assert part.content == DATA[5:10]


@pytest.mark.parametrize("range_", ["bytes=99999-", "bytes=-5", "bytes=9-5", "lines=1-2", "bytes=x-"])
def test_a_senseless_range_is_refused(stage: Stage, range_: str) -> None:
    stage.upload(DATA)
    answer = stage.call("GET", f"/blobs/{BLOB}", BUYER, headers={"Range": range_})
    assert answer.json()["reason"] == "MESSAGE_MALFORMED"


def test_bytes_that_hash_otherwise_leave_nothing_behind(stage: Stage) -> None:
    answer = stage.call("PUT", f"/blobs/{BLOB}", BUYER, content=DATA + b"!")
    assert (answer.status_code, answer.json()["reason"]) == (400, "HASH_MISMATCH")
    assert files_in(stage) == []


def test_an_oversized_blob_leaves_nothing_behind(stage: Stage) -> None:
    big = b"x" * 100_001

    def pieces() -> Iterator[bytes]:
        yield from (big[at : at + 10_000] for at in range(0, len(big), 10_000))

    for content in (big, pieces()):
        answer = stage.call("PUT", f"/blobs/{content_hash(big)}", BUYER, content=content)
        assert (answer.status_code, answer.json()["reason"]) == (413, "BODY_TOO_LARGE")
    assert files_in(stage) == []


@pytest.mark.parametrize("name", ["0x12", "0x" + "g" * 64, "..%2f..%2fsecret", "%2e%2e", "0x" + "1" * 65])
def test_a_blob_has_a_hash_for_a_name(stage: Stage, name: str) -> None:
    answer = stage.call("PUT", f"/blobs/{name}", BUYER, content=b"x")
    assert answer.status_code in (400, 404, 405)
    assert files_in(stage) == []


def test_lists_are_cut_into_pages_that_lose_nothing(stage: Stage) -> None:
    ordered = [stage.place() for _ in range(5)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = stage.ok("GET", "/jobs", BUYER, params={"limit": 2, **after})
        seen += [job["id"] for job in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == ordered[::-1]


def test_tasks_and_nodes_are_cut_into_pages(stage: Stage) -> None:
    job = stage.place(tasks=5)
    first = stage.ok("GET", f"/jobs/{job}/tasks", BUYER, params={"limit": 3})
    rest = stage.ok("GET", f"/jobs/{job}/tasks", BUYER, params={"limit": 3, "after": first["next"]})
    assert [task["index"] for task in (*first["items"], *rest["items"])] == list(range(5))
    assert rest["next"] is None
    nodes = sorted(stage.provider(number).key.address for number in (10, 11, 12))
    page = stage.ok("GET", "/nodes", params={"limit": 2})
    more = stage.ok("GET", "/nodes", params={"limit": 2, "after": page["next"]})
    assert [node["node"] for node in (*page["items"], *more["items"])] == nodes


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=100000", "after=x", "after=-1", "after=" + "9" * 50]
)
def test_a_senseless_page_is_refused(stage: Stage, query: str) -> None:
    answer = stage.call("GET", f"/jobs?{query}", BUYER)
    assert (answer.status_code, answer.json()["reason"]) == (400, "MESSAGE_MALFORMED")


def test_too_many_requests_are_refused_for_a_while(engine: Engine, tmp_path: Path) -> None:
    runtime = make_runtime(engine, tmp_path / "market", requests_per_minute=3)
    with TestClient(create_app(runtime), base_url=runtime.settings.origin) as client:
        answers = [client.get("/v1/health") for _ in range(8)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 2
    assert refused[0].json()["reason"] == "RATE_LIMITED"
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60


def test_a_nodes_uploads_do_not_use_up_its_heartbeats(engine: Engine, tmp_path: Path) -> None:
    runtime = make_runtime(engine, tmp_path / "market", requests_per_minute=10)
    with TestClient(create_app(runtime), base_url=runtime.settings.origin) as client:
        provider = Provider(Stage(runtime, client), key(10), key(1010))
        provider.connect()
        statuses = [provider.stage.call("GET", "/jobs", provider.key).status_code for _ in range(25)]
        assert 429 in statuses
        assert provider.beat() == []
        assert provider.start("0x" + "0" * 64).status_code == 404
        assert provider.handback("0x" + "0" * 64).status_code == 404


def test_identifiers_resolve_to_signed_facts(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    lease = provider.run_one().lease.message.id()
    (receipt,) = stage.ok("GET", "/evidence", params={"order": job})["items"]
    clearing = stage.ok("GET", "/clearings")["items"][0]["document"]
    module = stage.upload(b"\0asm\1\0\0\0")
    expected = {
        f"node:{provider.key.address}": "terms",
        f"account:{BUYER.address}": "balance",
        f"job:{job}": "order",
        f"task:{job}:0": "proof",
        f"lease:{lease}": "lease",
        f"receipt:{receipt}": "receipt",
        f"clearing:{clearing}": "sha256",
        f"function:{module}": "bytes",
        f"data:{module}": "bytes",
    }
    for urn, fact in expected.items():
        found = stage.ok("GET", f"/id/urn:suanli:31337:{urn}")
        assert fact in found["facts"], urn
        assert found["see"]


def test_an_agent_is_woken_by_a_lease(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.bearer(provider.key)
    found: list[int] = []
    waiter = threading.Thread(target=lambda: found.append(len(provider.assignments(wait=20))))
    waiter.start()
    stage.place()
    stage.clear()
    waiter.join(timeout=10)
    assert found == [1]


def test_known_leases_are_no_news(stage: Stage) -> None:
    provider = stage.provider(10, slots=2)
    stage.place()
    stage.clear()
    known = provider.assignments()[0].lease.message.id()
    found: list[int] = []

    def fetch() -> None:
        params = {"wait": 20, "known": [known]}
        found.append(len(stage.ok("GET", f"{provider.path}/leases", provider.key, params=params)["items"]))

    waiter = threading.Thread(target=fetch)
    waiter.start()
    stage.place()
    stage.clear()
    waiter.join(timeout=15)
    assert found == [2]


def test_a_market_that_ends_lets_nobody_wait(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.runtime.wakes.closed = True
    found: list[list[Assignment]] = []
    waiter = threading.Thread(target=lambda: found.append(provider.assignments(wait=20)))
    waiter.start()
    waiter.join(timeout=15)
    assert found == [[]]


def test_a_watcher_is_woken_by_an_event(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    found: list[list[dict[str, object]]] = []

    def watch() -> None:
        params = {"after": 1, "wait": 20}
        found.append(stage.ok("GET", f"/jobs/{job}/events", BUYER, params=params))

    watcher = threading.Thread(target=watch)
    watcher.start()
    stage.clear()
    watcher.join(timeout=10)
    assert found
    assert found[0][0]["number"] == 2
    assert provider.assignments()


def test_a_clearing_is_public_with_its_book(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.place()
    stage.clear()
    (one,) = stage.ok("GET", "/clearings")["items"]
    by_epoch = stage.call("GET", f"/clearings/{one['epoch']}").content
    assert content_hash(by_epoch) == one["document"]
    book = stage.call("GET", f"/clearings/{one['book']}")
    assert content_hash(book.content) == one["book"]
    assert book.json()["nodes"][0]["node"] == provider.key.address
    assert stage.call("GET", f"/clearings/{BLOB}").status_code == 404
    assert stage.call("GET", "/clearings/99").status_code == 404
