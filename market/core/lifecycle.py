"""Moves through the state tables of `suanli.protocol.states`, and what a job is by its tasks. Pure.

Every change of a state in the market goes through `move`.
"""

from collections.abc import Mapping

from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import TASK, JobState, LeaseState, PaymentState, S, TaskState, is_final, may

LIVE_LEASES = (LeaseState.OFFERED, LeaseState.RUNNING)
"""The copies that somebody may still work on; they hold a slot and their cap."""
PAYABLE_LEASES = (LeaseState.RECEIPTED, LeaseState.ACCEPTED)
"""The copies whose receipt counts against the budget."""
OPEN_JOBS = (JobState.OPEN, JobState.RUNNING)
"""The jobs that may still get leases."""
CLOSED_JOBS = (JobState.FINISHED, JobState.CANCELLED, JobState.EXPIRED)
"""The jobs that wait for nothing but their money."""
ENDED_PAYMENTS = (PaymentState.SETTLED, PaymentState.PAID_ELSEWHERE)
"""The payments for which nothing is owed any more, by the chain's word."""
OPEN_TASKS = tuple(state for state in TaskState if not is_final(TASK, state))
FORGIVEN = (Reason.NODE_SILENT, Reason.NODE_DRAINING, Reason.CHAIN_UNREACHABLE)
"""Reasons that end a copy without counting as an attempt; the same node may try again."""
FORGIVEN_MAXIMUM = 8
"""How often one node may be forgiven for one task, so that none can keep it from the others."""


def move(table: Mapping[S, frozenset[S]], before: S, after: S) -> S:
    """`after`, when the table lets it follow `before`. Raises MarketError(STATE_CONFLICT)."""
    if not may(table, before, after):
        raise MarketError(
            Reason.STATE_CONFLICT,
            f"{before.name} cannot become {after.name}",
            before=before.name,
            after=after.name,
        )
    return after


def job_state(before: JobState, tasks: Mapping[TaskState, int]) -> JobState:
    """What an open job is, by how many of its tasks are in which state."""
    if not any(tasks.get(state, 0) for state in OPEN_TASKS):
        return JobState.FINISHED
    started = any(count for state, count in tasks.items() if state is not TaskState.PENDING)
    return JobState.RUNNING if started else before
