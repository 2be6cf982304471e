"""`suanli job accept`, `reject` and `settle`: the buyer's own verdicts and co-signatures."""

import time
from typing import Annotated

import typer

from suanli.client.commands.console import FAILED, money, short, table
from suanli.client.commands.jobs import JobArgument, job_id
from suanli.client.commands.options import Common, command
from suanli.client.commands.results import TaskArgument
from suanli.client.settlement import Answer
from suanli.protocol.wire.accounts import Deployment

_LEASE = typer.Option("--lease", help="Which run's result, where a task has several.")
_BECAUSE = typer.Option("--because", help="Why; the provider reads it.", prompt="Why")
_FOLLOW = typer.Option("--follow", "-f", help="Stay and sign what comes.")
_EVERY = typer.Option("--every", help="Seconds between two looks.", min=0.2)


def register(app: typer.Typer) -> None:
    """Add the commands to `suanli job`."""
    command(app, "accept")(accept)
    command(app, "reject")(reject)
    command(app, "settle")(settle)


def accept(
    common: Common, job: JobArgument, task: TaskArgument, lease: Annotated[str | None, _LEASE] = None
) -> None:
    """Accept a task's result (`verification: {accept: buyer}`): its receipt becomes due."""
    with common.signed_in() as suanli:
        chosen = suanli.job(job_id(suanli, job)).accept(task, lease)
        common.out.show({"task": task, "lease": chosen, "accepted": True}, f"task {task}: accepted")


def reject(
    common: Common,
    job: JobArgument,
    task: TaskArgument,
    because: Annotated[str, _BECAUSE],
    lease: Annotated[str | None, _LEASE] = None,
) -> None:
    """Reject a task's result: it is not paid, and the reason is kept."""
    with common.signed_in() as suanli:
        chosen = suanli.job(job_id(suanli, job)).reject(task, because, lease)
        common.out.show({"task": task, "lease": chosen, "accepted": False}, f"task {task}: rejected")


def settle(
    common: Common, follow: Annotated[bool, _FOLLOW] = False, every: Annotated[float, _EVERY] = 2.0
) -> None:
    """Check the settlements that wait for your signature, and sign or refuse each."""
    with common.signed_in() as suanli:
        answers = suanli.settle()
        while follow:
            for answer in answers:
                common.out.line(answer, _line(answer, suanli.deployment))
            time.sleep(every)
            answers = suanli.settle()
        rows = [(one.kind, short(one.id), one.receipts, _verdict(one, suanli.deployment)) for one in answers]
        waiting = table("Settlements", "kind", "id", ">receipts", "answer", rows=rows)
        common.out.show(answers, waiting if answers else "Nothing waits for your signature.")
    if any(answer.objection and not answer.objection.waits for answer in answers):
        raise typer.Exit(FAILED)


def _line(answer: Answer, deployment: Deployment) -> str:
    return f"{answer.kind} {short(answer.id)}: {_verdict(answer, deployment)}"


def _verdict(answer: Answer, deployment: Deployment) -> str:
    if answer.objection is None:
        return f"signed for {money(answer.amount, deployment)}"
    said = "left for later" if answer.objection.waits else "refused"
    return f"{said}, {answer.objection.reason.value}: {answer.objection.detail}"
