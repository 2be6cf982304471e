"""Long polling: answers at once when there is something, else when there is, else when the time is up."""

import time
from collections.abc import Callable
from typing import TypeVar

from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session

from market.runtime import Runtime
from market.services.step import step

T = TypeVar("T")

LOOK_AGAIN_SECONDS = 0.25
"""The change may come from another process, which cannot wake this one."""


async def wait_for(
    runtime: Runtime, topic: str, seconds: float, look: Callable[[Session], T], is_news: Callable[[T], bool]
) -> T:
    """What `look` finds, as soon as it is news, or after `seconds` (at most the settings' maximum)."""
    deadline = time.monotonic() + min(seconds, runtime.settings.long_poll_seconds)
    while True:
        found = await run_in_threadpool(_look, runtime, look)
        left = deadline - time.monotonic()
        if is_news(found) or left <= 0 or runtime.wakes.closed:
            return found
        await runtime.wakes.wait(topic, min(left, LOOK_AGAIN_SECONDS))


def _look(runtime: Runtime, look: Callable[[Session], T]) -> T:
    with step(runtime) as session:
        return look(session)
