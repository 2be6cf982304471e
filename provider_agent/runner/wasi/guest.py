"""Everything that a host call may touch: one guest's memory, fuel, files, log, and frozen surroundings."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from provider_agent.runner.wasi.descriptors import Descriptors
from provider_agent.runner.wasi.filesystem import FileSystem
from provider_agent.runner.wasi.memory import GuestMemory, Meter
from provider_agent.runner.wasi.nodes import host_errors

FROZEN_TIME = 1_767_225_600 * 10**9
"""The time at the start of every run in nanoseconds: 2026-01-01T00:00:00Z. Only sleeping moves it."""
_BLOCK = 4096


class Log:
    """Standard output and error of the program, capped: what exceeds the cap is dropped, not an error."""

    def __init__(self, path: Path, cap: int) -> None:
        self._left = cap
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)

    def write(self, data: memoryview) -> None:
        """Appends as much of `data` as the cap leaves room for."""
        kept = data[: self._left]
        self._left -= len(kept)
        with host_errors():
            while kept:
                kept = kept[os.write(self._descriptor, kept) :]


class RandomStream:
    """Random bytes that depend on the seed alone: SHAKE-256 of seed and block number."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._block = 0
        self._rest = b""

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        parts = [self._rest]
        have = len(self._rest)
        while have < count:
            parts.append(hashlib.shake_256(self._seed + self._block.to_bytes(8, "big")).digest(_BLOCK))
            self._block += 1
            have += _BLOCK
        data = b"".join(parts)
        self._rest = data[count:]
        return data[:count]


@dataclass
class Guest:
    """One program's world."""

    memory: GuestMemory
    meter: Meter
    files: FileSystem
    descriptors: Descriptors
    log: Log
    random: RandomStream
    arguments: list[bytes]
    environment: list[bytes]
    time: int = field(default=FROZEN_TIME)
