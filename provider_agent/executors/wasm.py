"""Runs WebAssembly tasks (WASI preview 1), each in a confined process of its own: `provider_agent.runner`."""

import asyncio
import os
import shutil
import time
from pathlib import Path

import psutil
from pydantic import ValidationError

from provider_agent.blobs import hash_file
from provider_agent.disk import drop_oldest
from provider_agent.executors.base import LOG_BYTES, Run, Started, Work
from provider_agent.executors.nursery import Nursery, Runner
from provider_agent.runner.job import (
    CACHE_LOCK_SUFFIX,
    MAXIMUM_OUTPUTS,
    STORAGE_FOLDER,
    InputFile,
    Report,
    ReportedFile,
    RunnerJob,
)
from suanli.protocol.documents import BlobReference
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Outcome
from suanli.protocol.reasons import Reason

COMPILED_BYTES = 1 << 30
COMPILED_MODULES = 64


class WasmExecutor:
    """`compiled` is the folder of compiled modules; those not used for the longest time go first."""

    def __init__(self, nursery: Nursery, compiled: Path) -> None:
        self._nursery = nursery
        self._compiled = compiled

    async def run(self, work: Work, started: Started) -> Run:
        """See `base.Executor`."""
        await asyncio.to_thread(self._lay_out, work)
        runner = await self._nursery.run(work.run_folder)
        started((runner.process_id, _birth(runner.process_id)))
        status = await self._wait(runner, work.seconds)
        report = _read_report(work, status)
        if not report.by_program:
            raise NodeError(report.reason or Reason.RUNNER_CRASHED, report.detail)
        return await asyncio.to_thread(_collect, work, report)

    async def close(self) -> None:
        """See `base.Executor`."""
        await self._nursery.close()

    async def _wait(self, runner: Runner, seconds: int) -> int:
        try:
            return await asyncio.wait_for(asyncio.shield(runner.ended), seconds)
        except TimeoutError:
            self._nursery.kill(runner)
            await runner.ended
            detail = f"the run took longer than {seconds} s on this machine"
            raise NodeError(Reason.WALL_CLOCK_EXCEEDED, detail) from None
        finally:
            self._nursery.kill(runner)

    def _lay_out(self, work: Work) -> None:
        try:
            drop_oldest(self._compiled, COMPILED_BYTES, COMPILED_MODULES, _is_lock)
            shutil.rmtree(work.run_folder, ignore_errors=True)
            work.run_folder.mkdir(parents=True)
            self._job(work).write(work.run_folder)
        except OSError as error:
            raise NodeError(Reason.DISK_FULL, f"the work folder cannot be made: {error}") from error

    def _job(self, work: Work) -> RunnerJob:
        spec, limits = work.spec, work.limits
        inputs = [InputFile(one.path, str(work.blobs[one.hash]), one.size) for one in spec.inputs]
        return RunnerJob(
            module=str(work.blobs[spec.module]),
            module_hash=spec.module,
            cache=str(self._compiled),
            arguments=spec.arguments,
            environment=spec.environment,
            inputs=inputs,
            fuel=limits.fuel,
            memory_bytes=limits.memoryBytes,
            output_bytes=limits.outputBytes,
            log_bytes=LOG_BYTES,
            wall_seconds=work.seconds,
            seed=work.seed.hex(),
        )


def _is_lock(path: Path) -> bool:
    return path.suffix == CACHE_LOCK_SUFFIX


def _birth(process_id: int) -> float:
    try:
        return psutil.Process(process_id).create_time()
    except psutil.NoSuchProcess:
        return time.time()


def _read_report(work: Work, status: int) -> Report:
    """The runner's report; a runner that left none crashed, and one that claims too much is not believed."""
    try:
        report = Report.read(work.run_folder)
    except (OSError, ValueError, TypeError, KeyError) as error:
        detail = f"the runner ended with status {status} and left no result"
        raise NodeError(Reason.RUNNER_CRASHED, detail) from error
    within = (
        0 <= report.fuel <= work.limits.fuel
        and 0 <= report.memory_bytes <= work.limits.memoryBytes
        and sum(output.size for output in report.outputs) <= work.limits.outputBytes
        and len(report.outputs) <= MAXIMUM_OUTPUTS
    )
    if not within or any(not output.number.isdecimal() for output in report.outputs):
        raise NodeError(Reason.RUNNER_CRASHED, "the runner reports what its limits do not allow")
    return report


def _collect(work: Work, report: Report) -> Run:
    """Brings the outputs under their hashes and onto the disk for good."""
    try:
        work.output_folder.mkdir(exist_ok=True)
        outputs = tuple(_keep(work, output) for output in report.outputs)
        _sync(work.output_folder)
    except (OSError, ValidationError) as error:
        raise NodeError(Reason.RUNNER_CRASHED, f"the outputs cannot be kept: {error}") from error
    failed = report.reason is not None
    return Run(
        outcome=Outcome.PROGRAM_FAILED if failed else Outcome.COMPLETED,
        reason=report.reason,
        detail=report.detail,
        exit_code=report.exit_code,
        fuel=report.fuel,
        memory_bytes=report.memory_bytes,
        outputs=outputs,
    )


def _keep(work: Work, output: ReportedFile) -> BlobReference:
    content = work.run_folder / STORAGE_FOLDER / output.number
    if output.size == 0 and not content.exists():
        # A file that was never opened has a name but no content on this machine: it is empty.
        content.touch(exist_ok=False)
    hash_ = hash_file(content)
    reference = BlobReference(path=output.path, hash=hash_, size=content.stat().st_size)
    _sync(content)
    content.replace(work.output_folder / hash_)
    return reference


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
