"""The writer of one process: a candidate that leads when nobody else does, and the queue of what it is asked.

All of it runs on one event loop, which is what makes it a single writer; the database only follows.
"""

import asyncio
import contextlib
import gc
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg
import structlog
from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from market.core.spot.desk import Allowance, Desk
from market.core.spot.floor import Floor, Plan, plan
from market.db.queries.floor import Seen
from market.writer.clock import Clock
from market.writer.log import Log
from market.writer.term import Term, TermOver
from market.writer.works import Claim, Pass, Release, Stand, Take, Unclaim, Work, fail, tell
from suanli.protocol.book import Book
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.quotes import TakeRequest

T = TypeVar("T")
_ELECTION_SECONDS = 0.5
_RETRY_SECONDS = 0.5
_SNAPSHOT_ENTRIES = 200_000

_GARBAGE_THRESHOLDS = (50_000, 20, 100)
"""Nodes and open holds have no cycles; looking through all of them as often as usual takes half a core."""

_log = structlog.get_logger("writer")

_LOOK_ANEW_SECONDS = 30.0
"""Reputations, ways and surges move slowly: they are read so often even if nodes, asks and leases rest."""
_SHARE_OF_TIME = 4
"""Looking at a large fleet takes at most this part of the time."""

Look = Callable[[str], tuple[Book, Seen] | None]
"""Reads the nodes from the database (in a thread): a book without orders, and what else was seen with it;
None where the mark that it is given still holds."""


class Writer:
    """`url`: where this process answers. `look` is called in a thread, every `look_seconds` at least."""

    def __init__(
        self, database: URL, url: str, allowance: Allowance, look: Look, look_seconds: float = 1.0
    ) -> None:
        self._database, self._url, self._allowance = database, url, allowance
        self._look, self._look_seconds = look, look_seconds
        self._term: Term | None = None
        self._works: list[Work] = []
        self._wake = asyncio.Event()
        self._look_again = asyncio.Event()
        self._kept = 0
        self._mark, self._seen_at, self._took = "", 0.0, 0.0

    @property
    def desk(self) -> Desk | None:
        """The memory of the present term; None while another process writes."""
        return None if self._term is None else self._term.desk

    @property
    def log(self) -> Log | None:
        """The log of the present term."""
        return None if self._term is None else self._term.log

    async def take(self, account: Address, request: TakeRequest, digest: str) -> bytes:
        """Decides and holds: the JSON of a `TakeAnswer`. Raises MarketError."""
        answer: asyncio.Future[bytes] = self._future()
        return await self._ask(Take(account, request, digest, answer), answer)

    async def release(self, account: Address, holds: Sequence[int]) -> list[int]:
        """Frees an account's open holds: those that were. Raises MarketError."""
        answer: asyncio.Future[list[int]] = self._future()
        return await self._ask(Release(account, holds, answer), answer)

    async def claim(self, account: Address, job: Hash, holds: Sequence[tuple[int, int]]) -> None:
        """Gives open holds to an order, each for one of its tasks. Raises MarketError."""
        answer: asyncio.Future[None] = self._future()
        return await self._ask(Claim(account, job, holds, answer), answer)

    async def unclaim(self, holds: Sequence[int]) -> None:
        """Frees holds that were claimed for an order that was not taken in. Raises MarketError."""
        answer: asyncio.Future[None] = self._future()
        return await self._ask(Unclaim(holds, answer), answer)

    async def look_now(self) -> None:
        """Returns when the floor is as the database has it now. Raises MarketError."""
        self._check()
        await self._look_once()

    def look_soon(self) -> None:
        """The nodes have changed: looks again at once."""
        self._look_again.set()

    async def run(self) -> None:
        """Leads whenever nobody else does, until cancelled."""
        while True:
            try:
                await self._candidacy()
            except (psycopg.Error, OperationalError, TermOver, MarketError) as error:
                _log.warning("writer_failed", detail=str(error))
            except Exception:  # noqa: BLE001  one request that meets a defect must not end the writer
                _log.exception("writer_failed", reason=Reason.INTERNAL)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _candidacy(self) -> None:
        log = await Log.connect(self._database)
        try:
            while not await log.lead():
                await asyncio.sleep(_ELECTION_SECONDS)
            await log.begin(self._url)
            holds = await log.recovered()
            self._kept = holds.number
            floor = Floor(plan(Book(now=0, silent_before=0, orders=(), nodes=()), {}), {})
            term = Term(Desk(floor, holds, self._allowance), log, Clock.after(log.at))
            await self._lead(term)
        finally:
            error = MarketError(Reason.NOT_THE_WRITER, "this process is not the writer any more: ask again")
            self._term, left, self._works = None, self._works, []
            fail(left, error)
            await log.close()

    async def _lead(self, term: Term) -> None:
        await self._stand(term)
        _spare_the_collector()
        self._term = term
        _log.info("writing", term=term.log.term, number=term.log.number)
        looking = asyncio.create_task(self._keep_looking())
        try:
            while True:
                await self._turn(term)
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError, MarketError):
                await looking

    async def _turn(self, term: Term) -> None:
        """Everything that waits, in one commit."""
        if not self._works:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _ELECTION_SECONDS)
        self._wake.clear()
        works, self._works = self._works, []
        try:
            await self._work_off(term, works)
        finally:
            detail = "the writer has changed: ask again, by the same key"
            fail(works, MarketError(Reason.NOT_THE_WRITER, detail))
        if term.log.number - self._kept >= _SNAPSHOT_ENTRIES:
            self._kept = term.log.number
            await term.log.keep_snapshot(term.desk.holds)

    async def _work_off(self, term: Term, works: Sequence[Work]) -> None:
        for work in works:
            if isinstance(work, Stand) and not await self._stand_on(term, work):
                await self._stand(term)
                tell(work.answer, None)
        left: list[Work] = [work for work in works if not isinstance(work, Stand)]
        if not left and self._is_due(term):
            left = [Pass(asyncio.get_running_loop().create_future())]
        while left:
            left = await term.do(left)
            if left:
                await self._stand(term)

    def _is_due(self, term: Term) -> bool:
        due = term.desk.holds.next_due()
        return due is not None and due <= term.clock.now()

    async def _stand(self, term: Term) -> None:
        """Looks until the floor knows the last clearing."""
        while True:
            self._mark = ""
            work = await self._seen(term.desk)
            if work is not None and await self._stand_on(term, work):
                return

    async def _stand_on(self, term: Term, work: Stand) -> bool:
        return not await term.do([work])

    async def _keep_looking(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look_again.wait(), self._look_seconds)
            self._look_again.clear()
            if self._took > self._look_seconds:
                await asyncio.sleep(self._took * _SHARE_OF_TIME)
            try:
                await self._look_once()
            except OperationalError as error:
                _log.warning("writer_cannot_look", reason=Reason.DATABASE_UNREACHABLE, detail=str(error))

    async def _look_once(self) -> None:
        term = self._term
        if term is None:
            return
        work = await self._seen(term.desk)
        if work is not None:
            self._put(work)
            await work.answer

    async def _seen(self, desk: Desk) -> Stand | None:
        """The nodes as they are now, if anything differs from the last time."""
        reserved, started = dict(desk.holds.reserved), time.monotonic()
        known = self._mark if started - self._seen_at < _LOOK_ANEW_SECONDS else ""
        made = await asyncio.to_thread(self._planned, known, reserved)
        if made is None:
            return None
        found, seen = made
        self._mark, self._seen_at = seen.mark, time.monotonic()
        self._took = self._seen_at - started
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        return Stand(found, seen.occupied, seen.ended, answer)

    def _planned(self, known: str, reserved: dict[Address, int]) -> tuple[Plan, Seen] | None:
        found = self._look(known)
        return None if found is None else (plan(found[0], reserved), found[1])

    async def _ask(self, work: Work, answer: "asyncio.Future[T]") -> T:
        self._put(work)
        return await answer

    def _future(self) -> "asyncio.Future[Any]":
        self._check()
        return asyncio.get_running_loop().create_future()

    def _put(self, work: Work) -> None:
        self._works.append(work)
        self._wake.set()

    def _check(self) -> None:
        if self._term is None:
            raise MarketError(Reason.NOT_THE_WRITER, "another process decides, or none does yet")


def _spare_the_collector() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE_THRESHOLDS)
