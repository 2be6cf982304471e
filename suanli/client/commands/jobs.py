"""`suanli job list` and `cancel`, and how a command line names a job: id, unique beginning, or urn."""

import re
from typing import Annotated

import typer

from suanli.client.commands.console import money, table
from suanli.client.commands.options import Common, command
from suanli.client.market import Suanli
from suanli.protocol.errors import ClientError
from suanli.protocol.identifiers import UrnKind, parse_urn
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.jobs import JobView

JobArgument = Annotated[
    str, typer.Argument(metavar="JOB", help="Job id, its beginning, or its urn.", show_default=False)
]

_WHOLE_ID = re.compile(r"^0x[0-9a-f]{64}$")


def register(app: typer.Typer) -> None:
    """Add the commands to `suanli job`."""
    command(app, "list")(list_jobs)
    command(app, "cancel")(cancel)


def list_jobs(common: Common) -> None:
    """Show the account's jobs."""
    with common.signed_in() as suanli:
        views = list(suanli.jobs())
        rows = [_row(view, suanli) for view in views]
        listing = table("Jobs", "job", "name", "state", ">tasks", ">spent", ">settled", rows=rows)
        common.out.show(views, listing)


def cancel(common: Common, job: JobArgument) -> None:
    """Stop a job; what is finished stays due, what runs is stopped."""
    with common.signed_in() as suanli:
        view = suanli.job(job_id(suanli, job)).cancel()
        common.out.show(view, f"{view.name}: {view.state.value}")


def job_id(suanli: Suanli, text: str) -> Hash:
    """The job that a command line names. Raises ClientError(NOT_FOUND) or ProtocolError(URN_UNKNOWN)."""
    if text.startswith("urn:"):
        return _of_urn(text, suanli)
    wanted = text.lower()
    if _WHOLE_ID.match(wanted):
        return wanted
    found = [view.id for view in suanli.jobs() if view.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    why = f"{len(found)} jobs begin so" if found else "no job of this account begins so"
    raise ClientError(Reason.NOT_FOUND, f"{text!r} names no job: {why}")


def _of_urn(text: str, suanli: Suanli) -> Hash:
    urn = parse_urn(text)
    if urn.kind is not UrnKind.JOB or urn.chain_id != suanli.deployment.chain_id:
        raise ClientError(Reason.URN_UNKNOWN, f"{text} is no job on chain {suanli.deployment.chain_id}")
    return urn.value


def _row(view: JobView, suanli: Suanli) -> tuple[str, ...]:
    done = sum(count for state, count in view.tasks_by_state.items() if state.value in ("ACCEPTED", "FAILED"))
    total = sum(view.tasks_by_state.values())
    spent, settled = money(view.spent, suanli.deployment), money(view.settled, suanli.deployment)
    return (view.id, view.name, view.state.value, f"{done}/{total}", spent, settled)
