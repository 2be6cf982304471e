"""`why`: what the last round had for this node, why it got nothing, and what would have brought work."""

import os

import typer
from rich.table import Table

from provider_agent.cli.options import HomeOption, JsonOption, find_home
from provider_agent.cli.output import Output, facts_table, money, reporting, rows_table, wait_for
from provider_agent.client import MarketClient
from provider_agent.home import Home
from provider_agent.keys import open_key
from provider_agent.market_http import MarketHttp
from provider_agent.settings import Settings, load_settings
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.why import NodeWhy


def register(app: typer.Typer) -> None:
    """Adds the command of this module."""
    app.command("why")(why)


def why(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say why this node got its work or none in the last round, and what would have brought more."""
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        settings = load_settings(place, os.environ)
        found = wait_for(_ask(place, settings))
        output.show(found.model_dump(mode="json"), *_tables(found, settings.deployment))


async def _ask(home: Home, settings: Settings) -> NodeWhy:
    key = open_key(home.node_keystore, home.node_password)
    client = MarketClient(MarketHttp(settings.market, key, settings.deployment.chain_id))
    try:
        return await client.why(key.address)
    finally:
        await client.close()


def _tables(found: NodeWhy, deployment: Deployment) -> list[Table | str]:
    if found.epoch is None:
        return ["No round has been cleared yet."]
    facts: dict[str, object] = {
        "round": found.epoch,
        "copies on offer": found.copies,
        "came here": found.matched,
        "went elsewhere": found.elsewhere,
        "wait": found.waiting,
    }
    if found.percentile is not None:
        facts["nodes that asked less"] = f"{found.percentile} %"
    if found.reason is not None:
        facts["why nothing came"] = f"{found.reason.reason.value}: {found.reason.detail}"
    excluded = [[one.reason.value, one.count] for one in found.excluded]
    changes = [
        [one.what, one.reason.value, one.copies, money(one.earned, deployment)] for one in found.changes
    ]
    return [
        facts_table("The last round", facts),
        *([rows_table("Could not run here", ["first rule", ">copies"], excluded)] if excluded else []),
        *(
            [rows_table("Would have brought work", ["change", "past", ">copies", ">pay at most"], changes)]
            if changes
            else []
        ),
    ]
