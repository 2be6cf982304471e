"""What the agent tells a runner and what it hears back: plain values, as JSON files in a work folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from suanli.protocol.reasons import Reason

JOB_FILE = "job.json"
REPORT_FILE = "report.json"
LOG_FILE = "log"
LOCK_FILE = "lock"
CACHE_LOCK_SUFFIX = ".lock"
"""What is no compiled module in the cache of compiled modules."""
MAXIMUM_OUTPUTS = 256
"""Files that a program may leave under `/out`."""
STORAGE_FOLDER = "files"
"""Holds the contents of the guest's files, under numbers."""


@dataclass(frozen=True)
class InputFile:
    """One input: its path under `/in`, the host file with its content, its size in bytes."""

    path: str
    host: str
    size: int


@dataclass(frozen=True)
class RunnerJob:
    """One task as a runner gets it. Sizes are bytes; `seed` is hex; `cache` holds compiled modules."""

    module: str
    module_hash: str
    cache: str
    arguments: list[str]
    environment: dict[str, str]
    inputs: list[InputFile]
    fuel: int
    memory_bytes: int
    output_bytes: int
    log_bytes: int
    wall_seconds: int
    seed: str

    def write(self, folder: Path) -> None:
        """Leaves the job where the runner looks for it."""
        (folder / JOB_FILE).write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: Path) -> "RunnerJob":
        """The job that the agent left."""
        value: dict[str, Any] = json.loads((folder / JOB_FILE).read_text())
        inputs = [InputFile(**item) for item in value.pop("inputs")]
        return cls(inputs=inputs, **value)


@dataclass(frozen=True)
class ReportedFile:
    """One output: its path under `/out`, the number of its content in the storage folder, its size."""

    path: str
    number: str
    size: int


@dataclass(frozen=True)
class Report:
    """How a run ended.

    `reason` is None for a program that ended with exit code 0; `by_program` tells a program's fault from this
    machine's. `fuel` and `memory_bytes` (the linear memory at the end; it never shrinks) are exact.
    """

    by_program: bool
    reason: Reason | None
    detail: str
    exit_code: int | None
    fuel: int
    memory_bytes: int
    outputs: list[ReportedFile]

    def write(self, folder: Path) -> None:
        """Leaves the report in one step: the agent sees all of it or nothing."""
        temporary = folder / f"{REPORT_FILE}.part"
        temporary.write_text(json.dumps(asdict(self)))
        temporary.replace(folder / REPORT_FILE)

    @classmethod
    def read(cls, folder: Path) -> "Report":
        """The report that the runner left. Raises OSError, ValueError, TypeError or KeyError."""
        value: dict[str, Any] = json.loads((folder / REPORT_FILE).read_text())
        outputs = [ReportedFile(**item) for item in value.pop("outputs")]
        reason = value.pop("reason")
        return cls(outputs=outputs, reason=None if reason is None else Reason(reason), **value)
