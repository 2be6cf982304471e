"""Programs that misbehave: their task fails with its reason, the nodes live, the next job is done."""

from pathlib import Path

import pytest

from suanli.client import Job, Suanli
from suanli.protocol.messages import Outcome
from suanli.protocol.reasons import Reason
from suanli.protocol.states import TaskState
from tests.e2e import jobs

LOOP = '(module (memory (export "memory") 1) (func (export "_start") (loop br 0)))'
GREEDY = """(module (memory (export "memory") 1)
  (func (export "_start") (if (i32.eq (memory.grow (i32.const 60000)) (i32.const -1)) (then unreachable))))"""
TRAP = '(module (memory (export "memory") 1) (func (export "_start") unreachable))'


@pytest.mark.parametrize(
    ("name", "text", "reasons"),
    [
        ("loop", LOOP, {Reason.FUEL_EXHAUSTED}),
        ("greedy", GREEDY, {Reason.MEMORY_EXHAUSTED, Reason.PROGRAM_TRAPPED}),
        ("trap", TRAP, {Reason.PROGRAM_TRAPPED}),
    ],
)
def test_bad_program_fails_with_its_reason_and_the_nodes_live(
    suanli: Suanli, work: Path, name: str, text: str, reasons: set[Reason]
) -> None:
    bad = suanli.submit(jobs.program(work, name, text))
    good = suanli.submit(jobs.sweep(work, 1, 10_000))
    assert _reason(bad, work / "results") in reasons
    good.wait(timeout=60)
    assert [task.state for task in good.tasks()] == [TaskState.ACCEPTED]


def _reason(job: Job, folder: Path) -> str | None:
    """Why the job's only task failed, by the verified result that its nodes agree on."""
    job.wait(timeout=60)
    (result,) = job.download(folder)
    assert result.verified
    assert result.outcome is Outcome.PROGRAM_FAILED
    return result.reason
