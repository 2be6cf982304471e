"""`suanli job lint` and `suanli job quote`: what is wrong with a job file, and what the job costs at most."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from suanli.client.commands.console import FAILED, money, table
from suanli.client.commands.options import Common, command
from suanli.client.findings import Finding, JobFileError
from suanli.client.job_file import read_job_file
from suanli.client.job_model import JobFile
from suanli.client.planner import Plan, make_plan
from suanli.client.quantities import format_duration, format_fuel, format_size
from suanli.client.requirements import wishes
from suanli.client.terms import price_text
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.units import DIMENSIONS
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.jobs import Quote

JobFileArgument = Annotated[
    Path, typer.Argument(metavar="JOB.YAML", help="The job file.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands to `suanli job`."""
    command(app, "lint")(lint)
    command(app, "quote")(quote)


def lint(common: Common, job_file: JobFileArgument) -> None:
    """Check a job file and the files it names, without talking to anybody."""
    try:
        plan = make_plan(read_job_file(job_file), job_file.parent)
    except JobFileError as error:
        lines = [_finding_line(job_file, one) for one in error.findings]
        common.out.show({"valid": False, "findings": list(error.findings)}, *lines)
        raise typer.Exit(FAILED) from None
    size = sum(path.stat().st_size for path in plan.blobs.values())
    tasks = len(plan.spec.tasks)
    common.out.show(
        {"valid": True, "findings": [], "tasks": tasks, "files": len(plan.blobs), "bytes": size},
        Text(f"{job_file}: fine; tasks: {tasks}, files to upload: {len(plan.blobs)} ({size} bytes)"),
        Text(f"Each task at most: {_limits(plan.job)}"),
        *(Text(f"Machines: {name}: {wish}") for name, wish in wishes(plan.job)),
    )


def quote(common: Common, job_file: JobFileArgument) -> None:
    """Ask what a job costs at most, by dimension, and which nodes are excluded why."""
    with common.looking() as suanli:
        plan = suanli.plan(job_file)
        answer = suanli.quote(plan)
        common.out.show(answer, *quote_tables(plan, answer, suanli.deployment))
    if not answer.eligible:
        raise ClientError(Reason.NO_NODES, f"none of {answer.fleet} nodes may run this job now")


def quote_tables(plan: Plan, answer: Quote, deployment: Deployment) -> list[Table]:
    """The quote for people: price by dimension, sums, exclusions."""
    made = [_prices(answer, deployment), _sums(plan, answer, deployment)]
    made += [_relaxations(answer, deployment)] if answer.relaxations else []
    return [*made, _exclusions(answer)] if answer.exclusions else made


def _limits(job: JobFile) -> str:
    limits, wall, all_ = job.limits, format_duration(job.limits.wall), format_duration(job.deadline)
    fuel, memory, output = format_fuel(limits.fuel), format_size(limits.memory), format_size(limits.output)
    return f"{fuel} fuel, {memory} memory, {output} output, {wall} on one machine; all within {all_}"


def _finding_line(job_file: Path, finding: Finding) -> Text:
    line = f":{finding.line}" if finding.line else ""
    return Text(f"{job_file}{line}: {finding.reason.value}: {finding.sentence()}")


def _prices(answer: Quote, deployment: Deployment) -> Table:
    sizes = {dimension.name: dimension.size for dimension in DIMENSIONS}
    decimals, symbol = deployment.token_decimals, deployment.token_symbol
    rows = [
        (
            line.dimension,
            f"{line.quantity / sizes.get(line.dimension, 1):,.6g}",
            line.unit,
            price_text(line.price, decimals),
            price_text(line.highest_price, decimals),
            price_text(line.micro_atoms, decimals),
        )
        for line in answer.lines
    ]
    rows += [
        (f"quality: {line.quality}", f"{line.amount:,}", line.unit, "", "", worth)
        for line in answer.quality
        for worth in [f"({price_text(line.micro_atoms, decimals)})"]
    ]
    title = f"One copy of one task at its limits, in {symbol}"
    return table(title, "dimension", ">at most", "unit", ">best price", ">highest", ">costs", rows=rows)


def _sums(plan: Plan, answer: Quote, deployment: Deployment) -> Table:
    copies = len(plan.spec.tasks) * plan.replicas
    budget = f"{plan.job.budget} {deployment.token_symbol}" if plan.job.budget else "none: the cap"
    rows = [
        ("one copy of one task at most", money(answer.task_cap, deployment)),
        (f"the job at most ({len(plan.spec.tasks)} tasks × {plan.replicas})", money(answer.cap, deployment)),
        (
            f"of which the operator's fee ({deployment.fee_basis_points / 100:g} %)",
            money(answer.fee, deployment),
        ),
        ("budget", budget if answer.fits_budget else f"{budget}: less than the job may cost"),
        ("nodes that may run it", f"{answer.eligible} of {answer.fleet}, {answer.free} free now"),
        *_beside(answer, deployment),
        *wishes(plan.job),
    ]
    return table(f"{plan.job.name}: {copies} runs", "what", ">how much", rows=rows)


def _beside(answer: Quote, deployment: Deployment) -> list[tuple[str, str]]:
    """Who is second, and the odds of the deadline."""
    rows = []
    if answer.runner_up is not None:
        lost = price_text(answer.runner_up.lost_by_micro_atoms, deployment.token_decimals)
        rows.append(("the second best node lost by", f"{lost} {deployment.token_symbol}"))
    if answer.odds is not None:
        needed = answer.odds.needed_seconds
        speed = "its speed is unknown" if needed is None else f"needs {needed} s"
        odds = f"{answer.odds.basis_points / 100:g} % ({speed}, {answer.odds.left_seconds} s left)"
        rows.append(("one copy in time, on the best node", odds))
    return rows


def _relaxations(answer: Quote, deployment: Deployment) -> Table:
    rows = [
        (
            one.change,
            "a first node" if one.saving_basis_points is None else f"-{one.saving_basis_points / 100:.0f} %",
            money(one.task_cap, deployment),
            one.reason,
        )
        for one in answer.relaxations
    ]
    return table("What would be cheaper", "change", ">saves", ">a copy then", "limit", rows=rows)


def _exclusions(answer: Quote) -> Table:
    rows = [(one.nodes, one.reason, one.detail) for one in answer.exclusions]
    return table("Nodes that are excluded", ">nodes", "reason", "why", rows=rows)
