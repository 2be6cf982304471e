"""Keeps bulk requests from using up what the market serves one node, so that its heartbeats get through."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Throttle:
    """At most `together` large requests at once, `per_second` on average, `burst` after a rest.

    `clock` counts seconds and never goes back. The usual market serves 1200 requests per minute.
    """

    together: int = 4
    per_second: float = 10.0
    burst: int = 120
    clock: Callable[[], float] = time.monotonic
    _due: float = 0.0
    _places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.together)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits until one more large request may be made, and counts it until it is over."""
        async with self._places:
            await self.pause()
            yield

    async def pause(self) -> None:
        """Waits until one more request may be made, however many are under way."""
        await asyncio.sleep(self.delay())

    def delay(self) -> float:
        """Takes the next request's turn; the seconds until then (generic cell rate algorithm)."""
        now, interval = self.clock(), 1 / self.per_second
        wait = max(0.0, self._due - (self.burst - 1) * interval - now)
        self._due = max(self._due, now) + interval
        return wait
