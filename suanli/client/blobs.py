"""Moves files to and from the market by content hash: in parallel, resumable, checked on arrival.

A file that the market already has is not sent again; a broken download goes on where it ended.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from suanli.client.connection import Connection
from suanli.client.job_folder import hash_file
from suanli.protocol.documents import content_hash
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

WORKERS = 4
_CHUNK = 1 << 20
_ATTEMPTS = 4
_PARTIAL_CONTENT = 206

Item = TypeVar("Item")
Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all; from several threads, one at a time."""


@dataclass(frozen=True, slots=True)
class Download:
    """A blob and the file that it becomes."""

    hash: Hash
    size: int
    target: Path


class Blobs:
    """The market's content-addressed store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, hash_: Hash, most: int) -> bytes:
        """A small blob in memory. Raises ClientError(HASH_MISMATCH | BODY_TOO_LARGE)."""
        data = b""
        with self._connection.stream(_path(hash_)) as response:
            for chunk in response.iter_bytes(_CHUNK):
                data += chunk
                if len(data) > most:
                    raise ClientError(Reason.BODY_TOO_LARGE, f"{hash_} is larger than {most} bytes")
        if content_hash(data) != hash_:
            raise _mismatch(hash_, content_hash(data))
        return data

    def upload_all(self, files: Mapping[Hash, Path], progress: Progress | None = None) -> None:
        """Bring every file to the market. Raises MarketError(HASH_MISMATCH) when one has changed."""
        counter = _Counter(sum(path.stat().st_size for path in files.values()), progress)
        _in_parallel(lambda pair: self._upload(pair[0], pair[1], counter), list(files.items()))

    def download_all(self, downloads: list[Download], parts: Path, progress: Progress | None = None) -> None:
        """Bring every blob here; `parts` is a folder for unfinished ones, on the same disk as the targets.

        Raises ClientError(HASH_MISMATCH) when one is not what its name says.
        """
        counter = _Counter(sum(one.size for one in downloads), progress)
        parts.mkdir(parents=True, exist_ok=True)
        try:
            _in_parallel(lambda one: self._download(one, parts / _part_name(one), counter), downloads)
        finally:
            with suppress(OSError):  # what is unfinished stays for the next attempt
                parts.rmdir()

    def _upload(self, hash_: Hash, path: Path, counter: "_Counter") -> None:
        size = path.stat().st_size
        if not self._connection.exists(_path(hash_)):
            self._connection.put(_path(hash_), lambda: _chunks(path), size)
        counter.add(size)

    def _download(self, one: Download, part: Path, counter: "_Counter") -> None:
        if not (one.target.is_file() and hash_file(one.target) == (one.hash, one.size)):
            one.target.parent.mkdir(parents=True, exist_ok=True)
            self._fetch(one, part)
            part.replace(one.target)
        counter.add(one.size)

    def _fetch(self, one: Download, part: Path) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._append(one, part)
            except ClientError as error:
                if error.reason is not Reason.MARKET_UNREACHABLE or attempt == _ATTEMPTS:
                    raise
                continue
            found, size = hash_file(part)
            if (found, size) == (one.hash, one.size):
                return
            part.unlink()
            if attempt == _ATTEMPTS:
                raise _mismatch(one.hash, found)

    def _append(self, one: Download, part: Path) -> None:
        have = part.stat().st_size if part.exists() else 0
        if have and have >= one.size:
            return
        with self._connection.stream(_path(one.hash), offset=have) as response:
            goes_on = response.status_code == _PARTIAL_CONTENT
            with part.open("ab" if goes_on else "wb") as target:
                _copy_bounded(response, target.write, one.size - (have if goes_on else 0), one.hash)


class _Counter:
    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._done, self._progress = total, 0, progress
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            if self._progress is not None:
                self._progress(self._done, self._total)


def _in_parallel(work: Callable[[Item], None], items: list[Item]) -> None:
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="blobs") as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in futures:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _copy_bounded(response: httpx.Response, write: Callable[[bytes], object], most: int, hash_: Hash) -> None:
    for chunk in response.iter_bytes(_CHUNK):
        most -= len(chunk)
        if most < 0:
            raise ClientError(Reason.HASH_MISMATCH, f"the market sends more for {hash_} than its size says")
        write(chunk)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _part_name(one: Download) -> str:
    """Of this content for this target alone: another output's name cannot be the same."""
    return content_hash(f"{one.hash} {one.target}".encode()).removeprefix("0x")


def _path(hash_: Hash) -> str:
    return f"/blobs/{hash_}"


def _mismatch(expected: Hash, found: Hash) -> ClientError:
    return ClientError(Reason.HASH_MISMATCH, f"content {found} came for {expected}")
