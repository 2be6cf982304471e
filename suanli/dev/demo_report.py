"""What a person sees of the demonstration: steps, the quote, progress, tables, the sums."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from suanli.protocol.states import LeaseState, TaskState
from suanli.protocol.units import FUEL_PER_GIGAFUEL, MICRO_ATOMS_PER_ATOM, format_money
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.clearings import ClearingView
from suanli.protocol.wire.jobs import Event, EventKind, LeaseView, Quote, TaskView

if TYPE_CHECKING:
    from suanli.dev.demo import Outcome


class TaskProgress:
    """Counts a job's accepted tasks from its events and moves the bar."""

    def __init__(self, progress: Progress, bar: TaskID) -> None:
        self._progress, self._bar = progress, bar
        self.accepted = 0

    def __call__(self, event: Event) -> None:
        if event.kind is EventKind.TASK and event.state == TaskState.ACCEPTED:
            self.accepted += 1
            self._progress.advance(self._bar)


class Report:
    """Prints to one console; plain lines where it is not a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        """A step of the demonstration; call the value with each thing that is done within it."""
        started, done = time.monotonic(), list[str]()
        with self.console.status(f"{title} …") as status:

            def note(thing: str) -> None:
                done.append(thing)
                status.update(f"{title}: {', '.join(done)} …")

            yield note
        extra = f": {', '.join(done)}" if done else ""
        self.console.print(f"[green]✓[/] {title}{extra} [dim]({time.monotonic() - started:.1f} s)[/]")

    def quote(self, name: str, quote: Quote, deployment: Deployment) -> None:
        """The price before the order."""
        cap, fee = (_tokens(amount, deployment) for amount in (quote.cap, quote.fee))
        excluded = ", ".join(f"{one.nodes} {one.reason}" for one in quote.exclusions if one.nodes) or "none"
        self.console.print(
            f"[green]✓[/] quote for “{name}”: at most {cap}, fee inside {fee}; "
            f"{quote.eligible} of {quote.fleet} nodes eligible, excluded: {excluded}"
        )

    @contextmanager
    def tasks(self, name: str, total: int) -> Iterator[TaskProgress]:
        """A bar over a job's tasks."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as progress:
            yield TaskProgress(progress, progress.add_task(f"run “{name}”", total=total))

    def killed(self, name: str | None) -> None:
        """One node is gone."""
        if name is not None:
            self.console.print(f"[yellow]![/] killed node [bold]{name}[/] in the middle of its work")

    def payment(self, event: Event) -> None:
        """One payment moved on."""
        if self.console.is_terminal:
            self.console.log(f"{event.state} {event.lease}")

    def outcome(self, outcome: "Outcome", names: Mapping[str, str], deployment: Deployment) -> None:
        """Tables of tasks, the sums to the unit, the audit's verdict, where to look."""
        for name, job, tasks in outcome.jobs:
            self.console.print(f"\n“{name}”, job {job.id}", soft_wrap=True)
            self.console.print(_task_table(tasks, names, deployment))
        self.console.print(_sums(outcome.traces, deployment))
        if outcome.round is not None:
            lines = _certificate(outcome.round, outcome.clearing["facts"], deployment)
            self.console.print("\n".join(lines), soft_wrap=True)
        for finding in [*outcome.traces, outcome.clearing, outcome.invariants]:
            self.console.print(_verdict(finding))
        self.console.print(f"\nOpen the contact sheet: [bold]{outcome.sheet}[/]", soft_wrap=True)


def _task_table(tasks: list[TaskView], names: Mapping[str, str], deployment: Deployment) -> Table:
    table = Table("task", "node", "state")
    table.add_column("gigafuel", justify="right")
    table.add_column(f"price in {deployment.token_symbol}", justify="right")
    for task in tasks:
        for lease in task.leases:
            table.add_row(
                str(task.index), names.get(lease.node, lease.node), *_lease_cells(lease, deployment)
            )
    return table


def _lease_cells(lease: LeaseView, deployment: Deployment) -> tuple[str, str, str]:
    fuel = f"{lease.usage.fuel / FUEL_PER_GIGAFUEL:.3f}" if lease.usage is not None else ""
    paid = lease.amount is not None and lease.state is LeaseState.ACCEPTED
    price = format_money(lease.amount or 0, deployment.token_decimals) if paid else ""
    state = lease.state.value + (f" ({lease.reason.reason.value})" if lease.reason is not None else "")
    return state, fuel, price


def _sums(traces: list[dict[str, Any]], deployment: Deployment) -> Table:
    table = Table(
        "job", "buyer paid", "providers got", "fee", "adds up", title="The sums, in the smallest unit"
    )
    for trace in traces:
        facts = trace["facts"]
        paid, got, fee = (int(facts[name]) for name in ("buyer paid", "providers got", "fee"))
        table.add_row(
            trace["id"][:18] + "…", str(paid), str(got), str(fee), "yes" if paid == got + fee else "NO"
        )
    table.caption = f"1 {deployment.token_symbol} = {10**deployment.token_decimals}"
    return table


def _certificate(row: ClearingView, facts: Mapping[str, Any], deployment: Deployment) -> tuple[str, str]:
    """The round's gain and its bound, whole tokens; the auditor's facts count in micro-atoms."""
    found, bound = (int(facts[name].split()[0]) // MICRO_ATOMS_PER_ATOM for name in ("welfare", "bound"))
    gain, most = (format_money(amount, deployment.token_decimals) for amount in (found, bound))
    return (
        f"clearing of epoch {row.epoch}: {row.matches} matches worth {gain} {deployment.token_symbol} over "
        f"their prices, {most} at the very most",
        f"certificate {row.certificate}: {facts['gap']}",
    )


def _verdict(finding: dict[str, Any]) -> str:
    checks = list(_checks(finding))
    held = sum(1 for check in checks if check["passed"])
    colour, word = ("green", "VERIFIED") if finding["passed"] else ("red", "FAILED")
    what = f"audit of {finding['kind']} {finding['id'][:18]}"
    return f"{what}: [bold {colour}]{word}[/], {held} of {len(checks)} checks held"


def _checks(finding: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from finding["checks"]
    for below in finding["below"]:
        yield from _checks(below)


def _tokens(amount: int, deployment: Deployment) -> str:
    return f"{format_money(amount, deployment.token_decimals)} {deployment.token_symbol}"
