"""`suanli node …` from an empty folder to the stake back in hand, against a real market and a real chain."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from provider_agent.cli import node_app
from provider_agent.home import Home
from provider_agent.keys import open_key
from suanli.client.keystore import import_keystore
from suanli.protocol.deployment import to_text
from tests.integration.agent.grid import BUYER, Agent, Grid, eventually, key
from tests.integration.agent.programs import GOOD
from tests.integration.chain.world import STAKE

OWNER, PASSWORD, QUICK = key(500), "correct horse", 1 << 4


class Shell:
    """A user at the command line of one machine."""

    def __init__(self, folder: Path, grid: Grid) -> None:
        self.folder = folder
        self.home = folder / "node"
        runtime = grid.world.runtime
        self.environment = {
            "SUANLI_MARKET": runtime.settings.origin,
            "SUANLI_RPC": runtime.deployment.rpc_url or "",
            "SUANLI_NODE_HOME": str(self.home),
            "SUANLI_PASSWORD_FILE": str(folder / "password"),
        }
        (folder / "password").write_text(PASSWORD + "\n")
        import_keystore(folder / "owner.json", OWNER.key.hex(), PASSWORD, QUICK)

    def says(self, *arguments: str, status: int = 0) -> str:
        """What a command prints; it must end with this status."""
        answer = CliRunner().invoke(node_app, list(arguments), env=self.environment)
        assert answer.exit_code == status, answer.output + repr(answer.exception)
        return answer.stdout if status == 0 else answer.stderr

    def json(self, *arguments: str, status: int = 0) -> Any:
        """What a command tells programs."""
        return json.loads(self.says(*arguments, "--json", status=status))

    def doctor(self, status: int = 0) -> Any:
        """The doctor's findings, which stand on stdout however they are."""
        answer = CliRunner().invoke(node_app, ["doctor", "--json"], env=self.environment)
        assert answer.exit_code == status, answer.output
        return json.loads(answer.stdout)


@pytest.fixture
def shell(grid: Grid, tmp_path: Path) -> Shell:
    """A user whose owner account has the stake."""
    folder = tmp_path / "user"
    folder.mkdir()
    return Shell(folder, grid)


def test_a_contributor_goes_from_an_empty_folder_to_earnings_and_out_again(grid: Grid, shell: Shell) -> None:
    made = shell.json("init", "--owner-keystore", str(shell.folder / "owner.json"))
    assert made["owner"] == OWNER.address
    assert {path.stat().st_mode & 0o077 for path in shell.home.glob("node.*") if path.suffix != ".toml"} == {
        0
    }
    poor = {one["check"]: one["passed"] for one in shell.doctor(status=1)}
    assert poor.pop("stake") is False
    assert all(poor.values())

    grid.world.fund(OWNER, STAKE)
    connected = shell.json("connect")
    assert (connected["state"], connected["node"]) == ("CONNECTED", made["node"])
    assert shell.json("connect")["transaction"] is None
    assert all(one["passed"] for one in shell.doctor())

    node = open_key(Home(shell.home).node_keystore, Home(shell.home).node_password)
    agent = Agent(Home(shell.home), node, OWNER, shell.folder / "agent.log")
    grid.agents.append(agent)
    agent.start()
    grid.world.delegate(BUYER, grid.world.runtime.deployment.operator, cap=5_000_000)
    job = grid.place([GOOD, GOOD])
    grid.wait_for(job, "SETTLED")
    eventually(lambda: shell.json("status")["receipts_paid"] == 2)
    state = shell.json("status")
    assert (state["running"], state["on_chain"], state["leases"]) == (True, "CONNECTED", [])

    earned = shell.json("earnings")
    paid = sum(int(one["net"]) for one in earned["receipts"])
    assert paid == grid.world.on_chain("Ledger", "accountOf", OWNER.address)[0]
    rows = list(csv.DictReader(io.StringIO(shell.says("earnings", "--csv"))))
    assert [row["net"] for row in rows] == [one["net"] for one in earned["receipts"]]
    assert {row["job"] for row in rows} == {job}

    assert shell.json("drain")["leases_left"] == 0
    assert shell.json("status")["draining"] is True
    agent.stop()
    grid.api.stop()
    left = shell.json("leave")
    assert (left["state"], len(left["transactions"])) == ("UNBONDING", 1)


def test_the_owner_connects_and_leaves_by_own_transactions(grid: Grid, shell: Shell) -> None:
    grid.world.fund(OWNER, STAKE)
    shell.json("init", "--owner-keystore", str(shell.folder / "owner.json"))
    grid.stop_role("relayer")
    assert shell.json("connect", "--direct")["state"] == "CONNECTED"
    left = shell.json("leave")
    assert left["state"] == "UNBONDING"
    grid.world.deployed.anvil.rpc("evm_setNextBlockTimestamp", left["releasable_at"] + 1)
    grid.world.deployed.anvil.mine()
    assert shell.json("leave")["state"] == "RELEASED"
    assert grid.world.on_chain("Ledger", "accountOf", OWNER.address)[0] == STAKE


def test_the_doctor_warns_of_a_node_that_could_send_no_verdict(grid: Grid, shell: Shell) -> None:
    grid.world.fund(OWNER, STAKE)
    node = shell.json("init", "--owner-keystore", str(shell.folder / "owner.json"))["node"]

    def gas() -> tuple[bool, bool, bool]:
        (found,) = (one for one in shell.doctor() if one["check"] == "gas")
        return found["passed"], found["warning"], node in found["fix"]

    assert gas() == (True, True, True)
    assert "WARNING" in shell.says("doctor")
    grid.world.deployed.anvil.rpc("anvil_setBalance", node, hex(10**18))
    assert gas() == (True, False, False)
    assert "WARNING" not in shell.says("doctor")


def test_an_owner_drains_on_chain_so_that_no_panel_draws_the_node(grid: Grid, shell: Shell) -> None:
    grid.world.fund(OWNER, STAKE)
    shell.json("init", "--owner-keystore", str(shell.folder / "owner.json"))
    shell.json("connect", "--direct")
    assert shell.json("drain", "--on-chain")["on_chain"] == "DRAINING"
    assert shell.json("status")["on_chain"] == "DRAINING"
    assert shell.json("drain", "--undo", "--on-chain")["on_chain"] == "CONNECTED"


def test_an_init_without_a_market_uses_a_deployment_file_and_makes_an_owner(grid: Grid, shell: Shell) -> None:
    file = shell.folder / "deployment.json"
    file.write_text(to_text(grid.world.runtime.deployment))
    grid.api.stop()
    made = shell.json("init", "--deployment", str(file))
    home = Home(shell.home)
    assert open_key(home.owner_keystore, home.owner_password).address == made["owner"]
    assert open_key(home.node_keystore, home.node_password).address == made["node"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["status"], "SETTINGS_INVALID"),
        (["run"], "SETTINGS_INVALID"),
        (["init", "--owner", "0x123"], "SETTINGS_INVALID"),
        (["init", "--market", "http://127.0.0.1:1"], "MARKET_UNREACHABLE"),
        (["init", "--owner", OWNER.address, "--home", __file__], "SETTINGS_INVALID"),
        (["init", "--owner", OWNER.address, "--deployment", sys.executable], "SETTINGS_INVALID"),
    ],
)
def test_commands_that_cannot_work_say_why_and_what_to_do(
    shell: Shell, arguments: list[str], reason: str
) -> None:
    error = shell.json(*arguments, status=1)
    assert error["reason"] == reason
    assert error["detail"]
    assert error["hint"]


def test_an_init_never_overwrites_a_key(grid: Grid, shell: Shell) -> None:
    shell.json("init", "--owner", OWNER.address)
    assert shell.json("init", "--owner", OWNER.address, status=1)["reason"] == "STATE_CONFLICT"


def test_a_node_that_is_not_connected_does_not_run(grid: Grid, shell: Shell) -> None:
    shell.json("init", "--owner", OWNER.address)
    assert shell.json("run", status=1)["reason"] == "NODE_NOT_CONNECTED"


def test_a_stake_that_the_owner_does_not_have_is_refused(grid: Grid, shell: Shell) -> None:
    shell.json("init", "--owner-keystore", str(shell.folder / "owner.json"))
    assert shell.json("connect", status=1)["reason"] == "BALANCE_TOO_SMALL"


def test_the_wrong_password_is_refused_without_a_word_of_the_key(grid: Grid, shell: Shell) -> None:
    shell.json("init", "--owner-keystore", str(shell.folder / "owner.json"))
    (shell.folder / "password").write_text("wrong")
    error = shell.says("connect", status=1)
    assert "KEYSTORE_INVALID" in error
    assert OWNER.key.hex() not in error


def test_prices_are_shown_and_set(grid: Grid, shell: Shell) -> None:
    shell.json("init", "--owner", OWNER.address)
    before = (shell.home / "ask.toml").read_text()
    shell.json("ask", "set", "prices.gigafuel", "0.0009")
    shown = shell.json("ask", "show")
    assert shown["prices (micro-atoms per unit)"]["fuel"] == str(900 * 10**6)
    assert (shell.home / "ask.toml").read_text() == before.replace('"0.0005"', '"0.0009"', 1)
    for name, value in (("prices.gigafuel", "dear"), ("prices.nothing", "1"), ("slots", "many")):
        assert shell.json("ask", "set", name, value, status=1)["reason"] == "SETTINGS_INVALID"
    assert shell.json("ask", "show") == shown


def test_a_price_set_by_hand_is_explained_as_such(grid: Grid, shell: Shell) -> None:
    shell.json("init", "--owner", OWNER.address)
    explained = shell.json("price", "--explain")
    assert explained["prices"]["fuel"] == str(500 * 10**6)
    assert (explained["rounds"], explained["offering"]["auto_price"]) == ([], None)
    assert "by hand" in shell.says("price", "--explain")
    assert shell.json("price") == {"prices": explained["prices"]}


def test_a_floor_without_watts_is_named_before_anything_is_offered(grid: Grid, shell: Shell) -> None:
    shell.json("init", "--owner", OWNER.address)
    shell.json("ask", "set", "auto.enabled", "true")
    shell.json("ask", "set", "auto.electricity", "0.25")
    (ask,) = [one for one in shell.doctor(status=1) if one["check"] == "ask"]
    assert (ask["passed"], "watts" in ask["detail"]) == (False, True)
