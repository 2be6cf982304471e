import pytest

from market.core.lifecycle import CLOSED_JOBS, LIVE_LEASES, OPEN_JOBS, PAYABLE_LEASES, move
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import JOB, LEASE, TASK, JobState, LeaseState, TaskState


def test_a_move_in_the_table_is_made() -> None:
    assert move(TASK, TaskState.PENDING, TaskState.LEASED) is TaskState.LEASED


def test_a_move_outside_the_table_is_refused() -> None:
    with pytest.raises(MarketError) as refused:
        move(LEASE, LeaseState.LOST, LeaseState.RECEIPTED)
    assert refused.value.reason is Reason.STATE_CONFLICT


def test_every_job_is_open_or_closed_or_settled() -> None:
    assert {*OPEN_JOBS, *CLOSED_JOBS, JobState.SETTLED} == set(JobState)
    assert all(JobState.SETTLED in JOB[state] for state in CLOSED_JOBS)


def test_no_live_lease_is_payable() -> None:
    assert not set(LIVE_LEASES) & set(PAYABLE_LEASES)
