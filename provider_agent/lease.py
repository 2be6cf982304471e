"""What a node checks of a lease on its own before it lifts a finger. Pure; the chain's part is in `funding`.

An honest market never offers what these rules decline; they are there for the others.
"""

from dataclasses import dataclass

from suanli.protocol.charging import lease_cap
from suanli.protocol.documents import TaskSpec
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import verify_spec
from suanli.protocol.messages import Ask, Lease, Limits
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover
from suanli.protocol.values import Address
from suanli.protocol.wire.nodes import Assignment

SHORTEST_RUN_SECONDS = 2
"""A lease with less time left is not worth starting."""
MAXIMUM_ARGUMENT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Terms:
    """What this node works under: its deployment, the operator, its own address, the asks it still stands by.

    `covered_seconds`: for how long from now a buyer's escrow is sure to pay.
    """

    domain: Domain
    operator: Address
    node: Address
    asks: list[Ask]
    covered_seconds: int


@dataclass(frozen=True, slots=True)
class Objection:
    """Why the node does not take the lease."""

    reason: Reason
    detail: str


def check_lease(assignment: Assignment, terms: Terms, now: int) -> Objection | None:
    """The first rule that the assignment breaks, or None. The order's signature is `funding`'s to check."""
    for rule in _RULES:
        objection = rule(assignment, terms, now)
        if objection is not None:
            return objection
    return None


def seconds_to_run(lease: Lease, limits: Limits, now: int) -> int:
    """How long a run may take: the order's limit, or what the lease's deadline leaves."""
    return min(limits.wallSeconds, lease.deadline - now - 1)


def _signed_by_operator(assignment: Assignment, terms: Terms, now: int) -> Objection | None:
    try:
        signer = recover(terms.domain, assignment.lease.message, assignment.lease.signature)
    except ProtocolError as error:
        return Objection(error.reason, error.detail)
    if signer != terms.operator:
        return Objection(Reason.SIGNER_MISMATCH, f"the lease is signed by {signer}, not by the operator")
    if assignment.order.message.operator != signer:
        detail = f"the order is {assignment.order.message.operator}'s to lease, not {signer}'s"
        return Objection(Reason.WRONG_OPERATOR, detail)
    return None


def _for_this_node(assignment: Assignment, terms: Terms, now: int) -> Objection | None:
    lease, order = assignment.lease.message, assignment.order.message
    if lease.node != terms.node:
        return Objection(Reason.SIGNER_MISMATCH, f"the lease is for the node {lease.node}")
    if lease.order != order.id():
        return Objection(
            Reason.HASH_MISMATCH, "the lease is for another order than the one that came with it"
        )
    return None


def _proved(assignment: Assignment, terms: Terms, now: int) -> Objection | None:
    lease, order = assignment.lease.message, assignment.order.message
    if assignment.spec.content_hash() != lease.spec:
        return Objection(Reason.HASH_MISMATCH, "the specification is not the one that the lease names")
    if lease.task >= order.tasks or not verify_spec(order.specRoot, lease.task, lease.spec, assignment.proof):
        return Objection(Reason.HASH_MISMATCH, f"the buyer ordered no such task number {lease.task}")
    return None


def unsound(spec: TaskSpec) -> Objection | None:
    """Why no node can set up what the specification says, or None."""
    texts = [*spec.arguments, *spec.environment, *spec.environment.values()]
    if any("\x00" in text for text in texts) or any("=" in name or not name for name in spec.environment):
        return Objection(
            Reason.DOCUMENT_MALFORMED, "an argument or a variable has a character it may not have"
        )
    if sum(len(text) for text in texts) > MAXIMUM_ARGUMENT_BYTES:
        return Objection(Reason.DOCUMENT_MALFORMED, "the arguments and variables are too long")
    return _sound_paths(spec)


def _sound_paths(spec: TaskSpec) -> Objection | None:
    paths = {reference.path for reference in spec.inputs}
    parents = {path.rsplit("/", depth)[0] for path in paths for depth in range(1, path.count("/") + 1)}
    if len(paths) != len(spec.inputs) or paths & parents:
        return Objection(Reason.DOCUMENT_MALFORMED, "two inputs have the same place")
    return None


def _sound_spec(assignment: Assignment, terms: Terms, now: int) -> Objection | None:
    return unsound(assignment.spec)


def _in_time(assignment: Assignment, terms: Terms, now: int) -> Objection | None:
    if assignment.lease.message.deadline - now < SHORTEST_RUN_SECONDS:
        return Objection(Reason.LEASE_EXPIRED, "the lease's deadline leaves no time for a run")
    if assignment.order.message.deadline < now:
        return Objection(Reason.DEADLINE_PASSED, "the order's deadline has passed")
    if assignment.lease.message.deadline > assignment.order.message.deadline:
        return Objection(Reason.DEADLINE_PASSED, "the lease ends after its order")
    return None


def _covered(assignment: Assignment, terms: Terms, now: int) -> Objection | None:
    """A buyer may begin to thaw at any moment; the work must be settled before the money can leave."""
    left = assignment.lease.message.deadline - now
    if left > terms.covered_seconds:
        detail = f"the lease ends in {left} s, the escrow is sure to pay for {terms.covered_seconds} s"
        return Objection(Reason.NOT_FUNDED, detail)
    return None


def _priced(assignment: Assignment, terms: Terms, now: int) -> Objection | None:
    lease = assignment.lease.message
    ask = _asked(lease, terms)
    if ask is None:
        return Objection(Reason.ASK_EXPIRED, f"the lease names {lease.ask}, which is no ask that stands")
    if not _pays(lease, ask):
        return Objection(Reason.PRICE_ABOVE_LIMIT, "the lease pays less than the ask that it names")
    return None


def _capped(assignment: Assignment, terms: Terms, now: int) -> Objection | None:
    lease, limits = assignment.lease.message, assignment.order.message.limits
    cap = lease_cap(lease.prices, lease.minimumCharge, limits, assignment.spec.input_bytes())
    if lease.cap < cap:
        return Objection(Reason.CHARGE_WRONG, f"the lease's cap is {lease.cap}, the limits may cost {cap}")
    return None


def _within(assignment: Assignment, terms: Terms, now: int) -> Objection | None:
    """The order's limits against the most that the ask allows one task."""
    limits, ingress = assignment.order.message.limits, assignment.spec.input_bytes()
    ask = _asked(assignment.lease.message, terms)
    if ask is None:
        return None
    wanted = (
        (limits.fuel, "fuel", Reason.FUEL_LIMIT_TOO_SMALL),
        (limits.memoryBytes, "memoryBytes", Reason.MEMORY_TOO_SMALL),
        (max(ingress, 0), "inputBytes", Reason.INPUT_TOO_LARGE),
        (limits.outputBytes, "outputBytes", Reason.OUTPUT_TOO_LARGE),
        (limits.wallSeconds, "wallSeconds", Reason.WALL_LIMIT_TOO_SMALL),
    )
    for value, name, reason in wanted:
        most = getattr(ask.limits, name)
        if value > most:
            return Objection(reason, f"the task may need {value} {name}, this node lends {most}")
    if ingress > limits.inputBytes:
        return Objection(
            Reason.INPUT_TOO_LARGE, f"the task has {ingress} bytes of input, its order allows less"
        )
    return None


def _asked(lease: Lease, terms: Terms) -> Ask | None:
    return next((ask for ask in terms.asks if ask.id() == lease.ask), None)


def _pays(lease: Lease, ask: Ask) -> bool:
    offered, asked = lease.prices.vector(), ask.prices.vector()
    enough = all(price >= least for price, least in zip(offered, asked, strict=True))
    return enough and lease.minimumCharge >= ask.minimumCharge


_RULES = (
    _signed_by_operator,
    _for_this_node,
    _proved,
    _sound_spec,
    _in_time,
    _covered,
    _priced,
    _capped,
    _within,
)
