"""A real agent does a task; then the market dies, and the owner is paid from the agent's journal alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from sqlalchemy import Engine
from typer.testing import CliRunner

from suanli.cli import app
from suanli.protocol.court_rules import CourtRules
from tests.integration.agent.grid import Grid, eventually, running_grid
from tests.integration.agent.programs import GOOD
from tests.integration.anvil import Deployed
from tests.integration.chain.world import STAKE
from tests.integration.direct.clock import clock_running
from tests.integration.direct.conftest import PASSWORD

RULES = CourtRules.development()


@pytest.fixture
def grid(deployed: Deployed, engine: Engine, tmp_path: Path) -> Iterator[Grid]:
    """A market whose buyer never signs a settlement."""
    with running_grid(deployed, engine, tmp_path) as grid:
        yield grid


def test_an_owner_claims_from_its_agents_journal_with_the_market_dead(grid: Grid, tmp_path: Path) -> None:
    agent = grid.agent(1)
    agent.start()
    job = grid.place([GOOD, GOOD])
    due = sum(int(lease["amount"]) for lease in grid.wait_for(job, "FINISHED") and grid.leases(job))
    eventually(lambda: set(agent.states()) == {"ACKED"})
    agent.kill()  # its journal is as a power cut left it
    grid.api.stop()
    for stop in grid.stops.values():
        stop.set()

    keystore, password = tmp_path / "owner.json", tmp_path / "password"
    keystore.write_text(json.dumps(Account.encrypt(agent.owner.key, PASSWORD, iterations=2)))
    password.write_text(PASSWORD)
    chain = grid.world.deployed.anvil
    chain.rpc("anvil_setBalance", agent.owner.address, hex(10**18))

    def suanli(*words: str) -> Any:
        options = ("--keystore", str(keystore), "--password-file", str(password), "--state", str(tmp_path))
        where = ("--deployment", str(agent.home.deployment), "--rpc", chain.rpc_url)
        result = CliRunner().invoke(app, [*words, "--json", *options, *where])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    journal = ("--journal", str(agent.home.journal))
    (choice,) = suanli("exit", "status", *journal)["choices"]
    assert (choice["what"], int(choice["stake"])) == ("claim 2 unpaid receipts", due)
    (opened,) = suanli("claim", "open", *journal)["opened"]
    assert len(opened["claims"]) == 2
    assert {one["phase"] for one in suanli("claim", "list")} == {"WINDOW"}
    chain.rpc("evm_increaseTime", RULES.claim_window_seconds + 1)
    chain.mine()
    before = grid.world.on_chain("Ledger", "accountOf", agent.owner.address)[0]
    assert len(suanli("claim", "close")["closed"]) == 2
    assert grid.world.on_chain("Ledger", "accountOf", agent.owner.address)[0] == before + due > before
    again = suanli("claim", "open", *journal)
    assert {one["why"] for one in again["skipped"]} == {"it is paid"}
    left = suanli("exit", "status", *journal)
    assert (left["choices"], left["out"]) == ([], False)
    with clock_running(chain):
        assert suanli("exit", "all", "--wait", "--poll", "0.2", *journal)["out"]
    assert grid.world.on_chain("TestToken", "balanceOf", agent.owner.address) == STAKE + due
