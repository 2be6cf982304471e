"""Contracts on a real chain, people with key files, and the `suanli` command; no market runs anywhere."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from typer.testing import CliRunner

from suanli.cli import app
from tests.integration.anvil import Anvil
from tests.integration.audit_world import World

PASSWORD = "open sesame"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A command's exit code and what it printed."""

    exit_code: int
    value: Any


class Desk:
    """Where people type commands, each with a key file of their own."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        (folder / "password").write_text(PASSWORD)

    def run(self, who: LocalAccount, *words: str, code: int = 0) -> Any:
        """What `suanli WORDS --json` printed; errors are on stderr."""
        result = CliRunner().invoke(app, [*words, "--json", *self.options(who)])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout if code == 0 else result.stderr)

    def outcome(self, who: LocalAccount, *words: str) -> "Outcome":
        """What the command printed on stdout, however it ended."""
        result = CliRunner().invoke(app, [*words, "--json", *self.options(who)])
        return Outcome(result.exit_code, json.loads(result.stdout))

    def options(self, who: LocalAccount) -> list[str]:
        """The options that name somebody's key, state and the deployment."""
        keystore = self.folder / f"{who.address}.json"
        if not keystore.exists():
            keystore.write_text(json.dumps(Account.encrypt(who.key, PASSWORD, iterations=2)))
        options = {
            "--keystore": keystore,
            "--password-file": self.folder / "password",
            "--deployment": self.world.deployment_file,
            "--state": self.folder / who.address,
        }
        return [str(part) for pair in options.items() for part in pair]

    def tokens(self, account: str) -> int:
        """What the account has outside the contracts."""
        return int(self.world.contract("TestToken").functions.balanceOf(account).call())


@pytest.fixture
def world(anvil: Anvil, tmp_path: Path) -> World:
    """A deployment with a rich buyer and one connected node of a rich owner."""
    world = World(anvil, tmp_path)
    world.endow(world.cast.buyer)
    world.endow(world.cast.owner)
    world.endow(world.cast.node, 1)
    world.connect()
    return world


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    """The command line."""
    return Desk(world, tmp_path)
