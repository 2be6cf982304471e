"""A command that is killed while its transaction waits: the next one neither repeats nor forgets it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.integration.audit_world import STAKE, TOKENS, World
from tests.integration.direct.conftest import Desk
from tests.unit.protocol.bundles import job

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 60
SOON_SECONDS = 3.0
BEFORE = ("approve", "deposit")
"""What the owner has sent to become rich."""


def pending(world: World, account: str) -> int:
    """How many transactions of an account wait for a block."""
    counts = [world.anvil.rpc("eth_getTransactionCount", account, at) for at in ("pending", "latest")]
    return int(counts[0], 16) - int(counts[1], 16)


def go_on(world: World) -> None:
    """The chain mines again."""
    world.anvil.rpc("evm_setAutomine", True)
    world.anvil.mine()


def kill_while_it_waits(desk: Desk, who: Any, *words: str) -> None:
    """Starts a command on a chain that mines nothing, and kills it once its transaction is sent."""
    command = [sys.executable, "-m", "suanli", *words, *desk.options(who)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while pending(desk.world, who.address) == 0:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_an_exit_killed_with_a_transaction_on_its_way_goes_on_behind_it(world: World, desk: Desk) -> None:
    owner = world.cast.owner
    world.anvil.rpc("evm_setAutomine", False)
    kill_while_it_waits(desk, owner, "exit", "step")
    threading.Timer(SOON_SECONDS, go_on, [world]).start()
    assert [one["step"] for one in desk.run(owner, "exit", "all")["sent"]] == ["thaw", "withdraw", "thaw"]
    assert desk.tokens(owner.address) == TOKENS - STAKE
    sent = int(world.anvil.rpc("eth_getTransactionCount", owner.address, "latest"), 16)
    assert sent == len(BEFORE) + len(("disconnect", "thaw", "withdraw", "thaw"))  # nothing twice


def test_a_bid_killed_on_its_way_is_not_sealed_anew_and_opens_with_the_kept_salt(
    world: World, desk: Desk
) -> None:
    path = desk.folder / "job.json"
    path.write_bytes(job().canonical())
    money = ("--budget", "1", "--deposit", "1", "--job", str(path), "--bids-for", "1h")
    auction = desk.run(world.cast.buyer, "auction", "open", *money)["auction"]
    words = ("auction", "bid", auction, "--node", world.cast.node.address, "--price", "0.5")
    world.anvil.rpc("evm_setAutomine", False)
    kill_while_it_waits(desk, world.cast.owner, *words)
    go_on(world)
    assert desk.run(world.cast.owner, *words)["transaction"] is None
    world.later(3_601)
    assert desk.run(world.cast.owner, "auction", "reveal")[0]["transaction"]
    assert desk.run(world.cast.buyer, "auction", "show", auction)["best"] == world.cast.node.address
