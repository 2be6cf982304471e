"""Finds claims, verdicts and reserved orders in the calldata of any transaction. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from suanli.audit.calldata import Call, as_hex, calls
from suanli.audit.structs import struct_of, tuple_type
from suanli.protocol.court import award_task_id
from suanli.protocol.messages import JobOrder, Lease, Receipt, Usage
from suanli.protocol.values import Hash

_ITEM = f"({tuple_type(Lease)},bytes,{tuple_type(Receipt)},bytes,bytes32[])"
_AWARD_ITEM = f"(uint32,bytes32,{tuple_type(Receipt)},bytes,bytes32[])"
OPEN_CLAIMS: Call = ("openClaims", (tuple_type(JobOrder), "bytes", f"{_ITEM}[]"))
OPEN_VERDICT: Call = (
    "openVerdict",
    ("bytes32", "uint256", "uint256", "uint8", "bytes32", tuple_type(Usage), "bytes32"),
)
RESERVE: Call = ("reserve", (tuple_type(JobOrder), "uint128", "bytes"))
OPEN_AWARD_CLAIMS: Call = ("openAwardClaims", ("bytes32", f"{_AWARD_ITEM}[]"))


@dataclass(frozen=True, slots=True)
class ClaimCall:
    """One claim of a lease as it was opened."""

    order: JobOrder
    order_signature: str
    lease: Lease
    operator_signature: str
    receipt: Receipt
    node_signature: str
    proof: tuple[Hash, ...]


@dataclass(frozen=True, slots=True)
class AwardCall:
    """One claim of a task of an award as it was opened."""

    auction: Hash
    task: int
    spec: Hash
    receipt: Receipt
    node_signature: str
    proof: tuple[Hash, ...]

    def id(self) -> Hash:
        """The claim's id, which stands for the lease that an award has none of."""
        return award_task_id(self.auction, self.task)


@dataclass(frozen=True, slots=True)
class VerdictCall:
    """A juror's verdict as it was opened; outcome 2 abstains."""

    outcome: int
    result: Hash
    usage: Usage
    salt: Hash


def claim_calls(data: bytes) -> dict[Hash, ClaimCall | AwardCall]:
    """Every claim in the calldata by its id."""
    return dict((*_claims(data), *_award_claims(data)))


def _claims(data: bytes) -> Iterator[tuple[Hash, ClaimCall]]:
    for order, order_signature, items in calls(data, OPEN_CLAIMS):
        signed = struct_of(JobOrder, order), as_hex(order_signature)
        for lease, operator_signature, receipt, node_signature, proof in items:
            leased = struct_of(Lease, lease)
            worked = struct_of(Receipt, receipt), as_hex(node_signature)
            yield leased.id(), ClaimCall(*signed, leased, as_hex(operator_signature), *worked, _hashes(proof))


def _award_claims(data: bytes) -> Iterator[tuple[Hash, AwardCall]]:
    for auction, items in calls(data, OPEN_AWARD_CLAIMS):
        for task, spec, receipt, node_signature, proof in items:
            worked = struct_of(Receipt, receipt), as_hex(node_signature)
            one = AwardCall(as_hex(auction), task, as_hex(spec), *worked, _hashes(proof))
            yield one.id(), one


def _hashes(values: Any) -> tuple[Hash, ...]:
    return tuple(map(as_hex, values))


def verdict_call(data: bytes, dispute: Hash, round_: int, seat: int) -> VerdictCall | None:
    """The verdict that a juror opened, or None when the calldata does not hold it."""
    for named, number, place, outcome, result, usage, salt in calls(data, OPEN_VERDICT):
        if (as_hex(named), number, place) == (dispute, round_, seat):
            return VerdictCall(outcome, as_hex(result), struct_of(Usage, usage), as_hex(salt))
    return None


def reserved_order(data: bytes, order: Hash) -> JobOrder | None:
    """The order of this id for which the calldata reserves money, or None."""
    made = (struct_of(JobOrder, values) for values, *_ in calls(data, RESERVE))
    return next((one for one in made if one.id() == order), None)
