"""`kill -9` at every transition of the journal, enumerated: always one receipt, and no work after it."""

import signal
from typing import Any

import psutil
import pytest

from provider_agent.faults import VARIABLE
from suanli.protocol.states import RunState
from tests.integration.agent.grid import BUYER, Agent, Grid, eventually, limits
from tests.integration.agent.programs import GOOD, forever, program

BEFORE_THE_RECEIPT = [RunState.ASSIGNED, RunState.STARTING, RunState.RUNNING, RunState.FINISHED]
WITH_A_RECEIPT = ["UPLOAD", RunState.UPLOADED, RunState.ACKED]
TRANSITIONS = [*BEFORE_THE_RECEIPT, *WITH_A_RECEIPT]
POINTS = [f"{when}:{point}" for point in TRANSITIONS for when in ("before", "after")]
RECEIPTED = set(POINTS[POINTS.index("after:FINISHED") :])
ENDLESS = program(forever())


def crash(agent: Agent, point: str) -> None:
    """Lets the agent die at `point` of whatever it has to do."""
    agent.start(**{VARIABLE: point})
    assert agent.wait_until_ended() == -signal.SIGKILL, point


def runner_of(agent: Agent) -> psutil.Process | None:
    """The process of the newest lease's runner."""
    rows = agent.query("SELECT process_id FROM leases WHERE state = 'RUNNING' AND process_id IS NOT NULL")
    return psutil.Process(rows[0]["process_id"]) if rows else None


def acknowledged(agent: Agent, lease: str) -> list[Any]:
    """The journal's row of a lease whose receipt the market has."""
    return agent.query(f"SELECT starts, receipt_id FROM leases WHERE lease = '{lease}' AND state = 'ACKED'")


def dies_and_goes_on(grid: Grid, agent: Agent, point: str) -> None:
    """One job during which the agent dies at `point`, and what must be true in the end."""
    job = grid.place([GOOD])
    crash(agent, point)
    agent.start()
    grid.wait_for(job, "FINISHED", "SETTLED")
    (lease,) = grid.leases(job)
    (row,) = eventually(lambda: acknowledged(agent, lease["id"]))
    assert row["receipt_id"] == lease["receipt"]
    assert row["starts"] == 1 or point not in RECEIPTED, "it ran again after its receipt"
    eventually(lambda: not list(agent.home.work.iterdir()))
    assert agent.stop() == 0


@pytest.mark.timeout(600)
def test_killed_at_any_transition_the_agent_ends_with_exactly_one_receipt(grid: Grid) -> None:
    agent = grid.agent(1)
    for point in POINTS:
        dies_and_goes_on(grid, agent, point)


def test_killed_while_it_signs_a_batch_the_agent_signs_again_and_is_paid_once(grid: Grid) -> None:
    agent = grid.agent(1)
    grid.world.delegate(BUYER, grid.world.runtime.deployment.operator, cap=5_000_000)
    for point in ("before:BATCH", "after:BATCH"):
        job = grid.place([GOOD])
        crash(agent, point)
        agent.start()
        grid.wait_for(job, "SETTLED")
        eventually(lambda: len(agent.query("SELECT * FROM settlements")) == len(agent.states()))
        agent.stop()
    owed = sum(int(row["amount"]) for row in agent.query("SELECT amount FROM leases"))
    fees = sum(int(row["fee"]) for row in agent.query("SELECT fee FROM settlements"))
    assert grid.world.on_chain("Ledger", "accountOf", agent.owner.address)[0] == owed - fees


def test_no_runner_outlives_a_killed_agent_and_the_lease_runs_again(grid: Grid) -> None:
    agent = grid.agent(1)
    agent.start()
    grid.place([ENDLESS], limits=limits(fuel=10**12, wallSeconds=600))
    runner = eventually(lambda: runner_of(agent))
    agent.kill()
    eventually(lambda: not runner.is_running() or runner.status() == psutil.STATUS_ZOMBIE)
    agent.start()
    eventually(lambda: agent.query("SELECT * FROM leases WHERE starts = 2 AND state = 'RUNNING'"))
    assert eventually(lambda: runner_of(agent)).pid != runner.pid


def test_a_receipt_waits_for_a_market_that_is_gone(grid: Grid) -> None:
    agent = grid.agent(1)
    agent.start()
    eventually(lambda: grid.ask_of(agent))
    job = grid.place([program(forever())], limits=limits(fuel=3 * 10**9))
    eventually(lambda: agent.states() == ["RUNNING"])
    grid.api.stop()
    eventually(lambda: agent.states() == ["UPLOADED"])
    agent.kill()
    agent.start()
    grid.api.start()
    grid.wait_for(job, "FINISHED", "SETTLED")
    eventually(lambda: agent.states() == ["ACKED"])
    assert [row["starts"] for row in agent.query("SELECT starts FROM leases")] == [1]
