"""`run` and `drain`: start the agent, and tell a running one to take no new work."""

import asyncio
import logging
import os
import sys
import time
from typing import Annotated

import structlog
import typer

from provider_agent.agent import run_agent
from provider_agent.cli.options import HomeOption, JsonOption, find_home
from provider_agent.cli.output import Output, facts_table, reporting
from provider_agent.daemon import DRAINING_FACT
from provider_agent.faults import crash_at
from provider_agent.home import Home
from provider_agent.journal import Journal, open_database
from provider_agent.settings import load_settings
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
    as_json: JsonOption = False,
) -> None:
    """Take no new work; what runs is finished and delivered."""
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        place.require()
        left = drain_home(place, on=not undo, wait=wait)
        said = {"draining": not undo, "leases_left": left}
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
