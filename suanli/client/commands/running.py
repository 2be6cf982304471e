"""`suanli job run` and `suanli job watch`: from a job file to verified results, the price shown before."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from suanli.client.commands.console import FAILED, Output, money
from suanli.client.commands.following import follow, task_table
from suanli.client.commands.jobs import JobArgument, job_id
from suanli.client.commands.options import Common, command
from suanli.client.commands.quoting import JobFileArgument, quote_tables
from suanli.client.commands.results import result_table
from suanli.client.job import Job
from suanli.client.market import Suanli
from suanli.client.results import TaskResult
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import TaskState
from suanli.protocol.wire.jobs import JobView

_YES = typer.Option("--yes", "-y", help="Order without asking.")
_DETACH = typer.Option("--detach", help="Return when the job is ordered.")
_RESULTS = typer.Option(
    "--results", "-o", help="Where results go; results/<name> beside the job file if unset."
)
_SETTLE = typer.Option(help="Co-sign the payments until they stand on the chain, two minutes at most.")
_SETTLE_SECONDS = 120
_FLAT = typer.Option("--flat", help="All outputs in one folder, when their names are unique.")


def register(app: typer.Typer) -> None:
    """Add the commands to `suanli job`."""
    command(app, "run")(run)
    command(app, "watch")(watch)


def run(
    common: Common,
    job_file: JobFileArgument,
    yes: Annotated[bool, _YES] = False,
    detach: Annotated[bool, _DETACH] = False,
    results: Annotated[Path | None, _RESULTS] = None,
    settle: Annotated[bool, _SETTLE] = True,
    flat: Annotated[bool, _FLAT] = False,
) -> None:
    """Quote a job, order it, watch it, and bring its verified results here."""
    if common.as_json and not yes:
        raise typer.BadParameter("--json cannot ask: give --yes as well", param_hint="--yes")
    with common.signed_in() as suanli:
        job = _order(suanli, common.out, job_file, yes, results)
        if detach:
            common.out.show({"job": job.id}, job.id)
            return
        _finish(suanli, job, common.out, settle, flat)


def watch(
    common: Common,
    job: JobArgument,
    settled: Annotated[
        bool, typer.Option("--settled", help="Until every payment stands on the chain.")
    ] = False,
) -> None:
    """Follow a job until it is over; settlements are co-signed meanwhile."""
    with common.signed_in() as suanli:
        handle = suanli.job(job_id(suanli, job))
        follow(handle, common.out, suanli.deployment, until_settled=settled)
        view = handle.view()
        common.out.note(_closing(view, suanli))
    if any(view.tasks_by_state.get(state) for state in (TaskState.FAILED, TaskState.CANCELLED)):
        raise typer.Exit(FAILED)


def _order(suanli: Suanli, out: Output, job_file: Path, yes: bool, results: Path | None) -> Job:
    plan = suanli.plan(job_file)
    quote = suanli.quote(plan)
    for made in quote_tables(plan, quote, suanli.deployment):
        out.people.print(made)
    if not yes:
        typer.confirm("Order this job?", abort=True, err=True)
    folder = (results or job_file.parent / "results" / plan.job.name).resolve()
    columns = (TextColumn("upload"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=out.people, transient=True) as progress:
        bar = progress.add_task("upload")
        job = suanli.submit(
            plan,
            quote=quote,
            folder=folder,
            progress=lambda done, total: progress.update(bar, completed=done, total=total),
        )
    out.note(f"Job {job.id}")
    return job


def _finish(suanli: Suanli, job: Job, out: Output, settle: bool, flat: bool) -> None:
    watching = Output(as_json=False) if not out.as_json else _Silent(as_json=True)
    follow(job, watching, suanli.deployment)
    folder = suanli.record.folder(job.id) or Path("results")
    collected = job.download(folder, flat=flat)
    if settle:
        _await_payments(job, out)
    view = job.view()
    tables = (
        [] if out.as_json else [task_table(list(job.tasks()), suanli.deployment), result_table(collected)]
    )
    out.show(_summary(view, folder, collected), *tables, _closing(view, suanli), f"Results: {folder}")
    if not all(result.succeeded for result in collected):
        raise typer.Exit(FAILED)


def _await_payments(job: Job, out: Output) -> None:
    out.note("Payments are on their way; Ctrl-C is safe: `suanli job settle --follow` goes on.")
    try:
        job.wait(_SETTLE_SECONDS, until_settled=True)
    except ClientError as error:
        if error.reason is not Reason.DEADLINE_PASSED:
            raise
        out.note(f"Not all payments stand on the chain after {_SETTLE_SECONDS} s; they need no one's haste.")


class _Silent(Output):
    """Events are not part of `run --json`, whose stdout is one document."""

    def line(self, value: Any, text: str) -> None:
        """Say nothing."""


def _summary(view: JobView, folder: Path, collected: list[TaskResult]) -> dict[str, Any]:
    return {
        "job": view.id,
        "state": view.state.value,
        "spent": str(view.spent),
        "settled": str(view.settled),
        "results": str(folder),
        "tasks": collected,
    }


def _closing(view: JobView, suanli: Suanli) -> str:
    spent, settled = money(view.spent, suanli.deployment), money(view.settled, suanli.deployment)
    reason = f" ({view.reason.reason.value}: {view.reason.detail})" if view.reason else ""
    return f"{view.name}: {view.state.value}{reason}, spent {spent}, of which {settled} stands on the chain"
