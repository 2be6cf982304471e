"""The cache of modules and inputs by content hash: verified before use, bounded, oldest use first out."""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from provider_agent.disk import drop_oldest
from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

CACHE_BYTES = 4 << 30
_CHUNK = 1 << 20
_PART = ".part"

Download = Callable[[Hash, Path, int], Awaitable[None]]
"""Completes the partial file of a blob that has at most so many bytes; it may start with what is there."""


class BlobCache:
    """Blobs as files in one folder, named by hash."""

    def __init__(self, folder: Path, limit: int = CACHE_BYTES) -> None:
        self._folder = folder
        self._limit = limit
        self._in_use = Counter[Hash]()
        self._locks: dict[Hash, asyncio.Lock] = {}

    def path(self, hash_: Hash) -> Path:
        """Where the blob lies when it is here."""
        return self._folder / hash_

    async def fetch(self, hash_: Hash, size: int, download: Download) -> Path:
        """The blob, downloaded when it is not here. Raises NodeError(INPUT_UNAVAILABLE | DISK_FULL)."""
        async with self._locks.setdefault(hash_, asyncio.Lock()):
            path = self.path(hash_)
            if path.exists() and path.stat().st_size == size:
                os.utime(path)
                return path
            part = path.with_name(path.name + _PART)
            await download(hash_, part, size)
            await asyncio.to_thread(_verify, part, hash_, size)
            part.replace(path)
            drop_oldest(self._folder, self._limit, None, self._is_needed)
            return path

    @contextmanager
    def in_use(self, hashes: Iterable[Hash]) -> Iterator[None]:
        """Keeps blobs from being dropped."""
        held = list(hashes)
        self._in_use.update(held)
        try:
            yield
        finally:
            self._in_use.subtract(held)

    def _is_needed(self, path: Path) -> bool:
        return path.suffix == _PART or self._in_use[path.name] > 0


def hash_file(path: Path) -> Hash:
    """A file's content hash."""
    with path.open("rb") as file:
        return "0x" + hashlib.file_digest(file, "sha256").hexdigest()


def _verify(part: Path, hash_: Hash, size: int) -> None:
    found = part.stat().st_size
    if found != size or hash_file(part) != hash_:
        part.unlink()
        detail = f"blob {hash_} is not what the task names: {found} bytes came, {size} were announced"
        raise NodeError(Reason.INPUT_UNAVAILABLE, detail)
