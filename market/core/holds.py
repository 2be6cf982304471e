"""The state that the log of decisions adds up to: what is held by whom until when. Pure.

Entries go in, in the order of their numbers; the same entries always give the same state and digest.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

KEY_MILLISECONDS = 600_000
"""For so long after its holds have ended, a request's key gets the same answer again."""


class Kind(StrEnum):
    """What an entry of the log says."""

    TAKEN = "TAKEN"
    """A copy is held at a node."""
    DECLINED = "DECLINED"
    """No node may have the copy."""
    CLAIMED = "CLAIMED"
    """An order names a hold, which no longer ends by time."""
    FREED = "FREED"
    """A hold has ended before its time, or a claimed one is served or void."""


class Entry(NamedTuple):
    """One decision. `number` has no gaps; times are milliseconds since the epoch.

    `key` and `first` belong to the request that an entry is part of, whose first entry also carries the
    `request`'s hash; `hold` is the number of the entry that
    this one is about. `body` is what the caller was told, as JSON.
    """

    number: int
    at: int
    kind: Kind
    account: str
    key: str | None = None
    first: int | None = None
    request: str | None = None
    node: str | None = None
    until: int | None = None
    hold: int | None = None
    job: str | None = None
    task: int | None = None
    body: str | None = None


class Hold(NamedTuple):
    """An open hold: one slot of a node. `job` names the order that claimed it."""

    account: str
    node: str
    until: int
    job: str | None = None
    task: int | None = None


@dataclass(slots=True)
class Request:
    """A request that was decided: its entries are `first` to `first + count - 1`."""

    digest: str
    first: int
    count: int
    until: int


@dataclass(slots=True)
class Holds:
    """All that a writer must remember of the log. `number` and `at` are those of the last entry."""

    number: int = 0
    at: int = 0
    open: dict[int, Hold] = field(default_factory=dict)
    requests: dict[tuple[str, str], Request] = field(default_factory=dict)
    reserved: Counter[str] = field(default_factory=Counter)
    by_account: Counter[str] = field(default_factory=Counter)
    _ending: dict[int, list[int]] = field(default_factory=dict)
    _forgetting: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def apply(self, entry: Entry) -> None:
        """Takes one entry in. Raises ValueError where the log has a gap: nothing may be decided on it."""
        if entry.number != self.number + 1:
            raise ValueError(f"entry {entry.number} of the log follows {self.number}")
        self.number = entry.number
        self.at = max(self.at, entry.at)
        if entry.kind is Kind.TAKEN:
            self._hold(entry.number, Hold(entry.account, entry.node or "", entry.until or 0))
        elif entry.kind is Kind.CLAIMED:
            self._claim(entry)
        elif entry.kind is Kind.FREED:
            self._end(entry.hold or 0)
        if entry.first is not None:
            self._note_request(entry)

    def revert(self, entries: Sequence[Entry]) -> None:
        """Takes the last entries out again, all of them takes that were never committed."""
        for entry in reversed(entries):
            if entry.number != self.number or entry.kind not in (Kind.TAKEN, Kind.DECLINED):
                raise ValueError(f"entry {entry.number} of the log cannot be taken out")
            self._end(entry.number)
            self.requests.pop((entry.account, entry.key or ""), None)
            self.number -= 1

    def advance(self, at: int) -> list[str]:
        """Lets time pass to `at`: the nodes of the holds that have ended, one for each slot."""
        self.at = max(self.at, at)
        freed = []
        for number in self._due(self._ending):
            hold = self.open.get(number)
            if hold is not None and hold.job is None and hold.until <= self.at:
                self._end(number)
                freed.append(hold.node)
        for name in self._due(self._forgetting):
            request = self.requests.get(name)
            if request is not None and request.until + KEY_MILLISECONDS <= self.at:
                del self.requests[name]
        return freed

    def copy(self) -> "Holds":
        """The state as it is now, for who wants to keep it while this one goes on."""
        requests = {name: replace(request) for name, request in self.requests.items()}
        return Holds(self.number, self.at, dict(self.open), requests)

    def next_due(self) -> int | None:
        """When time alone next ends something, at the latest."""
        return min((*self._ending, *self._forgetting), default=None)

    def state(self) -> dict[str, Any]:
        """The whole state as JSON values, in one order; `restored` makes the same state of it."""
        return {
            "number": self.number,
            "at": self.at,
            "open": [[number, *hold] for number, hold in sorted(self.open.items())],
            "requests": [
                [*name, request.digest, request.first, request.count, request.until]
                for name, request in sorted(self.requests.items())
            ],
        }

    def digest(self) -> str:
        """SHA-256 of the state: equal for a writer that never died and one that replayed its log."""
        return hashlib.sha256(json.dumps(self.state(), separators=(",", ":")).encode()).hexdigest()

    def _due(self, index: dict[int, list[Any]]) -> Iterator[Any]:
        for second in sorted(second for second in index if second <= self.at):
            yield from index.pop(second)

    def _hold(self, number: int, hold: Hold) -> None:
        self.open[number] = hold
        self.reserved[hold.node] += 1
        self.by_account[hold.account] += 1
        if hold.job is None:
            self._ending.setdefault(_bucket(hold.until), []).append(number)

    def _claim(self, entry: Entry) -> None:
        hold = self.open[entry.hold or 0]
        self.open[entry.hold or 0] = hold._replace(job=entry.job, task=entry.task)

    def _end(self, number: int) -> None:
        hold = self.open.pop(number, None)
        if hold is None:
            return
        for counter, name in ((self.reserved, hold.node), (self.by_account, hold.account)):
            counter[name] -= 1
            if not counter[name]:
                del counter[name]

    def _note_request(self, entry: Entry) -> None:
        name, first = (entry.account, entry.key or ""), entry.first or 0
        request = self.requests.get(name)
        if request is None or request.first != first:
            until = entry.until or entry.at
            self.requests[name] = Request(entry.request or "", first, 1, until)
            self._forgetting.setdefault(_bucket(until + KEY_MILLISECONDS), []).append(name)
        else:
            request.count += 1


def restored(state: dict[str, Any]) -> Holds:
    """The `Holds` whose `state()` this is."""
    holds = Holds(number=state["number"], at=state["at"])
    for number, *hold in state["open"]:
        holds._hold(number, Hold(*hold))
    for account, key, digest, first, count, until in state["requests"]:
        holds.requests[account, key] = Request(digest, first, count, until)
        holds._forgetting.setdefault(_bucket(until + KEY_MILLISECONDS), []).append((account, key))
    return holds


def replayed(holds: Holds, entries: Iterable[Entry], at: int) -> Holds:
    """`holds` after these entries, at the time that the log has reached."""
    for entry in entries:
        holds.apply(entry)
    holds.advance(at)
    return holds


def _bucket(milliseconds: int) -> int:
    """Endings are looked for second by second: what ends within one ends with it."""
    return -(-milliseconds // 1000) * 1000
