"""What the chain said last, kept for a while: a burst of questions costs one look, an outage stops nothing.

Only remembers; what an answer means is the asker's business.
"""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from suanli.protocol.errors import ChainError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_FRESH_SECONDS = 3.0
"""An answer so young is not asked for again."""


@dataclass
class Memory(Generic[K, V]):
    """Answers by question, each trusted for `trust_seconds` when there is no newer one to be had."""

    trust_seconds: float
    clock: Callable[[], float]
    _seen: dict[K, tuple[float, V]] = field(default_factory=dict)

    async def get(self, key: K, ask: Callable[[K], Awaitable[V]]) -> V:
        """The answer for `key`. Raises ChainError when the chain is away and said nothing lately."""
        at, value = self._seen.get(key, (None, None))
        age = None if at is None else self.clock() - at
        if value is not None and age is not None and age < _FRESH_SECONDS:
            return value
        try:
            found = await ask(key)
        except ChainError:
            if value is None or age is None or age > self.trust_seconds:
                raise
            return value
        self._seen[key] = (self.clock(), found)
        return found
