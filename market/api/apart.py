"""Threads for what anyone may ask and what takes long: nothing else of the market waits for them."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

T = TypeVar("T")
THREADS = 4
_threads: RunVar[CapacityLimiter] = RunVar("threads_apart")


async def apart(work: Callable[[], T]) -> T:
    """Does the work in one of a few threads that heartbeats, orders and receipts do not need."""
    limiter = _threads.get(None)
    if limiter is None:
        limiter = CapacityLimiter(THREADS)
        _threads.set(limiter)
    return await to_thread.run_sync(work, limiter=limiter)
