"""`connect`: put the node on the grid."""

import os
from typing import Annotated, Any

import typer
from eth_account.signers.local import LocalAccount

from provider_agent.agent import Connections
from provider_agent.capability import measure
from provider_agent.cli.options import (
    HomeOption,
    JsonOption,
    OwnerKeystoreOption,
    PasswordOption,
    find_home,
    owner_key,
)
from provider_agent.cli.output import Output, facts_table, money, reporting, wait_for
from provider_agent.connect import (
    await_market,
    check_can_stake,
    connect_by_market,
    connect_directly,
    is_connected,
    make_terms,
    publish_capability,
)
from provider_agent.home import Home
from provider_agent.keys import open_key
from provider_agent.settings import Settings, load_settings
from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason
from suanli.protocol.units import parse_money


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("connect")(connect)


def connect(
    context: typer.Context,
    home: HomeOption = None,
    owner_keystore: OwnerKeystoreOption = None,
    password_file: PasswordOption = None,
    stake: Annotated[str | None, typer.Option("--stake", help="Tokens to stake; the least if unset.")] = None,
    direct: Annotated[
        bool, typer.Option("--direct", help="Send the owner's own transaction; needs gas, not the relayer.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Stake for this node and put it on the grid (算力并网)."""
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        settings = load_settings(place, os.environ)
        owner = owner_key(place, settings, owner_keystore, password_file)
        atoms = None if stake is None else _atoms(stake, settings)
        made = wait_for(_connect(place, settings, owner, atoms, direct, output))
        output.show(made, facts_table("Connected", made))
        output.note("Start earning: suanli node run")


async def _connect(
    home: Home, settings: Settings, owner: LocalAccount, stake: int | None, direct: bool, output: Output
) -> dict[str, Any]:
    node = open_key(home.node_keystore, home.node_password)
    connections = Connections.open(settings, node)
    try:
        await connections.chain.check_identity()
        if await is_connected(connections, node.address):
            return {"node": node.address, "owner": settings.owner, "state": "CONNECTED", "transaction": None}
        staked = await check_can_stake(connections, settings, stake)
        output.note("measuring this machine")
        capability = measure()
        benchmark = await publish_capability(connections, home, capability)
        request = make_terms(settings, node, owner, benchmark, staked)
        if direct:
            transaction = await connect_directly(connections, settings, owner, request)
        else:
            transaction = await connect_by_market(connections, request, output.note) or ""
        await await_market(connections, node.address, output.note)
        return {
            "node": node.address,
            "owner": settings.owner,
            "state": "CONNECTED",
            "stake": money(staked, settings.deployment),
            "benchmark": benchmark,
            "fuel_per_second": capability.fuel_per_second,
            "transaction": transaction or None,
        }
    finally:
        await connections.close()


def _atoms(tokens: str, settings: Settings) -> int:
    try:
        return parse_money(tokens, settings.deployment.token_decimals)
    except ValueError as error:
        raise NodeError(Reason.SETTINGS_INVALID, str(error)) from error
