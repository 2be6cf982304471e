"""Inputs are verified before use, resumed when cut off, bounded, and trusted no further than their hash."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from provider_agent.blobs import BlobCache
from suanli.protocol.documents import content_hash
from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason

DATA = b"the buyer's input"
HASH = content_hash(DATA)


Download = Callable[[str, Path, int], Awaitable[None]]


def source(data: bytes, cut: int | None = None) -> Download:
    """A market that sends `data`, and only up to `cut` the first time."""
    calls = 0

    async def download(hash_: str, part: Path, size: int) -> None:
        nonlocal calls
        calls += 1
        have = part.stat().st_size if part.exists() else 0
        until = cut if calls == 1 and cut is not None else len(data)
        with part.open("ab") as file:
            file.write(data[have:until])
        if until < len(data):
            raise NodeError(Reason.MARKET_UNREACHABLE, "cut off")

    return download


def fetch(
    cache: BlobCache, download: Callable[[str, Path, int], Awaitable[None]], size: int = len(DATA)
) -> Path:
    return asyncio.run(cache.fetch(HASH, size, download))


def test_a_blob_is_fetched_once(tmp_path: Path) -> None:
    cache = BlobCache(tmp_path)
    path = fetch(cache, source(DATA))
    assert path.read_bytes() == DATA
    assert fetch(cache, source(b"")) == path


def test_a_download_that_was_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    cache, download = BlobCache(tmp_path), source(DATA, cut=5)
    with pytest.raises(NodeError, match="cut off"):
        fetch(cache, download)
    assert not cache.path(HASH).exists()
    assert fetch(cache, download).read_bytes() == DATA


@pytest.mark.parametrize("data", [b"something else...", DATA[:-1], DATA + b"!"])
def test_bytes_that_are_not_the_blob_are_refused_and_dropped(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NodeError, match="INPUT_UNAVAILABLE"):
        fetch(BlobCache(tmp_path), source(data))
    assert list(tmp_path.iterdir()) == []


def test_a_blob_whose_size_was_announced_wrongly_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="INPUT_UNAVAILABLE"):
        fetch(BlobCache(tmp_path), source(DATA), size=3)


def test_the_cache_drops_what_was_not_used_for_longest_but_nothing_in_use(tmp_path: Path) -> None:
    cache = BlobCache(tmp_path, limit=25)
    blobs = [bytes([number]) * 10 for number in range(4)]
    hashes = [content_hash(data) for data in blobs]

    async def scene() -> None:
        with cache.in_use([hashes[0]]):
            for age, (hash_, data) in enumerate(zip(hashes, blobs, strict=True)):
                path = await cache.fetch(hash_, 10, source(data))
                os.utime(path, (age, age))

    asyncio.run(scene())
    assert {path.name for path in tmp_path.iterdir()} == {hashes[0], hashes[3]}


def test_two_tasks_that_want_one_blob_fetch_it_once(tmp_path: Path) -> None:
    cache, calls = BlobCache(tmp_path), 0

    async def slow(hash_: str, part: Path, size: int) -> None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.05)
        part.write_bytes(DATA)

    async def scene() -> None:
        await asyncio.gather(*(cache.fetch(HASH, len(DATA), slow) for _ in range(3)))

    asyncio.run(scene())
    assert calls == 1
