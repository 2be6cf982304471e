"""`ask`: show and set what this node lends, and for how much."""

import os
from typing import Annotated, Any

import typer

from provider_agent.ask import read_ask_file
from provider_agent.ask_template import set_value
from provider_agent.cli.options import HomeOption, JsonOption, find_home
from provider_agent.cli.output import Output, facts_table, reporting
from provider_agent.home import Home
from provider_agent.journal import Journal, open_database
from provider_agent.settings import Settings, load_settings
from suanli.protocol.messages import Ask

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
        decimals = settings.deployment.token_decimals
        set_value(place.ask, name, value, lambda path: read_ask_file(path, decimals))
        said = {name: value}
        output.show(said, facts_table("Set", said))


def _ask(home: Home, settings: Settings) -> dict[str, dict[str, Any]]:
    file = read_ask_file(home.ask, settings.deployment.token_decimals)
    standing = Journal(open_database(home.journal)).standing_ask()
    title = "prices (micro-atoms per unit)" if file.auto is None else "start prices (micro-atoms per unit)"
    stated = {name: said for name, said in file.stated.to_json().items() if said and name != "version"}
    return {
        "file": {"slots": file.slots, "minimumCharge": str(file.minimum_charge)},
        title: file.prices.to_json(),
        "automatic prices": {} if file.auto is None else file.auto.model_dump(mode="json"),
        "offering": stated,
        "limits": file.limits.to_json(),
        "standing": {} if standing is None else _standing(standing.ask.message),
    }


def _standing(ask: Ask) -> dict[str, Any]:
    return {"id": ask.id(), "expiry": ask.expiry, "offering": ask.offering, "prices": ask.prices.to_json()}
