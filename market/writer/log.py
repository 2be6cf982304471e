"""The log of one writer: a connection of its own that holds the lead, and appends while its term lasts.

Every commit is one statement that checks the term; what it says of another term or clearing is never
retried here.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Self

import psycopg
from sqlalchemy import URL

from market.core.holds import Entry, Holds, Kind, replayed, restored
from market.db import leader
from market.db.queries import decisions
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason

ROLE = "writer"
_CONNECT_SECONDS = 5


class Written(Enum):
    """What came of a commit."""

    DONE = auto()
    OCCUPIED = auto()
    """A clearing took slots that this writer has not seen: nothing was written."""
    DEPOSED = auto()
    """The term is another's: nothing was written, and nothing ever will be."""


@dataclass(slots=True)
class Log:
    """`term`, `number` (of the last entry), `at` (ms) and `occupied` are what this writer goes on from."""

    connection: psycopg.AsyncConnection[Any]
    term: int = 0
    number: int = 0
    at: int = 0
    occupied: int = 0

    @classmethod
    async def connect(cls, url: URL) -> Self:
        """A log that nobody leads yet. Raises psycopg.OperationalError."""
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await psycopg.AsyncConnection.connect(
            plain, autocommit=True, connect_timeout=_CONNECT_SECONDS
        )
        connection.prepare_threshold = 2
        return cls(connection)

    async def lead(self) -> bool:
        """Takes the lead if nobody has it; it ends with the connection."""
        row = await self._row(leader.TRY, {"namespace": leader.NAMESPACE, "key": leader.key(ROLE)})
        return bool(row[0])

    async def begin(self, url: str) -> None:
        """Begins a term: whoever wrote before can write no more."""
        self.term, self.number, self.at, self.occupied = await self._row(decisions.BEGIN_TERM, {"url": url})

    async def position(self) -> tuple[int, int, int, int]:
        """Term, number, time and clearings as the database has them now."""
        term, number, at, occupied = await self._row(decisions.POSITION, {})
        return term, number, at, occupied

    async def recovered(self) -> Holds:
        """What the log adds up to. Raises MarketError(INTERNAL) where it does not add up."""
        holds = await self._from_snapshot()
        rows = await self.connection.execute(decisions.TAIL, {"number": holds.number})
        names = ("number", "at", *decisions.COLUMNS)
        entries = [Entry(**_entry(dict(zip(names, row, strict=True)))) async for row in rows]
        try:
            replayed(holds, entries, self.at)
        except (ValueError, KeyError) as error:
            raise MarketError(Reason.INTERNAL, f"the log of decisions does not add up: {error}") from error
        if holds.number != self.number:
            detail = f"the log of decisions ends at {holds.number}, not at {self.number}"
            raise MarketError(Reason.INTERNAL, detail)
        return holds

    async def append(self, entries: Sequence[Entry], at: int) -> Written:
        """Commits entries, and the time. Raises psycopg.Error when nobody knows whether it did."""
        takes = all(entry.kind in (Kind.TAKEN, Kind.DECLINED) for entry in entries)
        statement = decisions.APPEND if takes else decisions.APPEND_CLAIMS
        values: dict[str, Any] = {
            "count": len(entries),
            "at": at,
            "term": self.term,
            "before": self.number,
            "occupied": self.occupied,
        }
        if entries:
            values |= decisions.lists_of(entries)
        led = await self._row(statement if entries else decisions.ADVANCE, values)
        if not led[0]:
            return await self._why_not()
        self.number += len(entries)
        self.at = max(self.at, at)
        return Written.DONE

    async def answers(self, first: int, count: int) -> list[str]:
        """What was said about `count` entries from `first` on."""
        cursor = await self.connection.execute(decisions.ANSWERS, {"first": first, "last": first + count - 1})
        return [row[0] async for row in cursor]

    async def keep_snapshot(self, holds: Holds) -> None:
        """Keeps what the log adds up to now; older snapshots go."""
        state = json.dumps(holds.state())
        values = {"number": holds.number, "digest": holds.digest(), "state": state, "term": self.term}
        await self.connection.execute(decisions.KEEP_SNAPSHOT, values)

    async def close(self) -> None:
        """Gives the lead up."""
        await self.connection.close()

    async def _from_snapshot(self) -> Holds:
        cursor = await self.connection.execute(decisions.SNAPSHOT)
        row = await cursor.fetchone()
        if row is None:
            return Holds()
        holds = restored(row[2])
        if holds.digest() != row[1]:
            raise MarketError(Reason.INTERNAL, f"the snapshot of decision {row[0]} is not what it was")
        return holds

    async def _why_not(self) -> Written:
        term, number, _, occupied = await self.position()
        if term == self.term and number == self.number and occupied != self.occupied:
            return Written.OCCUPIED
        return Written.DEPOSED

    async def _row(self, statement: str, values: dict[str, Any]) -> tuple[Any, ...]:
        cursor = await self.connection.execute(statement, values)
        row = await cursor.fetchone()
        if row is None:
            raise MarketError(Reason.INTERNAL, "the database has no row of the writer")
        return tuple(row)


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"kind": Kind(row["kind"]), "body": None}
