"""What a job file wants of the machines, as the part of a specification that the market matches by.

Money in the file is tokens; in the specification it is micro-atoms. Pure.
"""

from dataclasses import replace

from pydantic import ValidationError

from suanli.client.job_model import JobFile
from suanli.client.planner import Plan
from suanli.client.terms import micro_atoms
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.requirements import Requirements, Worth
from suanli.protocol.units import format_share


def requirements_of(job: JobFile, decimals: int) -> Requirements | None:
    """The requirements of every task; None when the file names none. Raises ClientError."""
    where, quality = job.where, job.quality
    found = Requirements(
        regions=where.regions,
        labels=where.labels,
        origin=where.origin,
        minimum_trust_basis_points=quality.trust,
        maximum_latency_milliseconds=quality.latency,
        maximum_carbon_grams_per_kilowatt_hour=quality.carbon,
        worth=_worth(job, decimals),
    )
    return None if found.is_neutral() else found


def specified(plan: Plan, decimals: int) -> Plan:
    """The plan with the job file's requirements in the specification of every task. Raises ClientError."""
    requirements = requirements_of(plan.job, decimals)
    if requirements is None:
        return plan
    tasks = [task.model_copy(update={"requirements": requirements}) for task in plan.spec.tasks]
    return replace(plan, spec=plan.spec.model_copy(update={"tasks": tasks}))


def wishes(job: JobFile) -> list[tuple[str, str]]:
    """What the file asks of machines, line by line, for people."""
    where, quality = job.where, job.quality
    worth = [(name, amount) for name, amount in quality.worth.model_dump().items() if float(amount)]
    lines = [
        ("regions", ", ".join(where.regions)),
        ("labels", ", ".join(where.labels)),
        ("origin of the data", where.origin or ""),
        ("trust at least", format_share(quality.trust) if quality.trust else ""),
        ("latency at most", f"{quality.latency} ms" if quality.latency is not None else ""),
        ("carbon at most", f"{quality.carbon} g CO2e/kWh" if quality.carbon is not None else ""),
        *((f"worth of a {name.replace('_', ' ')}", f"{amount} tokens") for name, amount in worth),
    ]
    return [(name, text) for name, text in lines if text]


def _worth(job: JobFile, decimals: int) -> Worth:
    amounts = {
        f"micro_atoms_per_{name}": micro_atoms(text, decimals, f"quality.worth.{name}")
        for name, text in job.quality.worth.model_dump().items()
    }
    try:
        return Worth.model_validate(amounts)
    except ValidationError as error:
        detail = f"quality.worth: {error.errors()[0]['loc'][0]} is too large"
        raise ClientError(Reason.QUANTITY_OUT_OF_RANGE, detail) from error
