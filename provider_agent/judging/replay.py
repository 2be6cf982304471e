"""Runs a disputed task again and says what came of it: the same sandbox, the same meter as for any task."""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from provider_agent.executors.base import Executor, Run, Work
from provider_agent.judging.calldata import ClaimedTask
from provider_agent.judging.duty import ABSTENTION, Verdict
from provider_agent.judging.stores import Stores
from provider_agent.lease import unsound
from provider_agent.sealing import measure, references_of, task_seed
from suanli.protocol.documents import ResultManifest, TaskSpec
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Limits, Outcome, Usage
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

AWARD_LIMITS = Limits(
    fuel=10**13, memoryBytes=1 << 32, inputBytes=1 << 30, outputBytes=1 << 28, wallSeconds=(1 << 32) - 1
)
"""What a juror gives a task of an award, whose terms name no limits; one that needs more it cannot judge."""
_LIMIT_REACHED = frozenset({Reason.FUEL_EXHAUSTED, Reason.MEMORY_EXHAUSTED, Reason.OUTPUT_EXCEEDED})
_NO_USAGE = Usage(fuel=0, memoryFuel=0, ingress=0, egress=0)

Evidence = Callable[[Hash], Awaitable[TaskSpec]]
"""The specification behind a receipt, as a market shows it; raises NodeError."""


@dataclass(frozen=True)
class Replay:
    """`folder` is the juror's own; `evidence` is asked for a specification that no store has."""

    folder: Path
    stores: Stores
    executor: Executor
    evidence: Evidence

    async def verdict(self, task: ClaimedTask, seconds: int) -> Verdict:
        """What the task yields, found in at most so many seconds of running.

        Raises NodeError when that cannot be found here and now: no inputs, no time, this machine's trouble.
        """
        spec, limits = await self._spec(task), task.limits or AWARD_LIMITS
        if spec is None or unsound(spec) is not None:
            return refusal(Reason.DOCUMENT_MALFORMED)
        if spec.input_bytes() > limits.inputBytes:
            return ABSTENTION if task.limits is None else refusal(Reason.INPUT_TOO_LARGE)
        run = await self._run(task, spec, limits, seconds)
        if task.limits is None and run.reason in _LIMIT_REACHED:
            return ABSTENTION
        return verdict_on(spec, run)

    async def _spec(self, task: ClaimedTask) -> TaskSpec | None:
        """The specification; None for bytes that are none, under which nobody can have worked."""
        try:
            data = await self.stores.document(task.spec)
        except NodeError as unavailable:
            try:
                shown = await self.evidence(task.receipt)
            except NodeError:
                raise unavailable from None
            if shown.content_hash() != task.spec:
                raise
            return shown
        try:
            spec = TaskSpec.parse(data)
        except ValidationError:
            return None
        return spec if spec.content_hash() == task.spec else None

    async def _run(self, task: ClaimedTask, spec: TaskSpec, limits: Limits, seconds: int) -> Run:
        references, folder = references_of(spec), self.folder / task.receipt
        try:
            with self.stores.cache.in_use(one.hash for one in references):
                blobs = {one.hash: await self.stores.blob(one.hash, one.size) for one in references}
                seed = task_seed(task.order, task.task)
                return await self.executor.run(
                    Work(folder, spec, limits, blobs, seed, seconds), lambda process: None
                )
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def verdict_on(spec: TaskSpec, run: Run) -> Verdict:
    """The verdict that a finished run is."""
    usage, manifest = measure(spec, run)
    return Verdict(run.outcome, manifest.content_hash(), usage)


def refusal(reason: Reason) -> Verdict:
    """The finding on a task that no honest node takes on, the same for all: it fails without any work."""
    manifest = ResultManifest(outcome=Outcome.PROGRAM_FAILED, exit_code=None, reason=reason)
    return Verdict(Outcome.PROGRAM_FAILED, manifest.content_hash(), _NO_USAGE)
