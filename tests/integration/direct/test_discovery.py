"""Who has lost the deployment file finds everything by the Ledger's address."""

from pathlib import Path

from typer.testing import CliRunner

from suanli.cli import app
from suanli.protocol.deployment import from_text
from tests.integration.audit_world import World
from tests.integration.direct.conftest import Desk


def test_a_deployment_is_found_by_its_ledgers_address_alone(world: World, desk: Desk, tmp_path: Path) -> None:
    out, known = tmp_path / "found.json", world.deployment
    world.anvil.mine(3)
    words = ("--rpc", world.anvil.rpc_url, "--operator", known.operator, "--out", str(out))
    desk.run(world.cast.buyer, "exit", "find", known.ledger, *words)
    found = from_text(out.read_text())
    around = [found.first_block - 1, found.first_block]
    code = [world.anvil.rpc("eth_getCode", known.authority, hex(block)) for block in around]
    assert (code[0], code[1] != "0x") == ("0x", True)  # the Authority is created before all others
    assert found.model_copy(update={"first_block": known.first_block}) == known


def test_an_audit_with_the_found_file_holds(world: World, desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    words = ("--rpc", world.anvil.rpc_url, "--operator", world.deployment.operator, "--out", str(out))
    desk.run(world.cast.buyer, "exit", "find", world.deployment.ledger, *words)
    audit = CliRunner().invoke(app, ["audit", "invariants", "--deployment", str(out), "--json"])
    assert audit.exit_code == 0, audit.output


def test_an_address_without_a_ledger_is_named(world: World, desk: Desk, tmp_path: Path) -> None:
    words = ("--rpc", world.anvil.rpc_url, "--out", str(tmp_path / "none.json"))
    for address in (world.cast.buyer.address, world.deployment.token, world.deployment.court):
        refusal = desk.run(world.cast.buyer, "exit", "find", address, *words, code=1)
        assert (refusal["reason"], address in refusal["detail"]) == ("NOT_FOUND", True)
    assert not (tmp_path / "none.json").exists()
