"""`price`: what this node asks for now, and how an automatic price came about."""

import os
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from provider_agent.ask import read_ask_file
from provider_agent.capability import speed_of
from provider_agent.cli.options import HomeOption, JsonOption, find_home
from provider_agent.cli.output import Output, facts_table, reporting, rows_table, wait_for
from provider_agent.client import MarketClient
from provider_agent.home import Home
from provider_agent.keys import open_key
from provider_agent.market_http import MarketHttp
from provider_agent.offer import Offer, make_offer
from provider_agent.settings import Settings, load_settings
from suanli.protocol.auto_price import JOULES_PER_KILOWATT_HOUR, Explained
from suanli.protocol.messages import Prices
from suanli.protocol.units import DIMENSIONS, FUEL_PER_GIGAFUEL, format_money, format_share
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.clearings import RoundPrice

_MICRO_DECIMALS = 6


def register(app: typer.Typer) -> None:
    """Adds the command of this module."""
    app.command("price")(price)


def price(
    context: typer.Context,
    explain: Annotated[bool, typer.Option("--explain", help="Show every step from public data.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the prices that this node asks for now, and with --explain how they came about."""
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        settings = load_settings(place, os.environ)
        file = read_ask_file(place.ask, settings.deployment.token_decimals)
        rounds = [] if file.auto is None else wait_for(_rounds(place, settings, file.auto.rounds))
        offer = make_offer(file, speed_of(place.capability), rounds)
        if not explain:
            output.show({"prices": offer.prices.to_json()}, _table({">asks": offer.prices}, settings))
            return
        sentences = facts_table("How", _sentences(offer, rounds, settings.deployment))
        output.show(_facts(offer, rounds), _table(_columns(offer), settings), sentences)


async def _rounds(home: Home, settings: Settings, count: int) -> list[RoundPrice]:
    key = open_key(home.node_keystore, home.node_password)
    client = MarketClient(MarketHttp(settings.market, key, settings.deployment.chain_id))
    try:
        return (await client.round_prices(count)).items
    finally:
        await client.close()


def _facts(offer: Offer, rounds: Sequence[RoundPrice]) -> dict[str, Any]:
    """All that anyone needs to redo the price, in micro-atoms per unit."""
    steps = {name.removeprefix(">"): prices.to_json() for name, prices in _columns(offer).items()}
    shown = [one.model_dump(mode="json") for one in rounds]
    return {"prices": offer.prices.to_json(), "steps": steps, "rounds": shown} | {
        "offering": offer.offering.to_json()
    }


def _columns(offer: Offer) -> dict[str, Prices]:
    how = offer.explained
    if how is None:
        return {">asks": offer.prices}
    median = {} if how.median is None else {">median": how.median}
    return {**median, ">followed": how.followed, ">floor": how.floor, ">asks": how.prices}


def _table(columns: dict[str, Prices], settings: Settings) -> Any:
    deployment = settings.deployment
    rows = [
        [one.name, one.priced_per, *(_tokens(getattr(row, one.name), deployment) for row in columns.values())]
        for one in DIMENSIONS
    ]
    return rows_table(f"Prices in {deployment.token_symbol} per unit", ["dimension", "unit", *columns], rows)


def _sentences(offer: Offer, rounds: Sequence[RoundPrice], deployment: Deployment) -> dict[str, str]:
    how, auto = offer.explained, offer.offering.auto_price
    if how is None or auto is None:
        return {"by hand": "ask.toml sets the prices; with auto.enabled they follow the rounds"}
    seen = "no round has cleared yet: the file's [prices]"
    if how.median is not None:
        span = f"{rounds[how.rounds - 1].epoch} to {rounds[0].epoch}"
        seen = f"{format_share(auto.share_basis_points)} of the median of {how.rounds} rounds, epochs {span}"
    binds = "the floor" if how.floor.fuel > how.followed.fuel else "what was followed"
    return {"followed": seen, "floor": _floor(offer, how, deployment), "price of work is": binds}


def _floor(offer: Offer, how: Explained, deployment: Deployment) -> str:
    work, auto = offer.offering, offer.offering.auto_price
    watts, speed = work.watts_per_slot, work.fuel_per_second
    if auto is None or not auto.electricity_atoms_per_kilowatt_hour or watts is None or speed is None:
        return "none: auto.electricity says no price"
    seconds, symbol = FUEL_PER_GIGAFUEL / speed, deployment.token_symbol
    hours = watts * seconds / JOULES_PER_KILOWATT_HOUR
    paid = format_money(auto.electricity_atoms_per_kilowatt_hour, deployment.token_decimals)
    return (
        f"a gigafuel takes {seconds:.3g} s at {watts} W, {hours:.3g} kWh,"
        f" at {paid} {symbol}/kWh: {_tokens(how.floor.fuel, deployment)} {symbol}"
    )


def _tokens(micro_atoms: int, deployment: Deployment) -> str:
    return format_money(micro_atoms, deployment.token_decimals + _MICRO_DECIMALS)
