"""`suanli market capacity`: what the fleet has on offer, from a market's public API. No key, no database."""

import json
from typing import Annotated, Any

import httpx
import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.table import Table

from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.units import DIMENSIONS, MICRO_ATOMS_PER_ATOM, format_money
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.capacity import Capacity
from suanli.protocol.wire.common import API_PREFIX, Page, Problem

MarketOption = Annotated[str, typer.Option("--market", envvar="SUANLI_MARKET", help="The market's address.")]
RoundsOption = Annotated[
    int, typer.Option("--rounds", min=1, max=200, help="More than one: the history, newest first.")
]
_TIMEOUT_SECONDS = 10.0
_WIDTH_OF_FILES = 160


def show_capacity(market: str, rounds: int, as_json: bool) -> None:
    """Prints the last round's capacity, or a line for each of the last rounds. Raises MarketError."""
    url = market.rstrip("/") + API_PREFIX
    if rounds > 1:
        seen = _fetch(f"{url}/capacity/history?limit={rounds}", Page[Capacity])
        _show([one.model_dump(mode="json") for one in seen.items], _history(seen.items), as_json)
        return
    capacity = _fetch(f"{url}/capacity", Capacity)
    deployment = _fetch(f"{url}/deployment", Deployment)
    _show(capacity.model_dump(mode="json"), _cells(capacity, deployment), as_json)


def _fetch(url: str, model: type[Any]) -> Any:
    try:
        answer = httpx.get(url, timeout=_TIMEOUT_SECONDS)
        if answer.is_error:
            said = Problem.model_validate_json(answer.content)
            raise MarketError(said.reason, said.detail)
        found: BaseModel = model.model_validate_json(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL, ValidationError) as error:
        raise MarketError(Reason.MARKET_UNREACHABLE, f"{url} gives no answer: {error}") from error
    return found


def _cells(capacity: Capacity, deployment: Deployment) -> Table:
    decimals = deployment.token_decimals
    title = f"Epoch {capacity.epoch}: {capacity.matched} copies matched, {capacity.waiting} wait"
    prices = [f"{one.name} from" for one in DIMENSIONS]
    names = ["region", "largest task", "nodes", "slots", "free", "matched", *prices, "a scarce slot"]
    table = _table(title, names)
    for cell in capacity.cells:
        lowest = (format_money(price, decimals + 6) for price in cell.lowest.vector())
        scarce = format_money(cell.scarcity // MICRO_ATOMS_PER_ATOM, decimals)
        tier = f"{cell.gigafuel} gigafuel, {cell.memory_mebibytes} MiB"
        counts = (cell.nodes, cell.slots, cell.free_slots, cell.matched)
        table.add_row(cell.region or "unsaid", tier, *map(str, counts), *lowest, scarce)
    table.caption = f"Prices in {deployment.token_symbol} per unit."
    return table


def _history(rounds: list[Capacity]) -> Table:
    table = _table("The last rounds", ["epoch", "at", "nodes", "slots", "free", "matched", "wait"])
    for one in rounds:
        sums = [sum(getattr(cell, name) for cell in one.cells) for name in ("nodes", "slots", "free_slots")]
        table.add_row(*map(str, (one.epoch, one.at, *sums, one.matched, one.waiting)))
    return table


def _table(title: str, names: list[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, justify="left" if name in ("region", "largest task") else "right")
    return table


def _show(value: Any, table: Table, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(value, indent=2))
        return
    console = Console()
    (console if console.is_terminal else Console(width=_WIDTH_OF_FILES)).print(table)
