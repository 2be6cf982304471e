"""What a disputed claim claims to have run, found in the calldata that opened it. Pure.

The claim names only hashes; order, lease and receipt stand in the call of ClaimCourt, which may lie inside a
multicall or a wallet's own call. Whatever is found counts only if its hashes are the claim's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from eth_utils.address import to_checksum_address

from provider_agent.calls import find_calls
from suanli.protocol.court import Claim, award_task_id
from suanli.protocol.eip712 import Struct
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import JobOrder, Lease, Limits, Receipt
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

S = TypeVar("S", bound=Struct)


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    """A task to run again: its order (or auction) and number, which fix its random bytes, and its spec.

    `limits` are the order's; an award names none. A market keeps the evidence under the id `receipt`.
    """

    order: Hash
    task: int
    spec: Hash
    limits: Limits | None
    receipt: Hash


def claimed_task(claim: Claim, calldata: bytes) -> ClaimedTask:
    """The task in the transaction that opened the claim. Raises NodeError(EVIDENCE_MISSING)."""
    search = _in_award if claim.awarded else _in_order
    function = "openAwardClaims" if claim.awarded else "openClaims"
    for arguments in find_calls("ClaimCourt", function, calldata):
        found = search(claim, *arguments)
        if found is not None:
            return found
    raise NodeError(Reason.EVIDENCE_MISSING, f"no call in its transaction opens the claim {claim.id}")


def _in_order(
    claim: Claim, order: Sequence[Any], signature: bytes, items: Iterable[Any]
) -> ClaimedTask | None:
    ordered = struct_from(JobOrder, order)
    if ordered.id() != claim.order:
        return None
    for lease_values, _, receipt_values, _, _ in items:
        lease = struct_from(Lease, lease_values)
        if lease.id() == claim.id:
            receipt = struct_from(Receipt, receipt_values).id()
            return ClaimedTask(claim.order, lease.task, lease.spec, ordered.limits, receipt)
    return None


def _in_award(claim: Claim, auction: bytes, items: Iterable[Any]) -> ClaimedTask | None:
    if hex_of(auction) != claim.order:
        return None
    for task, spec, receipt_values, _, _ in items:
        if award_task_id(claim.order, task) == claim.id:
            receipt = struct_from(Receipt, receipt_values).id()
            return ClaimedTask(claim.order, task, hex_of(spec), None, receipt)
    return None


def struct_from(model: type[S], values: Sequence[Any]) -> S:
    """A message from the tuple that the ABI codec yields."""
    named = zip(model.model_fields.items(), values, strict=True)
    return model(**{name: _value(field.annotation, value) for (name, field), value in named})


def hex_of(data: bytes) -> Hash:
    """The hash of some bytes in its written form."""
    return "0x" + data.hex()


def written(value: Any) -> Any:
    """A value of the ABI codec as messages hold it: hashes in hex, addresses with their checksum."""
    if isinstance(value, bytes):
        return hex_of(value)
    return to_checksum_address(value) if isinstance(value, str) else value


def _value(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return struct_from(kind, value)
    return written(value)
