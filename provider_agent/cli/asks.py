"""`ask`: show and set what this node lends, and for how much."""

import os
import time
from typing import Annotated, Any

import typer

from provider_agent.ask import parse_ask, set_value
from provider_agent.cli.options import HomeOption, JsonOption, find_home
from provider_agent.cli.output import Output, facts_table, reporting
from provider_agent.home import Home
from provider_agent.journal import Journal, open_database
from provider_agent.keys import open_key
from provider_agent.settings import Settings, load_settings

ask_app = typer.Typer(no_args_is_help=True, help="What this node lends, and for how much.")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.add_typer(ask_app, name="ask")


@ask_app.command("show")
def show(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show prices and limits, and the ask that the market has."""
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        value = _ask(place, load_settings(place, os.environ))
        tables = [facts_table(name, fields) for name, fields in value.items() if fields]
        output.show(value, *tables)


@ask_app.command("set")
def change(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="As in ask.toml: slots, prices.gigafuel, limits.wall_seconds …")
    ],
    value: Annotated[str, typer.Argument(help="The new value: tokens for prices, whole numbers else.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change one line of ask.toml; a running agent notices within seconds."""
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        settings = load_settings(place, os.environ)
        key = open_key(place.node_keystore, place.node_password)
        decimals = settings.deployment.token_decimals
        set_value(place.ask, name, value, lambda path: parse_ask(path, key.address, decimals, 0, 0))
        said = {name: value}
        output.show(said, facts_table("Set", said))


def _ask(home: Home, settings: Settings) -> dict[str, dict[str, Any]]:
    key = open_key(home.node_keystore, home.node_password)
    ask = parse_ask(home.ask, key.address, settings.deployment.token_decimals, int(time.time()), 0)
    standing = Journal(open_database(home.journal)).standing_ask()
    return {
        "file": {"slots": ask.slots, "minimumCharge": str(ask.minimumCharge)},
        "prices (micro-atoms per unit)": ask.prices.to_json(),
        "limits": ask.limits.to_json(),
        "standing": {}
        if standing is None
        else {"id": standing.message.id(), "expiry": standing.message.expiry},
    }
