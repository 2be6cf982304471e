"""`suanli job results`, `receipts` and `logs`: what came out, what vouches for it, what was printed."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from suanli.client.commands.console import FAILED, money, short, table
from suanli.client.commands.jobs import JobArgument, job_id
from suanli.client.commands.options import Common, command
from suanli.client.job import FINISHED, Job
from suanli.client.quantities import about_fuel
from suanli.client.results import TaskResult
from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.jobs import ReceiptView

TaskArgument = Annotated[int, typer.Argument(metavar="TASK", help="The task's number.", min=0)]
_FOLDER = typer.Option("--output", "-o", help="Where results go; the folder of `run`, or results/ if unset.")
_FLAT = typer.Option("--flat", help="All outputs in one folder, when their names are unique.")
_CHECK = typer.Option("--check", help="Check every signature, price and result, and keep what holds.")
_FOLLOW = typer.Option("--follow", "-f", help="Wait, and go on until the job is over.")
_FOLLOW_SECONDS = 1.0


def register(app: typer.Typer) -> None:
    """Add the commands to `suanli job`."""
    command(app, "results")(results)
    command(app, "receipts")(receipts)
    command(app, "logs")(logs)


def results(
    common: Common,
    job: JobArgument,
    output: Annotated[Path | None, _FOLDER] = None,
    flat: Annotated[bool, _FLAT] = False,
) -> None:
    """Download a job's results; each is verified against receipts, leases and hashes."""
    with common.signed_in() as suanli:
        handle = suanli.job(job_id(suanli, job))
        folder = output or suanli.record.folder(handle.id) or Path("results")
        collected = handle.download(folder, flat=flat)
        common.out.show(
            {"folder": str(folder), "tasks": collected}, result_table(collected), f"Results: {folder}"
        )
    if not all(result.verified for result in collected):
        raise typer.Exit(FAILED)


def receipts(common: Common, job: JobArgument, check: Annotated[bool, _CHECK] = False) -> None:
    """Show a job's receipts and how far their payment is."""
    with common.signed_in() as suanli:
        handle = suanli.job(job_id(suanli, job))
        refused = {error.context["receipt"]: error for error in handle.verify()} if check else {}
        views = list(handle.receipts())
        rows = [
            (
                view.task,
                short(view.node),
                view.id,
                about_fuel(view.receipt.message.usage.fuel),
                money(view.receipt.message.amount, suanli.deployment),
                payment_of(view),
                short(view.transaction),
                str(refused[view.id]) if view.id in refused else ("holds" if check else ""),
            )
            for view in views
        ]
        columns = (">task", "node", "receipt", ">fuel", ">price", "payment", "transaction", "check")
        refusals = {id_: error.to_json() for id_, error in refused.items()}
        common.out.show({"receipts": views, "refused": refusals}, table("Receipts", *columns, rows=rows))
    if refused:
        raise typer.Exit(FAILED)


def payment_of(view: ReceiptView) -> str:
    """How far a receipt's payment is, and why it goes no further where there is a reason."""
    state = view.payment.value if view.payment else "not accepted"
    reason = view.payment_reason
    return state if reason is None else f"{state} ({reason.reason.value}: {reason.detail})"


def logs(
    common: Common, job: JobArgument, task: TaskArgument = 0, follow: Annotated[bool, _FOLLOW] = False
) -> None:
    """Print what a task's last run wrote to standard output and error, once it is over."""
    with common.signed_in() as suanli:
        handle = suanli.job(job_id(suanli, job))
        if common.as_json:
            common.out.show({"job": handle.id, "task": task, "log": handle.log(task)})
            return
        _print_log(handle, task, follow)


def result_table(collected: list[TaskResult]) -> Table:
    """What became of each task, for people."""
    rows = [
        (
            one.index,
            one.state.value,
            one.outcome.name if one.outcome is not None else "",
            "yes" if one.verified else "no",
            len(one.files),
            f"{one.reason}: {one.detail}" if one.reason else one.detail,
        )
        for one in collected
    ]
    return table("Results", ">task", "state", "outcome", "verified", ">files", "why", rows=rows)


def _print_log(job: Job, task: int, follow: bool) -> None:
    shown = 0
    while True:
        over = not follow or job.view().state in FINISHED
        text = _log(job, task, wait=not over)
        shown = shown if text[:shown] and len(text) >= shown else 0
        typer.echo(text[shown:], nl=False)
        shown = len(text)
        if over:
            return
        time.sleep(_FOLLOW_SECONDS)


def _log(job: Job, task: int, *, wait: bool) -> str:
    """The log; empty while it is not to be had yet, where somebody waits for it."""
    try:
        return job.log(task)
    except SuanliError as error:
        if wait and error.reason is Reason.STATE_CONFLICT:
            return ""
        raise
