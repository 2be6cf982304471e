"""Honest assignments with real keys, and the means to spoil them one fact at a time."""

from typing import Any

from provider_agent.lease import Terms
from suanli.protocol.documents import JobSpec, TaskSpec
from suanli.protocol.eip712 import Domain
from suanli.protocol.merkle import spec_proof
from suanli.protocol.wire.nodes import Assignment
from tests.unit.protocol.bundles import Cast, job, make_lease

DOMAIN = Domain(chain_id=31337, ledger="0x" + "1d" * 20)
CAST = Cast(DOMAIN)
NOW = 3_000_000_000
COVERED_SECONDS = 2_000_000_000


def terms() -> Terms:
    """The terms of the cast's node."""
    return Terms(DOMAIN, CAST.operator.address, CAST.node.address, [CAST.ask()], COVERED_SECONDS)


def job_of(spec: TaskSpec) -> JobSpec:
    """A job of this one task."""
    return JobSpec(name="one", tasks=[spec])


def assignment(
    of: JobSpec | None = None, order_changes: dict[str, Any] | None = None, **lease_changes: Any
) -> Assignment:
    """Task 0 of a job, leased at the cast's ask; changes are made before signing."""
    spec = of or job()
    ordered = CAST.order(spec).model_copy(update=order_changes or {})
    lease = make_lease(ordered, CAST.ask(), spec, 0).model_copy(update=lease_changes)
    return Assignment(
        lease=CAST.signed(CAST.operator, lease),
        order=CAST.signed(CAST.buyer, ordered),
        spec=spec.tasks[0],
        proof=spec_proof(spec, 0),
    )
