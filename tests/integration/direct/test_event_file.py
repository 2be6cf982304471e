"""The file of events: kept between commands, true after a reorganisation of a real chain."""

import sqlite3
from pathlib import Path

from suanli.direct.chain import Chain
from suanli.direct.event_store import EventStore
from tests.integration.audit_court import Court
from tests.integration.audit_world import World
from tests.integration.direct.conftest import Desk


def nodes_of(world: World, path: Path) -> list[str]:
    """What a new process finds."""
    chain = Chain(world.anvil.rpc_url, world.deployment, EventStore(path))
    return [one.arguments["node"] for one in chain.said("GridRegistry", "NodeConnected")]


def test_nodes_that_a_reorganisation_undid_are_not_found_any_more(world: World, tmp_path: Path) -> None:
    path = tmp_path / "events" / "one.sqlite3"
    before = nodes_of(world, path)
    assert before == [world.cast.node.address]
    snapshot = world.anvil.rpc("evm_snapshot")
    Court(world).add_fleet(1)
    assert len(nodes_of(world, path)) == 2
    world.anvil.rpc("evm_revert", snapshot)
    assert nodes_of(world, path) == before


def test_a_second_command_reads_only_what_is_new(world: World, desk: Desk) -> None:
    owner = world.cast.owner
    desk.run(owner, "exit", "status")
    (path,) = (desk.folder / owner.address / "events").glob("*.sqlite3")
    deployment = world.deployment
    assert path.name == f"{deployment.chain_id}-{deployment.ledger.lower()}.sqlite3"
    read = blocks_read(path)
    desk.run(owner, "exit", "status")
    assert blocks_read(path) == read
    world.anvil.mine(3)
    desk.run(owner, "exit", "status")
    assert blocks_read(path) == [*read, read[-1] + 3]


def test_a_file_that_is_no_store_is_named(world: World, desk: Desk) -> None:
    owner = world.cast.owner
    desk.run(owner, "exit", "status")
    (path,) = (desk.folder / owner.address / "events").glob("*.sqlite3")
    for one in path.parent.iterdir():
        one.unlink()
    path.write_text("no database")
    refusal = desk.run(owner, "exit", "status", code=1)
    assert (refusal["reason"], str(path) in refusal["detail"]) == ("SETTINGS_INVALID", True)


def blocks_read(path: Path) -> list[int]:
    """The checkpoints in the file."""
    with sqlite3.connect(path) as database:
        return [block for (block,) in database.execute("SELECT block FROM checkpoints ORDER BY block")]
