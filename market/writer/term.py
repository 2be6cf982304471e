"""One term of the single writer: works are decided in memory, group by group, and answered after the commit.

Nothing is read from the database to decide. Where a commit fails the term is over: memory is thrown away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from market.core.holds import Entry, Request
from market.core.spot.desk import Desk, copies_of
from market.writer.clock import Clock
from market.writer.log import Log, Written
from market.writer.works import Claim, Pass, Release, Stand, Take, Unclaim, Work, fail, tell
from suanli.protocol.errors import MarketError, SuanliError
from suanli.protocol.reasons import Reason


class TermOver(Exception):
    """Another process writes now, or the database cannot be reached: this one must begin again."""


@dataclass(slots=True)
class _Group:
    """What one commit is about: takes are applied already, `others` only once they are committed."""

    takes: list[tuple[Take, list[Entry]]] = field(default_factory=list)
    others: list[tuple[Work, list[Entry]]] = field(default_factory=list)
    repeats: list[tuple[Take, Request]] = field(default_factory=list)

    def taken(self) -> list[Entry]:
        """The entries of all takes, by number."""
        return [entry for _, entries in self.takes for entry in entries]

    def changed(self, after: int) -> list[Entry]:
        """The entries of all others, numbered from `after` on."""
        entries = [entry for _, entries in self.others for entry in entries]
        return [entry._replace(number=after + place) for place, entry in enumerate(entries, start=1)]


@dataclass(slots=True)
class Term:
    """A desk, the log it writes to, and its clock."""

    desk: Desk
    log: Log
    clock: Clock
    occupied: int = -1
    """The clearings that the floor has seen."""

    async def do(self, works: Sequence[Work]) -> list[Work]:
        """Decides, commits and answers; returns those that need a floor that knows the last clearing.

        A `Stand` comes alone: takes beside it would be decided on the floor before. Raises TermOver;
        whoever waits
        has been told then.
        """
        try:
            return await self._do(works)
        except TermOver:
            fail(
                works,
                MarketError(Reason.NOT_THE_WRITER, "the writer has changed: ask again, by the same key"),
            )
            raise
        except psycopg.Error as error:
            detail = "the decision may or may not be written: ask again, by the same key"
            fail(works, MarketError(Reason.DATABASE_UNREACHABLE, detail))
            raise TermOver(str(error)) from error
        except Exception:
            fail(
                works, MarketError(Reason.INTERNAL, "the market failed to decide: ask again, by the same key")
            )
            raise

    async def _do(self, works: Sequence[Work]) -> list[Work]:
        at = self.clock.now()
        group = self._decided(works, at)
        taken = group.taken()
        changed = group.changed(self.desk.holds.number)
        written = await self.log.append([*taken, *changed], at)
        if written is Written.OCCUPIED:
            self.desk.undo(taken)
            return [work for work in works if not work.answer.done()]
        if written is Written.DEPOSED:
            raise TermOver("another process has begun a term")
        self.desk.free(changed)
        self.desk.advance(at)
        for work in works:
            if isinstance(work, Stand):
                self.desk.stand_on(work.plan)
        await self._answer(group)
        return []

    def _decided(self, works: Sequence[Work], at: int) -> _Group:
        group = _Group()
        takes: list[Take] = []
        waiting: dict[str, int] = {}
        for work in works:
            try:
                if isinstance(work, Take):
                    self._admit(work, takes, waiting, group, at)
                else:
                    group.others.append((work, self._changes(work, at)))
            except SuanliError as error:
                fail([work], error)
        asked = [(work.account, work.request, work.digest) for work in takes]
        found = self.desk.take(asked, at) if takes else []
        group.takes += zip(takes, found, strict=True)
        return group

    def _admit(self, work: Take, takes: list[Take], waiting: dict[str, int], group: _Group, at: int) -> None:
        """Sorts a take into new ones and repeats. Raises MarketError where it may not be."""
        known = self.desk.known(work.account, work.request)
        same = [one for one in takes if (one.account, one.request.key) == (work.account, work.request.key)]
        if digests := {known.digest} if known else {one.digest for one in same}:
            if work.digest not in digests:
                detail = f"the key {work.request.key} was used for another request"
                raise MarketError(Reason.MESSAGE_REPLAYED, detail)
            if known is None:
                raise MarketError(Reason.STATE_CONFLICT, "the same request is being decided: ask again")
            self.desk.spend(work.account, known.count, at)  # told again, an answer is read and sent again
            group.repeats.append((work, known))
            return
        self.desk.check(work.account, work.request, waiting.get(work.account, 0), at)
        waiting[work.account] = waiting.get(work.account, 0) + copies_of(work.request)
        takes.append(work)

    def _changes(self, work: Work, at: int) -> list[Entry]:
        if isinstance(work, Release):
            return self.desk.release(work.account, work.holds, at)
        if isinstance(work, Claim):
            return self.desk.claim(work.account, work.job, work.holds, at)
        if isinstance(work, Unclaim):
            return self.desk.end(work.holds, at)
        if isinstance(work, Stand):
            self.log.occupied = work.occupied
            return self.desk.end(work.ended, at)
        return []

    async def _answer(self, group: _Group) -> None:
        for take, entries in group.takes:
            bodies = [entry.body or "" for entry in entries]
            tell(take.answer, _body(take, entries[0].until or 0, bodies))
        for work, entries in group.others:
            if isinstance(work, Release):
                tell(work.answer, [entry.hold or 0 for entry in entries])
            elif isinstance(work, Claim | Unclaim | Stand | Pass):
                tell(work.answer, None)
        for take, known in group.repeats:
            bodies = await self.log.answers(known.first, known.count)
            tell(take.answer, _body(take, known.until, bodies))


def _body(take: Take, until: int, bodies: Sequence[str]) -> bytes:
    head = f'{{"key":{_quoted(take.request.key)},"until":{until},"items":['
    return (head + ",".join(bodies) + "]}").encode()


def _quoted(key: str) -> str:
    """A key as JSON; it has printable ASCII characters alone."""
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
