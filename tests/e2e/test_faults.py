"""Parts that die in the middle: the job finishes all the same, and every sum adds up."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from suanli.client import Job, Suanli
from suanli.dev.stack import Stack
from suanli.protocol.states import JobState, LeaseState, PaymentState
from tests.e2e import jobs

PATHS = 400_000
POINTS = 4
PATIENCE = 120.0


def test_job_finishes_when_the_market_is_killed_before_any_lease(
    stack: Stack, suanli: Suanli, work: Path
) -> None:
    job = suanli.submit(jobs.sweep(work, POINTS, PATHS))
    _restart_market(stack)
    _finish(stack, job)


def test_job_finishes_when_the_market_is_killed_while_tasks_run(
    stack: Stack, suanli: Suanli, work: Path
) -> None:
    job = suanli.submit(jobs.sweep(work, POINTS, PATHS))
    _wait(lambda: _has_lease(job, LeaseState.RUNNING))
    _restart_market(stack)
    _finish(stack, job)


def test_payments_land_once_when_the_market_is_killed_while_it_settles(
    stack: Stack, suanli: Suanli, work: Path
) -> None:
    job = suanli.submit(jobs.sweep(work, POINTS, PATHS))
    job.wait(timeout=PATIENCE)
    for payment in (PaymentState.PROPOSED, PaymentState.SENT):
        _wait(partial(_payments_reach, suanli, job, payment))
        _restart_market(stack)
    _finish(stack, job)


def test_job_finishes_when_a_working_agent_is_killed_and_comes_back(
    stack: Stack, suanli: Suanli, work: Path
) -> None:
    job = suanli.submit(jobs.sweep(work, POINTS, PATHS))
    _wait(lambda: _has_lease(job, LeaseState.RUNNING))
    stack.kill_node("amber")
    time.sleep(1)
    stack.start_node("amber")
    _finish(stack, job)


def test_work_goes_on_while_the_chain_is_gone_and_settlement_catches_up(
    stack: Stack, suanli: Suanli, work: Path
) -> None:
    suanli.submit(jobs.sweep(work, POINTS, 1_000)).wait(timeout=PATIENCE)  # so every node has seen the escrow
    job = suanli.submit(jobs.sweep(work, POINTS, PATHS))
    stack.stop_chain()
    try:
        job.wait(timeout=PATIENCE)
        assert all(view.payment is not PaymentState.SETTLED for view in job.receipts())
    finally:
        stack.start_chain()
    _finish(stack, job)


def test_job_of_an_unknown_buyer_waits_for_the_chain_and_is_then_done(stack: Stack, work: Path) -> None:
    """No node has seen this buyer's escrow, so none works on trust; none gives the task up either."""
    buyer = stack.add_buyer("newcomer", "10")
    with stack.sign_in(buyer.keystore) as suanli:
        job = suanli.submit(jobs.sweep(work, 1, PATHS))
        stack.stop_chain()
        try:
            time.sleep(5)
            assert not list(job.receipts())
        finally:
            stack.start_chain()
        _finish(stack, job)


def _restart_market(stack: Stack) -> None:
    stack.kill_market()
    stack.start_market()


def _finish(stack: Stack, job: Job) -> None:
    """Wait until the job is settled; then the auditor, who trusts nobody, must find everything in order."""
    for _ in job.watch(until_settled=True):
        continue
    view = job.view()
    assert view.state is JobState.SETTLED
    assert view.settled == view.spent > 0
    trace = stack.command("audit", "trace", job.id, "--evidence", stack.market_url)
    assert trace["passed"]
    assert int(trace["facts"]["buyer paid"]) == view.spent
    assert stack.command("audit", "invariants")["passed"]


def _has_lease(job: Job, state: LeaseState) -> bool:
    return any(lease.state is state for task in job.tasks() for lease in task.leases)


def _payments_reach(suanli: Suanli, job: Job, wanted: PaymentState) -> bool:
    suanli.settle()
    reached = {PaymentState.SENT, PaymentState.SETTLED} | {wanted}
    return any(view.payment in reached for view in job.receipts())


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
