"""`suanli job why`: where a job's tasks went in the last round, why others wait, and what would have won."""

import typer
from rich.table import Table

from suanli.client.commands.console import money, short, table
from suanli.client.commands.jobs import JobArgument, job_id
from suanli.client.commands.options import Common, command
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.why import JobWhy, TaskWhy

_NAMED = 8
"""So many tasks of a group are named; the rest is counted."""


def register(app: typer.Typer) -> None:
    """Add the command to `suanli job`."""
    command(app, "why")(why)


def why(common: Common, job: JobArgument) -> None:
    """Say why a job's tasks wait, which single change would have won, and how its price stands."""
    with common.signed_in() as suanli:
        found = suanli.job(job_id(suanli, job)).why()
        common.out.show(found, *_tables(found, suanli.deployment))


def _tables(found: JobWhy, deployment: Deployment) -> list[Table | str]:
    if found.epoch is None:
        return ["No round has had this job yet; the next one will."]
    shown: list[Table | str] = [_headline(found)]
    if found.placed:
        rows = [
            (one.task, short(one.node), money(one.price, deployment), money(one.premium, deployment))
            for one in found.placed
        ]
        columns = (">task", "node", ">at most", ">beyond the ask")
        shown.append(table("Placed", *columns, rows=rows))
    for group in found.waiting:
        shown += [_reason(group), _excluded(group)]
        if group.changes:
            changed = [
                (one.what, one.reason.value, short(one.node), money(one.price, deployment))
                for one in group.changes
            ]
            shown.append(
                table("One of these would have won", "change", "past", "node", ">price", rows=changed)
            )
    return shown


def _headline(found: JobWhy) -> str:
    if found.percentile is None:
        return f"Round {found.epoch}:"
    return f"Round {found.epoch}: {found.percentile} % of the others' copies offered less for the same work."


def _reason(group: TaskWhy) -> str:
    named = ", ".join(str(index) for index in group.tasks[:_NAMED])
    more = f" and {len(group.tasks) - _NAMED} more" if len(group.tasks) > _NAMED else ""
    return f"Task {named}{more} ({group.copies} copies): {group.reason.reason.value}: {group.reason.detail}"


def _excluded(group: TaskWhy) -> Table:
    rows = [(one.reason.value, one.count) for one in group.excluded]
    title = f"{group.eligible} of {group.fleet} nodes may run them"
    return table(title, "the others fail first", ">nodes", rows=rows)
