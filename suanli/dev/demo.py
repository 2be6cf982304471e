"""The main job, for real: photographs developed on several machines, one of which dies in the middle.

Steps only; what a person sees is in `demo_report.py`.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suanli.client import Job, Suanli
from suanli.dev.demo_report import Report
from suanli.dev.stack import Buyer, Stack
from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LeaseState, TaskState
from suanli.protocol.wire.clearings import ClearingView
from suanli.protocol.wire.jobs import Event, EventKind, TaskView

NODES = ["amber", "birch", "cedar", "dune"]
_BUDGET = "20"
_TASKS_BEFORE_THE_KILL = 3


@dataclass(slots=True)
class Outcome:
    """What the demonstration yielded: finished jobs, the node that was killed, the audit's findings.

    `round` is the clearing with the most matches.
    """

    jobs: list[tuple[str, Job, list[TaskView]]] = field(default_factory=list)
    killed: str | None = None
    traces: list[dict[str, Any]] = field(default_factory=list)
    invariants: dict[str, Any] = field(default_factory=dict)
    round: ClearingView | None = None
    clearing: dict[str, Any] = field(default_factory=dict)
    sheet: Path | None = None


def run_demo(folder: Path, examples: Path, report: Report) -> Outcome:
    """Run it all under `folder`, which is emptied first. Raises SuanliError when anything fails."""
    shutil.rmtree(folder, ignore_errors=True)
    outcome = Outcome()
    with Stack(folder) as stack:
        buyer = _start(stack, report)
        work = _prepare(folder, examples)
        with stack.sign_in(buyer.keystore) as suanli:
            photos = _run(suanli, stack, work / "job.yaml", report, outcome, kill=True)
            photos.download(folder / "results" / "photos", flat=True)
            _gather_thumbnails(folder / "results" / "photos", work / "thumbs")
            sheet = _run(suanli, stack, work / "sheet.job.yaml", report, outcome, kill=False)
            sheet.download(folder / "results" / "sheet", flat=True)
            outcome.sheet = folder / "results" / "sheet" / "contact-sheet.jpg"
            _bring_back(stack, outcome, report)
            _settle(outcome, report)
            outcome.round = _largest_round(suanli)
        _audit(stack, outcome, report)
        report.outcome(outcome, stack.node_names(), suanli.deployment)
    return outcome


def _start(stack: Stack, report: Report) -> Buyer:
    with report.step("start a chain"):
        stack.start_chain()
    with report.step("deploy the contracts, start database and market, bond the operator"):
        stack.start_market()
    with report.step(f"connect {len(NODES)} nodes of different owners, each with its stake") as progress:
        stack.add_nodes(NODES, progress)
    with report.step(f"open a buyer's account and deposit {_BUDGET} test tokens"):
        return stack.add_buyer("buyer", _BUDGET)


def _prepare(folder: Path, examples: Path) -> Path:
    work = folder / "job"
    work.mkdir(parents=True)
    for name in ("photos.wasm", "job.yaml", "sheet.job.yaml"):
        shutil.copy(examples / "photos" / name, work / name)
    collect = [sys.executable, str(examples / "photos" / "collect.py"), str(work / "photos")]
    subprocess.run(collect, check=True, stdout=subprocess.DEVNULL)
    return work


def _run(suanli: Suanli, stack: Stack, file: Path, report: Report, outcome: Outcome, *, kill: bool) -> Job:
    plan = suanli.plan(file)
    report.quote(plan.job.name, suanli.quote(plan), suanli.deployment)
    job = suanli.submit(plan)
    with report.tasks(plan.job.name, len(plan.spec.tasks)) as progress:
        for event in job.watch():
            progress(event)
            if kill and outcome.killed is None and progress.accepted >= _TASKS_BEFORE_THE_KILL:
                outcome.killed = _kill_a_busy_node(stack, job)
                report.killed(outcome.killed)
    tasks = list(job.tasks())
    failed = [task.index for task in tasks if task.state is not TaskState.ACCEPTED]
    if failed:
        raise SuanliError(Reason.NO_QUORUM, f"job {job.id}: tasks {failed} were not accepted")
    outcome.jobs.append((plan.job.name, job, tasks))
    return job


def _kill_a_busy_node(stack: Stack, job: Job) -> str | None:
    """Kill the first node that is running a lease now, as a power cut would; None when none is."""
    for lease in (lease for task in job.tasks() for lease in task.leases):
        if lease.state is LeaseState.RUNNING:
            name = stack.node_names()[lease.node]
            stack.kill_node(name)
            return name
    return None


def _gather_thumbnails(results: Path, thumbs: Path) -> None:
    thumbs.mkdir()
    for thumb in results.glob("*-thumb.jpg"):
        shutil.copy(thumb, thumbs / thumb.name)


def _bring_back(stack: Stack, outcome: Outcome, report: Report) -> None:
    if outcome.killed is not None:
        with report.step(
            f"start {outcome.killed} again: what it had finished is in its journal, and is paid"
        ):
            stack.start_node(outcome.killed)


def _settle(outcome: Outcome, report: Report) -> None:
    with report.step("settle on chain: all parties check and co-sign the batches"):
        for _, job, _ in outcome.jobs:
            for event in _payments(job):
                report.payment(event)


def _payments(job: Job) -> Iterator[Event]:
    return (event for event in job.watch(until_settled=True) if event.kind is EventKind.PAYMENT)


def _largest_round(suanli: Suanli) -> ClearingView:
    """The clearing with the most matches, of equals the latest."""
    rounds = suanli.connection.pages("/clearings", ClearingView)
    return max(rounds, key=lambda one: (one.matches, one.epoch))


def _audit(stack: Stack, outcome: Outcome, report: Report) -> None:
    if outcome.round is None:
        raise SuanliError(Reason.EVIDENCE_MISSING, "the market shows no clearing")
    evidence = ["--evidence", stack.market_url]
    traces = [["trace", job.id, *evidence] for _, job, _ in outcome.jobs]
    others = [["clearing", str(outcome.round.epoch), "--full", *evidence], ["invariants"]]
    title = "audit: trace every payment, recompute a clearing and every balance"
    with report.step(title), ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda words: stack.command("audit", *words), [*traces, *others]))
    *outcome.traces, outcome.clearing, outcome.invariants = found
