"""State machines as tables: for each state, the states that may follow.

`NodeState` mirrors the Solidity enum; the others are the market's and the agent's. Rules ask `may`.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import TypeVar


class NodeState(IntEnum):
    """A node on chain; the numbers are those of the Solidity enum `NodeState`."""

    NONE = 0
    CONNECTED = 1
    DRAINING = 2
    UNBONDING = 3
    RELEASED = 4


class SlashReason(IntEnum):
    """Why stake was taken from a node; the numbers are the chain's."""

    CLAIM_FALSE = 0
    VERDICT_MISSING = 1
    VERDICT_WRONG = 2


class JobState(StrEnum):
    """A job in the market."""

    OPEN = "OPEN"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    """Every task is accepted or failed; money may still be on its way."""
    SETTLED = "SETTLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class TaskState(StrEnum):
    """A task in the market. ACCEPTED covers a verified failure of the program, too (see its outcome)."""

    PENDING = "PENDING"
    LEASED = "LEASED"
    VERIFYING = "VERIFYING"
    ACCEPTED = "ACCEPTED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class LeaseState(StrEnum):
    """A lease (one copy of a task on one node) in the market."""

    OFFERED = "OFFERED"
    RUNNING = "RUNNING"
    RECEIPTED = "RECEIPTED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    HANDED_BACK = "HANDED_BACK"
    LOST = "LOST"
    CANCELLED = "CANCELLED"


class PaymentState(StrEnum):
    """The payment of an accepted receipt."""

    DUE = "DUE"
    PROPOSED = "PROPOSED"
    SENT = "SENT"
    SETTLED = "SETTLED"
    PAID_ELSEWHERE = "PAID_ELSEWHERE"
    """The chain has taken its serial for something else that the node signed: nothing pays it any more."""


class RunState(StrEnum):
    """A lease in the agent's journal."""

    ASSIGNED = "ASSIGNED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    """The receipt is signed and journalled."""
    UPLOADED = "UPLOADED"
    ACKED = "ACKED"
    HANDED_BACK = "HANDED_BACK"
    FENCED = "FENCED"
    LOST = "LOST"


S = TypeVar("S", NodeState, JobState, TaskState, LeaseState, PaymentState, RunState)

NODE: Mapping[NodeState, frozenset[NodeState]] = {
    NodeState.NONE: frozenset({NodeState.CONNECTED}),
    NodeState.CONNECTED: frozenset({NodeState.DRAINING, NodeState.UNBONDING}),
    NodeState.DRAINING: frozenset({NodeState.CONNECTED, NodeState.UNBONDING}),
    NodeState.UNBONDING: frozenset({NodeState.RELEASED}),
    NodeState.RELEASED: frozenset(),
}

JOB: Mapping[JobState, frozenset[JobState]] = {
    JobState.OPEN: frozenset({JobState.RUNNING, JobState.FINISHED, JobState.CANCELLED, JobState.EXPIRED}),
    JobState.RUNNING: frozenset({JobState.FINISHED, JobState.CANCELLED, JobState.EXPIRED}),
    JobState.FINISHED: frozenset({JobState.SETTLED}),
    JobState.CANCELLED: frozenset({JobState.SETTLED}),
    JobState.EXPIRED: frozenset({JobState.SETTLED}),
    JobState.SETTLED: frozenset(),
}

TASK: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.PENDING: frozenset({TaskState.LEASED, TaskState.FAILED, TaskState.CANCELLED}),
    TaskState.LEASED: frozenset(
        {TaskState.PENDING, TaskState.VERIFYING, TaskState.ACCEPTED, TaskState.FAILED, TaskState.CANCELLED}
    ),
    TaskState.VERIFYING: frozenset(
        {TaskState.PENDING, TaskState.LEASED, TaskState.ACCEPTED, TaskState.FAILED, TaskState.CANCELLED}
    ),
    TaskState.ACCEPTED: frozenset(),
    TaskState.FAILED: frozenset(),
    TaskState.CANCELLED: frozenset(),
}

LEASE: Mapping[LeaseState, frozenset[LeaseState]] = {
    LeaseState.OFFERED: frozenset(
        {
            LeaseState.RUNNING,
            LeaseState.RECEIPTED,
            LeaseState.HANDED_BACK,
            LeaseState.LOST,
            LeaseState.CANCELLED,
        }
    ),
    LeaseState.RUNNING: frozenset(
        {LeaseState.RECEIPTED, LeaseState.HANDED_BACK, LeaseState.LOST, LeaseState.CANCELLED}
    ),
    LeaseState.RECEIPTED: frozenset({LeaseState.ACCEPTED, LeaseState.REJECTED}),
    LeaseState.ACCEPTED: frozenset(),
    LeaseState.REJECTED: frozenset(),
    LeaseState.HANDED_BACK: frozenset(),
    LeaseState.LOST: frozenset(),
    LeaseState.CANCELLED: frozenset(),
}

PAYMENT: Mapping[PaymentState, frozenset[PaymentState]] = {
    PaymentState.DUE: frozenset({PaymentState.PROPOSED, PaymentState.PAID_ELSEWHERE}),
    PaymentState.PROPOSED: frozenset({PaymentState.DUE, PaymentState.SENT, PaymentState.PAID_ELSEWHERE}),
    PaymentState.SENT: frozenset({PaymentState.DUE, PaymentState.SETTLED, PaymentState.PAID_ELSEWHERE}),
    PaymentState.SETTLED: frozenset({PaymentState.SENT}),
    PaymentState.PAID_ELSEWHERE: frozenset({PaymentState.DUE}),
    # a reorganisation of the chain takes a settlement back to SENT, and gives a serial back
}

RUN: Mapping[RunState, frozenset[RunState]] = {
    RunState.ASSIGNED: frozenset({RunState.STARTING, RunState.HANDED_BACK, RunState.FENCED, RunState.LOST}),
    RunState.STARTING: frozenset(
        {RunState.RUNNING, RunState.FINISHED, RunState.HANDED_BACK, RunState.FENCED, RunState.LOST}
    ),
    RunState.RUNNING: frozenset({RunState.FINISHED, RunState.HANDED_BACK, RunState.FENCED, RunState.LOST}),
    RunState.FINISHED: frozenset({RunState.UPLOADED, RunState.FENCED, RunState.LOST}),
    RunState.UPLOADED: frozenset({RunState.ACKED, RunState.FENCED, RunState.LOST}),
    RunState.ACKED: frozenset(),
    RunState.HANDED_BACK: frozenset(),
    RunState.FENCED: frozenset(),
    RunState.LOST: frozenset(),
}


def may(table: Mapping[S, frozenset[S]], before: S, after: S) -> bool:
    """Whether a state machine lets `after` follow `before`."""
    return after in table[before]


def is_final(table: Mapping[S, frozenset[S]], state: S) -> bool:
    """Whether nothing may follow `state`."""
    return not table[state]
