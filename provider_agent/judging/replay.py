"""Runs a disputed task again and says what came of it: the same sandbox, the same meter as for any task."""

import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from provider_agent.executors.base import Executor, Run, Work
from provider_agent.judging.calldata import ClaimedTask
from provider_agent.judging.duty import Verdict
from provider_agent.judging.stores import Stores
from provider_agent.lease import unsound
from provider_agent.sealing import measure, references_of, task_seed
from suanli.protocol.documents import ResultManifest, TaskSpec
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Limits, Outcome, Usage
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

JUROR_LIMITS = Limits(
    fuel=10**13, memoryBytes=1 << 32, inputBytes=1 << 32, outputBytes=1 << 28, wallSeconds=(1 << 32) - 1
)
"""The most that a juror gives a task; one that needs more it cannot judge. An award names no limits."""
_LIMIT_REACHED = frozenset({Reason.FUEL_EXHAUSTED, Reason.MEMORY_EXHAUSTED, Reason.OUTPUT_EXCEEDED})
BEYOND_A_JUROR = _LIMIT_REACHED | {Reason.INPUT_TOO_LARGE, Reason.WALL_CLOCK_EXCEEDED}
"""Why a juror cannot judge, however often it tries."""
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

        Raises NodeError when that cannot be found here and now (no inputs, this machine's trouble) or, with a
        reason of BEYOND_A_JUROR, ever.
        """
        spec, limits = await self._spec(task), _bounded(task.limits)
        if spec is None or unsound(spec) is not None:
            return refusal(Reason.DOCUMENT_MALFORMED)
        if task.limits is not None and spec.input_bytes() > task.limits.inputBytes:
            return refusal(Reason.INPUT_TOO_LARGE)
        if spec.input_bytes() > limits.inputBytes:
            raise NodeError(Reason.INPUT_TOO_LARGE, f"a juror fetches no {spec.input_bytes()} bytes")
        run = await self._run(task, spec, limits, seconds)
        if run.reason in _LIMIT_REACHED and limits != task.limits:
            raise NodeError(run.reason, f"a juror gives a task no more: {run.detail}")
        return verdict_on(spec, run)

    async def _spec(self, task: ClaimedTask) -> TaskSpec | None:
        """The specification; None for bytes that are none, under which nobody can have worked."""
        try:
            return parse_spec(await self.stores.document(task.spec), task.spec)
        except NodeError as unavailable:
            with suppress(NodeError):
                shown = await self.evidence(task.receipt)
                if parse_spec(shown.model_dump_json().encode(), task.spec) is not None:
                    return shown
            raise unavailable

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


def parse_spec(data: bytes, hash_: Hash) -> TaskSpec | None:
    """The specification in some bytes, None unless they say one whose id is `hash_`."""
    try:
        spec = TaskSpec.parse(data)
        return spec if spec.content_hash() == hash_ else None
    except ValueError:  # no JSON, no specification, or numbers and characters that canonical JSON has not
        return None


def _bounded(limits: Limits | None) -> Limits:
    """An order's limits, or what of them a juror gives."""
    if limits is None:
        return JUROR_LIMITS
    most = JUROR_LIMITS
    return Limits(**{name: min(getattr(limits, name), getattr(most, name)) for name in Limits.model_fields})


def verdict_on(spec: TaskSpec, run: Run) -> Verdict:
    """The verdict that a finished run is."""
    usage, manifest = measure(spec, run)
    return Verdict(run.outcome, manifest.content_hash(), usage)


def refusal(reason: Reason) -> Verdict:
    """The finding on a task that no honest node takes on, the same for all: it fails without any work."""
    manifest = ResultManifest(outcome=Outcome.PROGRAM_FAILED, exit_code=None, reason=reason)
    return Verdict(Outcome.PROGRAM_FAILED, manifest.content_hash(), _NO_USAGE)
