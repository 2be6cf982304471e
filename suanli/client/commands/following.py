"""Shows a job while it runs: one progress bar and a table of tasks on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from suanli.client.commands.console import Output, money, short, table
from suanli.client.job import Job
from suanli.client.quantities import about_fuel
from suanli.protocol.states import TaskState
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.jobs import Event, EventKind, LeaseView, TaskView

_REFRESH_SECONDS = 1.0
_ROWS_SHOWN = 24
_SUBJECTS = {
    EventKind.JOB: "job",
    EventKind.TASK: "task {task}",
    EventKind.LEASE: "task {task}: run",
    EventKind.PAYMENT: "task {task}: payment",
}
_DONE = frozenset({TaskState.ACCEPTED, TaskState.FAILED, TaskState.CANCELLED})


def follow(job: Job, out: Output, deployment: Deployment, *, until_settled: bool = False) -> None:
    """Show the job's events until it is over, or until its payments are."""
    events = job.watch(until_settled=until_settled)
    if out.as_json:
        for event in events:
            out.line(event, "")
    elif out.people.is_terminal:
        _follow_live(job, events, out.people, deployment)
    else:
        for event in events:
            out.note(event_line(event))


def event_line(event: Event) -> str:
    """One event as a line of text."""
    subject = _SUBJECTS[event.kind].format(task=event.task)
    node = "" if event.node is None else f" on {short(event.node)}"
    reason = "" if event.reason is None else f" ({event.reason.reason.value}: {event.reason.detail})"
    at = time.strftime("%H:%M:%S", time.localtime(event.at))
    return f"{at} {subject} {event.state}{node}{reason}"


def task_table(tasks: list[TaskView], deployment: Deployment) -> Table:
    """The tasks with their runs: node, state, fuel, price; unfinished ones first where there are many."""
    chosen = sorted(tasks, key=lambda one: (one.state in _DONE, one.index))[:_ROWS_SHOWN]
    rows = [row for view in sorted(chosen, key=lambda one: one.index) for row in _rows(view, deployment)]
    hidden = len(tasks) - len(chosen)
    title = f"Tasks ({hidden} more)" if hidden else "Tasks"
    return table(title, ">task", "state", "node", "run", ">fuel", ">price", "why", rows=rows)


def _follow_live(job: Job, events: Iterator[Event], console: Console, deployment: Deployment) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console)
    tasks = list(job.tasks())
    bar = progress.add_task("tasks", total=len(tasks))
    refreshed = 0.0
    with Live(console=console, refresh_per_second=4) as live:
        for _ in events:
            if time.monotonic() - refreshed < _REFRESH_SECONDS:
                continue
            refreshed = time.monotonic()
            tasks = list(job.tasks())
            progress.update(bar, completed=sum(view.state in _DONE for view in tasks))
            live.update(Group(progress, task_table(tasks, deployment)))
        tasks = list(job.tasks())
        progress.update(bar, completed=sum(view.state in _DONE for view in tasks))
        live.update(Group(progress, task_table(tasks, deployment)))


def _rows(view: TaskView, deployment: Deployment) -> Iterator[tuple[str, ...]]:
    explained = view.reason or view.waiting
    why = f"{explained.reason.value}: {explained.detail}" if explained else ""
    if not view.leases:
        yield (str(view.index), view.state.value, "", "", "", "", why)
    for number, lease in enumerate(view.leases):
        first = number == 0
        shown = (str(view.index), view.state.value) if first else ("", "")
        yield (
            *shown,
            short(lease.node),
            lease.state.value,
            *_usage(lease, deployment),
            _why(lease, why, first),
        )


def _usage(lease: LeaseView, deployment: Deployment) -> tuple[str, str]:
    fuel = "" if lease.usage is None else about_fuel(lease.usage.fuel)
    return fuel, "" if lease.amount is None else money(lease.amount, deployment)


def _why(lease: LeaseView, task: str, first: bool) -> str:
    if lease.reason is not None:
        return f"{lease.reason.reason.value}: {lease.reason.detail}"
    return task if first else ""
