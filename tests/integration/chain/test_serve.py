"""The market as an operator runs it: commands, one process, signals, a crash."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from market.chain.client import Chain
from market.chain.contracts import Contracts
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.deployment import from_text
from tests.integration.anvil import ROOT, Anvil, free_port

CAROL = Account.from_key("0x" + "0c" * 32)
START_SECONDS = 60


class Operator:
    """An operator with a data folder and a chain."""

    def __init__(self, folder: Path, anvil: Anvil) -> None:
        self.port = free_port()
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = os.environ | {
            "SUANLI_DATA_DIR": str(folder),
            "SUANLI_RPC_URL": anvil.rpc_url,
            "SUANLI_API_PORT": str(self.port),
            "SUANLI_DEVELOPMENT": "true",
            "SUANLI_CONFIRMATIONS": "0",
            "SUANLI_INDEX_SECONDS": "0.1",
            "SUANLI_RELAY_SECONDS": "0.1",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `suanli market` command."""
        command = [sys.executable, "-m", "market.cli", *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
        )

    def serve(self) -> None:
        """Starts the market and waits until it answers."""
        command = [sys.executable, "-m", "market.cli", "serve"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether the API is there."""
        try:
            return bool(self.http("GET", "/health")["status"] == "ok")
        except (urllib.error.URLError, ConnectionError):
            return False

    def http(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """A request's JSON."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}/v1{path}"
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)) as answer:
            return json.load(answer)

    def sign_in(self) -> str:
        """Carol's token."""
        text = self.http("POST", "/auth/challenge", {"address": CAROL.address})["text"]
        signature = "0x" + CAROL.sign_message(encode_defunct(text=text)).signature.hex()
        token: str = self.http("POST", "/auth/session", {"text": text, "signature": signature})["token"]
        return token

    def end(self, how: signal.Signals) -> int:
        """Ends the market by a signal; its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(timeout=30)


@pytest.fixture
def operator(tmp_path: Path, anvil: Anvil) -> Iterator[Operator]:
    """Someone with a chain at hand and nothing else yet."""
    made = Operator(tmp_path / "market", anvil)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)
        made.run("migrate")  # whoever opens the folder next stops a database that was left behind


def test_the_market_ends_cleanly_and_after_a_crash_finishes_what_was_asked(
    operator: Operator, anvil: Anvil
) -> None:
    for command in ("init", "deploy"):
        done = operator.run(command, "--json")
        assert done.returncode == 0, done.stderr
    operator.serve()
    token = operator.sign_in()
    intent = operator.http("POST", "/relay/faucet", {"account": CAROL.address}, token)["id"]
    operator.end(signal.SIGKILL)
    operator.serve()
    deadline = time.monotonic() + START_SECONDS
    while operator.http("GET", f"/intents/{intent}", token=token)["state"] != "CONFIRMED":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert all(operator.http("GET", "/health")["leaders"].values())
    assert operator.end(signal.SIGTERM) == 0
    assert not (operator.folder / "postgres" / "postmaster.pid").exists()
    rebuilt = operator.run("reindex", "--json")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert json.loads(rebuilt.stdout)["indexed_block"] == int(anvil.rpc("eth_blockNumber"), 16)


def test_the_operator_chooses_a_deployment_by_a_file_and_options(operator: Operator, anvil: Anvil) -> None:
    operator.run("init")
    file = operator.folder / "parameters.toml"
    file.write_text("fee_basis_points = 3\nminimum_stake = 5\n[court]\njuror_fee = 7")
    arguments = ("deploy", "--parameters", str(file), "--minimum-stake", "6", "--json")
    checked = json.loads(operator.run(*arguments, "--check").stdout)
    assert (checked["fee_basis_points"], checked["minimum_stake"]) == (3, 6)
    assert checked["court"]["juror_fee"] == 7
    assert int(anvil.rpc("eth_blockNumber"), 16) == 0
    made = operator.run(*arguments)
    assert made.returncode == 0, made.stderr
    deployment = from_text((operator.folder / "deployment.json").read_text())
    contracts, chain = Contracts(deployment), Chain(anvil.rpc_url)
    stake = chain.call(contracts.call("GridRegistry", "minimumStake"))
    assert contracts.result("GridRegistry", "minimumStake", stake) == (6,)
    rules = contracts.result("ClaimCourt", "rules", chain.call(contracts.call("ClaimCourt", "rules")))
    assert CourtRules(*rules[0]) == replace(CourtRules.development(), juror_fee=7)


def test_a_wrong_choice_is_refused_before_anything_is_sent(operator: Operator, anvil: Anvil) -> None:
    operator.run("init")
    file = operator.folder / "parameters.toml"
    file.write_text("fee_basis_points")
    wrong = {
        "is not TOML": ["--parameters", str(file)],
        "cannot be read": ["--parameters", str(operator.folder / "none.toml")],
        "the fee is 0 to 1000 basis points": ["--fee-basis-points", "1001"],
        "governor is an address": ["--governor", "me"],
        "does not answer as a token": ["--token", CAROL.address],
    }
    for words, options in wrong.items():
        refused = operator.run("deploy", *options)
        assert (refused.returncode, refused.stderr.split(":")[0]) == (1, "SETTINGS_INVALID"), refused.stderr
        assert words in refused.stderr
    assert int(anvil.rpc("eth_blockNumber"), 16) == 0


def test_half_a_deployers_key_never_stands_for_the_operators(operator: Operator, anvil: Anvil) -> None:
    operator.run("init")
    key, password = operator.folder / "operator.json", operator.folder / "operator.password"
    for half in (("--deployer-keystore", str(key)), ("--deployer-password-file", str(password))):
        refused = operator.run("deploy", *half)
        assert (refused.returncode, refused.stderr.split(":")[0]) == (1, "SETTINGS_INVALID"), refused.stderr
        assert half[0] in refused.stderr
    assert int(anvil.rpc("eth_blockNumber"), 16) == 0


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_sent(
    operator: Operator, anvil: Anvil
) -> None:
    operator.run("init")
    (operator.folder / "d.json").write_text("here first")
    for out in (operator.folder / "d.json" / "x.json", operator.folder):
        refused = operator.run("deploy", "--out", str(out))
        assert (refused.returncode, refused.stderr.split(":")[0]) == (1, "SETTINGS_INVALID"), refused.stderr
        assert str(out) in refused.stderr
    taken = operator.run("deploy", "--out", str(operator.folder / "d.json"))
    assert (taken.returncode, taken.stderr.split(":")[0]) == (1, "STATE_CONFLICT")
    assert int(anvil.rpc("eth_blockNumber"), 16) == 0
    out = operator.folder / "new" / "folder" / "d.json"
    made = operator.run("deploy", "--out", str(out), "--json")
    assert made.returncode == 0, made.stderr
    assert from_text(out.read_text()).ledger == json.loads(made.stdout)["ledger"]
    assert list(out.parent.iterdir()) == [out]


def test_commands_say_what_is_wrong_and_what_to_do(operator: Operator) -> None:
    lost = operator.run("serve")
    assert lost.returncode == 1
    assert lost.stderr.startswith(f"KEYSTORE_INVALID: there is no {operator.folder / 'operator.json'}")
    operator.environment["SUANLI_API_PORT"] = "many"
    wrong = operator.run("serve")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("SETTINGS_INVALID: SUANLI_API_PORT: ")
    assert "next: " in wrong.stderr
    assert operator.run("serve", "--role", "king").returncode == 2


def test_files_and_databases_that_do_not_answer_are_named(operator: Operator) -> None:
    deployment = operator.folder / "deployment.json"
    for command in ("init", "deploy"):
        assert operator.run(command).returncode == 0
    nowhere = "postgresql://user:hidden@127.0.0.1:1/none"
    for command in ("status", "migrate"):
        operator.environment["SUANLI_DATABASE_URL"] = nowhere
        assert _refusal(operator, command).startswith("DATABASE_UNREACHABLE: ")
        operator.environment["SUANLI_DATABASE_URL"] = "no database"
        assert _refusal(operator, command).startswith("SETTINGS_INVALID: SUANLI_DATABASE_URL ")
    deployment.write_bytes(b"\xff\xfe{}")
    assert _refusal(operator, "status").startswith(f"SETTINGS_INVALID: {deployment} ")
    operator.environment["SUANLI_DATA_DIR"] = str(deployment)
    assert _refusal(operator, "init").startswith(f"SETTINGS_INVALID: {deployment}/")
    del operator.environment["SUANLI_DATABASE_URL"]
    assert _refusal(operator, "migrate").startswith(f"SETTINGS_INVALID: {deployment}/")


def _refusal(operator: Operator, command: str) -> str:
    refused = operator.run(command)
    assert (refused.returncode, "hidden" in refused.stderr) == (1, False), refused.stderr
    return refused.stderr
