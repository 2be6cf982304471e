"""Where a juror gets blobs by their content hash: the market and any other store that it knows.

Nothing is believed: bytes count only if they hash to their name.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import httpx

from provider_agent.blobs import BlobCache, Download
from suanli.protocol.documents import content_hash
from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

T = TypeVar("T")

DOCUMENT_BYTES = 4 << 20
"""More than any sound specification takes."""
_TIMEOUT = httpx.Timeout(10.0, read=40.0)
_CHUNK = 1 << 18


class Stores:
    """Several stores, asked in their order; `cache` keeps what came."""

    def __init__(self, stores: Sequence[Download], cache: BlobCache) -> None:
        self._stores = stores
        self.cache = cache

    async def blob(self, hash_: Hash, size: int) -> Path:
        """A file with the blob. Raises NodeError(INPUT_UNAVAILABLE | DISK_FULL)."""
        return await self._first(hash_, lambda store: self.cache.fetch(hash_, size, store))

    async def document(self, hash_: Hash) -> bytes:
        """A blob of unknown, but small size. Raises NodeError(INPUT_UNAVAILABLE | DISK_FULL)."""
        return await self._first(hash_, lambda store: self._read(hash_, store))

    async def _first(self, hash_: Hash, ask: Callable[[Download], Awaitable[T]]) -> T:
        said = []
        for store in self._stores:
            try:
                return await ask(store)
            except NodeError as error:
                if error.reason is Reason.DISK_FULL:
                    raise
                said.append(error.detail)
        detail = f"blob {hash_} is to be had nowhere: {'; '.join(said)}"
        raise NodeError(Reason.INPUT_UNAVAILABLE, detail)

    async def _read(self, hash_: Hash, store: Download) -> bytes:
        part = self.cache.path(hash_).with_suffix(".document")
        part.unlink(missing_ok=True)
        try:
            await store(hash_, part, DOCUMENT_BYTES)
            data = part.read_bytes()
        finally:
            part.unlink(missing_ok=True)
        if content_hash(data) != hash_:
            raise NodeError(Reason.INPUT_UNAVAILABLE, f"{len(data)} bytes came that are not blob {hash_}")
        return data


def open_store(place: str) -> Download:
    """A store by its URL (`URL/HASH` is a blob) or by its folder."""
    if place.startswith(("http://", "https://")):
        return lambda hash_, part, size: _from_url(f"{place.rstrip('/')}/{hash_}", part, size)
    return lambda hash_, part, size: _from_folder(Path(place) / hash_, part, size)


async def _from_url(url: str, part: Path, size: int) -> None:
    try:
        async with (
            httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=True) as http,
            http.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            with part.open("wb") as file:
                async for chunk in answer.aiter_bytes(_CHUNK):
                    if file.tell() + len(chunk) > size:
                        raise NodeError(Reason.INPUT_UNAVAILABLE, f"{url} has more than {size} bytes")
                    file.write(chunk)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NodeError(Reason.INPUT_UNAVAILABLE, f"{url}: {error!r}") from error
    except OSError as error:
        raise NodeError(Reason.DISK_FULL, f"the input cannot be kept: {error}") from error


async def _from_folder(file: Path, part: Path, size: int) -> None:
    try:
        found = file.stat().st_size
    except OSError as error:
        raise NodeError(Reason.INPUT_UNAVAILABLE, f"{file}: {error.strerror}") from error
    if found > size:
        raise NodeError(Reason.INPUT_UNAVAILABLE, f"{file} has {found} bytes, more than {size}")
    try:
        await asyncio.to_thread(shutil.copyfile, file, part)
    except OSError as error:
        raise NodeError(Reason.DISK_FULL, f"the input cannot be kept: {error}") from error
