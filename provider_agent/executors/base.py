"""What every executor does: runs one task in a folder, and says exactly how it ended and what it used.

A way to run tasks is one class with this method. It keeps two kinds of failure apart: the program's own,
which every machine repeats, is a result (`Run`); this machine's or this moment's is a NodeError and hands the
lease back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from suanli.protocol.documents import BlobReference, TaskSpec
from suanli.protocol.messages import Limits, Outcome
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

RUN_FOLDER = "run"
OUTPUT_FOLDER = "outputs"
LOG_BYTES = 64 * 1024
"""What is kept of a program's standard output and error."""

Started = Callable[[tuple[int, float]], None]
"""Called once with the runner's process id and its time of birth."""


@dataclass(frozen=True, slots=True)
class Work:
    """One task to run.

    `folder` belongs to the lease; `blobs` holds the module and all inputs as verified files; `seed` is what
    the program's random bytes depend on; `seconds` is the wall-clock time after which the run is given up.
    """

    folder: Path
    spec: TaskSpec
    limits: Limits
    blobs: Mapping[Hash, Path]
    seed: bytes
    seconds: int

    @property
    def run_folder(self) -> Path:
        """Where the runner works; made anew for each run."""
        return self.folder / RUN_FOLDER

    @property
    def output_folder(self) -> Path:
        """Where outputs wait for their upload, each under its hash."""
        return self.folder / OUTPUT_FOLDER


@dataclass(frozen=True, slots=True)
class Run:
    """How a task ended, equal on every machine: outputs by path, fuel, and the peak of memory in bytes."""

    outcome: Outcome
    reason: Reason | None
    detail: str
    exit_code: int | None
    fuel: int
    memory_bytes: int
    outputs: tuple[BlobReference, ...]


class Executor(Protocol):
    """Runs tasks, several at once."""

    async def run(self, work: Work, started: Started) -> Run:
        """Runs one task; its outputs lie in `work.output_folder`, safely on disk, when this returns.

        Cancelling ends the program. Raises NodeError for whatever is not the program's fault.
        """
        ...

    async def close(self) -> None:
        """Ends everything that still runs."""
        ...
