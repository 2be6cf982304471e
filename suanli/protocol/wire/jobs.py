"""Quotes and jobs: what a buyer and the market say to each other."""

from enum import StrEnum

from pydantic import Field

from suanli.protocol.documents import JobSpec
from suanli.protocol.messages import InclusionPromise, JobOrder, Lease, Limits, Prices, Receipt, Usage
from suanli.protocol.reasons import Reason
from suanli.protocol.requirements import Requirements
from suanli.protocol.states import JobState, LeaseState, PaymentState, TaskState
from suanli.protocol.values import Address, Hash, Uint8, Uint32, Uint64, Uint128
from suanli.protocol.wire.common import Explanation, Signed, Wire


class QuoteRequest(Wire):
    """`POST /quotes`: a job without its files; `requirements` are those of each task."""

    buyer: Address | None = None
    tasks: Uint32
    policy: Uint8
    replicas: Uint8
    limits: Limits
    maximum_prices: Prices
    budget: Uint128 | None = None
    deadline: Uint64
    requirements: Requirements | None = None


class QuoteLine(Wire):
    """One dimension of one task at its limits: quantity, the price span, micro-atoms at the best price."""

    dimension: str
    quantity: Uint64
    unit: str
    price: Uint64
    highest_price: Uint64
    micro_atoms: Uint128


class Exclusion(Wire):
    """How many nodes one rule excludes; every node counts under the first rule that excludes it."""

    reason: str
    detail: str
    nodes: int


class QualityLine(Wire):
    """What one quality of the best node counts for, at the buyer's own weights; nobody is paid it."""

    quality: str
    amount: Uint64
    unit: str
    micro_atoms: Uint128


class RunnerUp(Wire):
    """The second best node, and by how much it lost: price and quality together, in micro-atoms."""

    node: Address
    task_cap: Uint128
    quality_micro_atoms: Uint128
    lost_by_micro_atoms: Uint128


class Odds(Wire):
    """Whether one copy is done by the deadline on the best node.

    `basis_points`: the node's reliability (the share of its leases that it delivered, as the market counts
    them),
    or 0 where `needed_seconds` > `left_seconds`. Needed: fuel limit / fuel per second of one slot, from the
    node's benchmark or its own statement, plus the measured transfer of its input; null when nobody knows
    the speed.
    """

    basis_points: int
    needed_seconds: int | None
    left_seconds: int


class Relaxation(Wire):
    """One limit eased alone, and the node that it would let in: `saving_basis_points` of the present cost.

    Without a present best there is nothing to save on: null.
    """

    reason: Reason
    change: str
    node: Address
    task_cap: Uint128
    saving_micro_atoms: Uint128 | None
    saving_basis_points: int | None


class Quote(Wire):
    """What the job costs at most. `eligible` and the exclusions add up to `fleet`.

    `cap` is what all copies of all tasks cost at their limits, each on the dearest eligible node; `fee` is
    the
    operator's part *inside* it; `lines` are one copy of one task on the node `best` and add up to `task_cap`
    (rounded up once). `best` is the eligible node with a free slot of most surplus, or, when `free` is 0, the
    cheapest busy one. `quality` are the lines that its choice took into account beside the price.
    """

    fleet: int
    eligible: int
    free: int = 0
    exclusions: list[Exclusion]
    best: Address | None = None
    lines: list[QuoteLine]
    quality: tuple[QualityLine, ...] = ()
    runner_up: RunnerUp | None = None
    odds: Odds | None = None
    relaxations: tuple[Relaxation, ...] = ()
    task_cap: Uint128
    cap: Uint128
    fee: Uint128
    fits_budget: bool
    valid_until: int


class JobRequest(Wire):
    """`POST /jobs`; the module and every input must have been uploaded before."""

    order: Signed[JobOrder]
    spec: JobSpec
    holds: tuple[Uint64, ...] = Field(default=(), max_length=16_000)
    """Numbers of `POST /quotes/take` for its copies: those of task 0 first, as many as it has copies."""


class JobView(Wire):
    """A job as its buyer sees it. Money in atoms."""

    id: Hash
    name: str
    state: JobState
    reason: Explanation | None
    order: Signed[JobOrder]
    promise: Signed[InclusionPromise] | None
    created_at: int
    tasks_by_state: dict[TaskState, int]
    spent: Uint128
    """Charges of accepted receipts."""
    settled: Uint128


class LeaseView(Wire):
    """One copy of a task."""

    id: Hash
    node: Address
    attempt: int
    state: LeaseState
    reason: Explanation | None
    usage: Usage | None
    amount: Uint128 | None
    result: Hash | None
    receipt: Hash | None
    payment: PaymentState | None
    payment_reason: Explanation | None = None
    """Why it is not paid by the market: under claim, or its serial taken."""


class TaskView(Wire):
    """One task; `waiting` says why no node has it yet; `outputs` are those of the accepted result."""

    index: int
    state: TaskState
    reason: Explanation | None
    waiting: Explanation | None
    result: Hash | None
    """The accepted result manifest's hash: a blob."""
    leases: list[LeaseView]


class VerdictRequest(Wire):
    """`POST /jobs/{job}/tasks/{index}/verdict`: the buyer's own acceptance of one lease's result."""

    lease: Hash
    accept: bool
    detail: str = ""


class ReceiptView(Wire):
    """A receipt of a job with the lease it answers; `payment` is null until the result is accepted."""

    receipt: Signed[Receipt]
    lease: Signed[Lease]
    id: Hash
    node: Address
    task: int
    payment: PaymentState | None
    payment_reason: Explanation | None = None
    """Why it is not paid by the market: under claim, or its serial taken."""
    epoch: Uint64 | None
    transaction: Hash | None


class EventKind(StrEnum):
    """What may happen to a job while one watches it."""

    JOB = "JOB"
    TASK = "TASK"
    LEASE = "LEASE"
    PAYMENT = "PAYMENT"


class Event(Wire):
    """One line of a job's history, numbered; `GET /jobs/{job}/events?after=N&wait=S`."""

    number: int
    at: int
    kind: EventKind
    task: int | None
    lease: Hash | None
    state: str
    node: Address | None = None
    reason: Explanation | None = None
