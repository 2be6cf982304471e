"""Brings the kept events up to the chain's newest block, in ranges that its node consents to.

Safe when the chain is reorganised or the command is interrupted: a range counts once it is kept whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from suanli.direct.event_store import EventStore, Log
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

BLOCKS_PER_QUERY = 10_000
Progress = Callable[[int, int], None]
"""Told how many blocks of how many are read."""


class Source(Protocol):
    """What is needed of a chain."""

    def block_number(self) -> int:
        """The number of the newest block."""
        ...

    def hash_at(self, block: int) -> Hash | None:
        """A block's hash; None where there is none."""
        ...

    def logs(self, first: int, last: int) -> list[Log]:
        """The logs from block to block. Raises ChainError(TRANSACTION_REFUSED) when these are too many."""
        ...


@dataclass
class Scan:
    """The reading of one deployment's events from `first_block` on."""

    store: EventStore
    first_block: int
    progress: Progress
    step: int = BLOCKS_PER_QUERY

    def update(self, source: Source) -> None:
        """Read what is new. Raises ChainError."""
        head = source.block_number()
        agreed = self.store.agreed(source.hash_at)
        begun = self.first_block if agreed is None else agreed + 1
        first, count = begun, head + 1 - begun
        try:
            while first <= head:
                last = min(first + self.step - 1, head)
                if self._read(source, first, last):
                    first = last + 1
                    self.progress(first - begun, count)
        except ChainError:
            self.progress(count, count)  # whoever shows it ends
            raise

    def _read(self, source: Source, first: int, last: int) -> bool:
        """Whether the range is kept; else it is to be tried again, perhaps a smaller one."""
        hash_ = source.hash_at(last)
        try:
            logs = source.logs(first, last)
        except ChainError as error:
            if error.reason is not Reason.TRANSACTION_REFUSED or self.step == 1:
                raise
            self.step = max(1, min(self.step, last - first + 1) // 2)
            return False
        if hash_ is None:
            raise ChainError(Reason.CHAIN_UNREACHABLE, f"the chain's node has lost block {last}")
        if hash_ != source.hash_at(last):
            return False  # reorganised meanwhile: what was read may be of neither chain
        self.store.add(logs, last, hash_)
        return True
