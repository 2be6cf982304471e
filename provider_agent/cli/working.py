"""`run` and `drain`: start the agent, and tell a running one to take no new work."""

import asyncio
import logging
import os
import sys
import time
from typing import Annotated, Any

import structlog
import typer
from eth_account.signers.local import LocalAccount

from provider_agent.agent import Connections, run_agent
from provider_agent.cli.options import (
    HomeOption,
    JsonOption,
    OwnerKeystoreOption,
    PasswordOption,
    find_home,
    owner_key,
)
from provider_agent.cli.output import Output, facts_table, reporting, wait_for
from provider_agent.daemon import DRAINING_FACT
from provider_agent.faults import crash_at
from provider_agent.home import Home
from provider_agent.journal import Journal, open_database
from provider_agent.keys import open_key
from provider_agent.settings import Settings, load_settings
from provider_agent.transactions import send
from suanli.protocol.states import RUN, is_final

_POLL_SECONDS = 0.5


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("run")(run)
    app.command("drain")(drain)


def run(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Work and earn until you stop it (Ctrl-C): unfinished tasks are handed back, finished ones kept."""
    _configure_log(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        settings = load_settings(place, os.environ)
        asyncio.run(run_agent(place, settings, crash_at))


def drain(
    context: typer.Context,
    home: HomeOption = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take work again.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait until the last task is delivered.")] = True,
    on_chain: Annotated[
        bool, typer.Option("--on-chain", help="By the owner's transaction, too: no panel draws the node.")
    ] = False,
    owner_keystore: OwnerKeystoreOption = None,
    password_file: PasswordOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take no new work; what runs is finished and delivered.

    A connected node may be drawn as a juror even while its agent stands still: before it does so for long,
    drain on chain.
    """
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        place.require()
        said: dict[str, Any] = {"draining": not undo}
        if on_chain:
            settings = load_settings(place, os.environ)
            owner = owner_key(place, settings, owner_keystore, password_file)
            said |= wait_for(_drain_on_chain(place, settings, owner, "resume" if undo else "drain"))
        said["leases_left"] = drain_home(place, on=not undo, wait=wait)
        output.show(said, facts_table("Drain", said))


def drain_home(home: Home, *, on: bool, wait: bool) -> int:
    """Tells the agent of a home to drain or not; how many leases are left."""
    journal = Journal(open_database(home.journal))
    try:
        journal.set_fact(DRAINING_FACT, "1" if on else "0")
        while (left := _live(journal)) and on and wait and home.is_locked():
            time.sleep(_POLL_SECONDS)
        return left
    finally:
        journal.database.close()


async def _drain_on_chain(
    home: Home, settings: Settings, owner: LocalAccount, function: str
) -> dict[str, Any]:
    key = open_key(home.node_keystore, home.node_password)
    connections = Connections.open(settings, key)
    chain, registry = connections.chain, settings.deployment.registry
    try:
        await chain.check_identity()
        hash_ = await send(chain, owner, "GridRegistry", registry, function, [key.address])
        return {"on_chain": (await chain.node(key.address)).state.name, "transaction": hash_}
    finally:
        await connections.close()


def _live(journal: Journal) -> int:
    held = journal.relevant(int(time.time()))
    return sum(not is_final(RUN, one.state) for one in held)


def _configure_log(as_json: bool) -> None:
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
