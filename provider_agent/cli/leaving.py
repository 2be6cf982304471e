"""`leave`: take the node off the grid and get the stake back; needs no market."""

import os
from typing import Annotated, Any

import typer
from eth_account.signers.local import LocalAccount

from provider_agent.agent import Connections
from provider_agent.cli.duties import open_duties
from provider_agent.cli.options import (
    HomeOption,
    JsonOption,
    OwnerKeystoreOption,
    PasswordOption,
    find_home,
    owner_key,
)
from provider_agent.cli.output import Output, facts_table, reporting, wait_for
from provider_agent.cli.working import drain_home
from provider_agent.home import Home
from provider_agent.keys import open_key
from provider_agent.leaving import leave
from provider_agent.settings import Settings, load_settings
from suanli.protocol.states import NodeState


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("leave")(leave_grid)


def leave_grid(
    context: typer.Context,
    home: HomeOption = None,
    owner_keystore: OwnerKeystoreOption = None,
    password_file: PasswordOption = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until the stake is back.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Finish what runs, disconnect, and after the unbonding time release the stake.

    Sends the owner's own transactions, so it works with the market dead; the owner needs gas. Receipts stay
    payable after it.
    """
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        settings = load_settings(place, os.environ)
        owner = owner_key(place, settings, owner_keystore, password_file)
        output.note("draining")
        drain_home(place, on=True, wait=True)
        for duty in open_duties(place):
            output.note(
                f"It is drawn as a juror until {duty.open_until} (Unix time): let `suanli node run` go on."
            )
        said = wait_for(_leave(place, settings, owner, wait, output))
        output.show(said, facts_table("Left", said))
        if said["state"] == NodeState.UNBONDING.name:
            output.note(f"The stake comes free at {said['releasable_at']} (Unix time): run this again then.")


async def _leave(
    home: Home, settings: Settings, owner: LocalAccount, wait: bool, output: Output
) -> dict[str, Any]:
    key = open_key(home.node_keystore, home.node_password)
    connections = Connections.open(settings, key)
    try:
        await connections.chain.check_identity()
        done = await leave(connections.chain, owner, key.address, wait=wait, progress=output.note)
    finally:
        await connections.close()
    return {
        "node": key.address,
        "state": done.state.name,
        "releasable_at": done.releasable_at,
        "transactions": done.transactions,
    }
