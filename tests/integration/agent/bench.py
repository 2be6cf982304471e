"""A bench to run modules on: the real executor with real runner processes, in a folder of the test's own."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import wasmtime

from provider_agent.executors.base import Run, Work
from provider_agent.executors.nursery import Nursery
from provider_agent.executors.wasm import WasmExecutor
from provider_agent.runner.job import LOG_FILE
from suanli.protocol.documents import BlobReference, TaskSpec, content_hash
from suanli.protocol.messages import Limits

T = TypeVar("T")

MEBIBYTE = 1 << 20
LIMITS = Limits(
    fuel=10**9, memoryBytes=64 * MEBIBYTE, inputBytes=64 * MEBIBYTE, outputBytes=MEBIBYTE, wallSeconds=60
)
SEED = bytes(32)


def module(source: str | bytes) -> bytes:
    """A module's bytes, from text when it is text."""
    return source if isinstance(source, bytes) else bytes(wasmtime.wat2wasm(source))


@dataclass
class Bench:
    """Runs one module after the other on one node."""

    folder: Path
    nursery: Nursery = field(default_factory=Nursery)
    count: int = 0

    @property
    def executor(self) -> WasmExecutor:
        """The executor under test."""
        compiled = self.folder / "compiled"
        compiled.mkdir(exist_ok=True)
        return WasmExecutor(self.nursery, compiled)

    def work(
        self,
        program: str | bytes,
        *,
        arguments: list[str] | None = None,
        inputs: dict[str, bytes] | None = None,
        environment: dict[str, str] | None = None,
        limits: Limits = LIMITS,
        seed: bytes = SEED,
        seconds: int = 60,
    ) -> Work:
        """One task; its files lie in the bench's blob folder."""
        binary = module(program)
        files = {"module": binary, **(inputs or {})}
        blobs = {content_hash(data): self._blob(data) for data in files.values()}
        references = [
            BlobReference(path=path, hash=content_hash(data), size=len(data))
            for path, data in (inputs or {}).items()
        ]
        spec = TaskSpec(
            module=content_hash(binary),
            module_size=len(binary),
            arguments=arguments or [],
            environment=environment or {},
            inputs=references,
        )
        self.count += 1
        return Work(self.folder / f"work-{self.count}", spec, limits, blobs, seed, seconds)

    async def run(self, work: Work) -> Run:
        """Runs a task to its end."""
        return await self.executor.run(work, lambda process: None)

    def _blob(self, data: bytes) -> Path:
        blobs = self.folder / "blobs"
        blobs.mkdir(exist_ok=True)
        path = blobs / hashlib.sha256(data).hexdigest()
        path.write_bytes(data)
        return path


def on(bench: Bench, use: Callable[[Bench], Awaitable[T]]) -> T:
    """Uses the bench in an event loop of its own and puts its processes away."""

    async def scene() -> T:
        try:
            return await use(bench)
        finally:
            await bench.nursery.close()

    return asyncio.run(scene())


def run(bench: Bench, work: Work) -> Run:
    """The result of one task."""
    return on(bench, lambda here: here.run(work))


def log_of(work: Work) -> bytes:
    """What the program printed."""
    return (work.run_folder / LOG_FILE).read_bytes()


def outputs_of(work: Work, result: Run) -> dict[str, bytes]:
    """What the program left, by path."""
    return {one.path: (work.output_folder / one.hash).read_bytes() for one in result.outputs}
