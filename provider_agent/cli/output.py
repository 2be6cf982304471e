"""What commands print: tables for people or JSON for programs on stdout; errors with hints on stderr."""

import asyncio
import json
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason
from suanli.protocol.units import format_money
from suanli.protocol.wire.accounts import Deployment

T = TypeVar("T")

FAILED = 1
_WIDTH_OF_FILES = 200
"""Wide enough that ids are not broken where nobody looks at a screen."""

HINTS: Mapping[Reason, str] = {
    Reason.SETTINGS_INVALID: "Correct what is named; `suanli node doctor` checks everything.",
    Reason.KEYSTORE_INVALID: "Name the keystore (--owner-keystore) and its --password-file.",
    Reason.STATE_CONFLICT: "`suanli node status` shows the present state.",
    Reason.NODE_NOT_CONNECTED: "Connect the node first: suanli node connect",
    Reason.BALANCE_TOO_SMALL: "Deposit for the owner: suanli account deposit AMOUNT",
    Reason.SIGNER_MISMATCH: "Use the keystore of the owner that `suanli node init` was given.",
    Reason.WRONG_CHAIN: "Point SUANLI_MARKET and SUANLI_RPC at the deployment of this node's home.",
    Reason.MARKET_UNREACHABLE: "Check SUANLI_MARKET and that the market runs.",
    Reason.CHAIN_UNREACHABLE: "Check SUANLI_RPC and that the chain's node runs.",
    Reason.CONTRACT_REVERTED: "The contract's words say what it missed; `suanli node status` shows more.",
    Reason.NOT_AUTHENTICATED: "Is this the URL by which the market knows itself? See SUANLI_MARKET.",
}


class Output:
    """Where one command's words go."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        console = Console(stderr=as_json)
        self.people = console if console.is_terminal else Console(stderr=as_json, width=_WIDTH_OF_FILES)

    def show(self, value: Any, *tables: Any) -> None:
        """`value` as one JSON document, or `tables` for people."""
        if self.as_json:
            typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
        for table in () if self.as_json else tables:
            self.people.print(table, highlight=False)

    def note(self, text: str) -> None:
        """A remark on progress; never on stdout when that carries JSON."""
        self.people.print(text, highlight=False)


def facts_table(title: str, facts: Mapping[str, Any]) -> Table:
    """Names and values, one a line."""
    table = Table(title=title, title_justify="left", show_header=False)
    for name, value in facts.items():
        table.add_row(name, str(value))
    return table


def rows_table(title: str, columns: list[str], rows: list[list[Any]]) -> Table:
    """A table; columns that begin with `>` are aligned to the right."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column.removeprefix(">"), justify="right" if column.startswith(">") else "left")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    return table


def money(amount: int, deployment: Deployment) -> str:
    """An amount in tokens with the token's symbol."""
    return f"{format_money(amount, deployment.token_decimals)} {deployment.token_symbol}"


def short(hexadecimal: str | None) -> str:
    """An address or hash, abbreviated for a table."""
    return "" if hexadecimal is None else f"{hexadecimal[:8]}…{hexadecimal[-4:]}"


@contextmanager
def reporting(as_json: bool) -> Iterator[None]:
    """Turns a `SuanliError` into its words on stderr and exit code 1."""
    try:
        yield
    except SuanliError as error:
        _report(error, as_json)
        raise typer.Exit(FAILED) from None


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Runs an asynchronous command to its end."""
    return asyncio.run(work)


def _report(error: SuanliError, as_json: bool) -> None:
    hint = HINTS.get(error.reason)
    if as_json:
        typer.echo(json.dumps({**error.to_json(), "hint": hint}, default=str, ensure_ascii=False), err=True)
        return
    typer.echo(str(error), err=True)
    if hint:
        typer.echo(f"→ {hint}", err=True)
