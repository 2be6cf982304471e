"""Events of one deployment that were read from the chain before, in a file, so that no block is read twice.

Each checkpoint says: all up to this block is here, and the block had this hash. Knows nothing of chains.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

_FORMAT = 1
_TOPICS = 4
_TABLES = """
CREATE TABLE IF NOT EXISTS checkpoints (block INTEGER PRIMARY KEY, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS logs (
  block INTEGER NOT NULL, position INTEGER NOT NULL, address TEXT NOT NULL,
  topic0 BLOB, topic1 BLOB, topic2 BLOB, topic3 BLOB, data BLOB NOT NULL, PRIMARY KEY (block, position));
CREATE INDEX IF NOT EXISTS logs_by_topic ON logs (topic0, address);
"""


@dataclass(frozen=True, slots=True)
class Log:
    """A log as the chain has it: where, and its up to four topics and data as bytes."""

    block: int
    position: int
    address: Address
    topics: tuple[bytes, ...]
    data: bytes


class EventStore:
    """One file, or memory when there is none; several processes may use it."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        with self._translated():
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._database = sqlite3.connect(path or ":memory:", timeout=30, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._create()

    def _create(self) -> None:
        (found,) = self._database.execute("PRAGMA user_version").fetchone()
        if found not in (0, _FORMAT):
            raise sqlite3.DatabaseError(f"it has the unknown format {found}")
        self._database.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {_FORMAT}; COMMIT")

    def agreed(self, hash_at: Callable[[int], Hash | None]) -> int | None:
        """The highest checkpoint that the chain still has; what lies above it is forgotten.

        `hash_at` tells the chain's hash of a block, None where it has none. Every block commits to those
        before it, so the checkpoints that hold come first.
        """
        with self._translated():
            known = self._database.execute("SELECT block, hash FROM checkpoints ORDER BY block").fetchall()
        if known and hash_at(known[-1][0]) == known[-1][1]:
            return int(known[-1][0])
        low, high = 0, len(known)
        while low < high:
            middle = (low + high) // 2
            if hash_at(known[middle][0]) == known[middle][1]:
                low = middle + 1
            else:
                high = middle
        last = None if low == 0 else int(known[low - 1][0])
        if known:
            self._forget_above(-1 if last is None else last)
        return last

    def add(self, logs: Iterable[Log], block: int, hash_: Hash) -> None:
        """Keep what was read up to `block`, and that it is all."""
        rows = [(one.block, one.position, one.address, *_padded(one.topics), one.data) for one in logs]
        with self._translated(), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._database.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?)", (block, hash_))

    def find(self, address: Address, topics: Sequence[bytes | None]) -> list[Log]:
        """The logs of one address, oldest first; a topic that is None may be anything."""
        named = [(f"topic{at}", topic) for at, topic in enumerate(topics) if topic is not None]
        where = " AND ".join(["address = ?", *(f"{name} = ?" for name, _ in named)])
        query = f"SELECT * FROM logs WHERE {where} ORDER BY block, position"  # only our own names
        with self._translated():
            rows = self._database.execute(query, (address, *(topic for _, topic in named))).fetchall()
        return [_log(row) for row in rows]

    def _forget_above(self, block: int) -> None:
        with self._translated(), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute("DELETE FROM logs WHERE block > ?", (block,))
            self._database.execute("DELETE FROM checkpoints WHERE block > ?", (block,))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            detail = f"the events in {self._path} cannot be used; the file may be deleted: {error}"
            raise ClientError(Reason.SETTINGS_INVALID, detail) from error


def _padded(topics: tuple[bytes, ...]) -> tuple[bytes | None, ...]:
    return (*topics, *[None] * (_TOPICS - len(topics)))


def _log(row: Sequence[object]) -> Log:
    block, position, address, *topics, data = row
    present = tuple(bytes(topic) for topic in topics if topic is not None)  # type: ignore[call-overload]
    return Log(int(block), int(position), str(address), present, bytes(data))  # type: ignore[call-overload]
