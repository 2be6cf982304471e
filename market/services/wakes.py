"""In-process wake-ups: who waits for a topic goes on at once when something happens to it.

A wake-up may be missed (another process made the change), so everyone who waits also looks again in time.
"""

import asyncio
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CLEARING = "clearing"
"""A new order, a free slot, a new ask: a clearing may find a match now."""


class Wakes:
    """Topics with the threads and coroutines that wait for them. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: dict[str, list[Callable[[], object]]] = defaultdict(list)
        self._heard: Counter[str] = Counter()
        self.closed = False
        """Set, even by a signal handler, when this process is about to end: nobody should wait any more."""

    def notify(self, topic: str) -> None:
        """Wakes everyone who waits for `topic`."""
        with self._lock:
            self._heard[topic] += 1
            waiters = self._waiters.pop(topic, [])
        for wake in waiters:
            wake()

    def heard(self, topic: str) -> int:
        """How often `topic` was notified: another number than before says that something has happened."""
        return self._heard[topic]

    async def wait(self, topic: str, seconds: float) -> bool:
        """Waits in an event loop; False when nothing happened in time."""
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        with self._registered(topic, lambda: _call_soon(loop, event.set)):
            try:
                await asyncio.wait_for(event.wait(), seconds)
            except TimeoutError:
                return False
            return True

    def wait_blocking(self, topic: str, seconds: float) -> bool:
        """Waits in a thread; False when nothing happened in time."""
        event = threading.Event()
        with self._registered(topic, event.set):
            return event.wait(seconds)

    @contextmanager
    def _registered(self, topic: str, wake: Callable[[], object]) -> Iterator[None]:
        with self._lock:
            self._waiters[topic].append(wake)
        try:
            yield
        finally:
            self._forget(topic, wake)

    def _forget(self, topic: str, wake: Callable[[], object]) -> None:
        with self._lock:
            waiters = self._waiters.get(topic, [])
            if wake in waiters:
                waiters.remove(wake)
            if not waiters:
                self._waiters.pop(topic, None)


def node_topic(node: str) -> str:
    """What a node's agent waits for: new leases."""
    return f"node:{node}"


def _call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(callback)
