"""The writer's time: milliseconds since the epoch that never go back, whatever the machine's clock does."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


def _wall() -> int:
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Clock:
    """Starts at the machine's time, or where the log's time stands if that is later; then only counts on."""

    started_at: int
    monotonic: Callable[[], float] = time.monotonic
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._since = self.monotonic()

    @classmethod
    def after(cls, at: int) -> "Clock":
        """A clock that shows no time before `at`."""
        return cls(max(_wall(), at))

    def now(self) -> int:
        """The time."""
        return self.started_at + int((self.monotonic() - self._since) * 1000)
