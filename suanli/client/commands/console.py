"""What commands print: tables for people or JSON for programs on stdout, errors with hints on stderr."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from suanli.client.hints import hint_for
from suanli.protocol.errors import SuanliError
from suanli.protocol.units import format_money
from suanli.protocol.wire.accounts import Deployment

FAILED = 1
_WIDTH_OF_FILES = 200
"""Wide enough that ids are not broken where nobody looks at a screen."""


@dataclass(frozen=True)
class Output:
    """Where a command's words go."""

    as_json: bool

    @property
    def people(self) -> Console:
        """For tables: stdout, or stderr when stdout carries JSON."""
        console = Console(stderr=self.as_json)
        return console if console.is_terminal else Console(stderr=self.as_json, width=_WIDTH_OF_FILES)

    def show(self, value: Any, *tables: Any) -> None:
        """`value` as one JSON document, or `tables` for people."""
        if self.as_json:
            typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False))
        else:
            for table in tables:
                self.people.print(table)

    def line(self, value: Any, text: str) -> None:
        """One line of JSON, or one of text."""
        typer.echo(json.dumps(plain(value), ensure_ascii=False) if self.as_json else text)

    def note(self, text: str) -> None:
        """A remark for people; never on stdout when that carries JSON."""
        self.people.print(text, highlight=False)


def plain(value: Any) -> Any:
    """Plain JSON values of models, lists and dictionaries of them."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.to_json() if hasattr(value, "to_json") else value


def table(title: str, *columns: str, rows: Any = ()) -> Table:
    """A table; columns that begin with `>` are aligned to the right."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column.removeprefix(">"), justify="right" if column.startswith(">") else "left")
    for row in rows:
        made.add_row(*(str(cell) for cell in row))
    return made


def money(amount: int, deployment: Deployment) -> str:
    """An amount in tokens with the token's symbol."""
    return f"{format_money(amount, deployment.token_decimals)} {deployment.token_symbol}"


def short(hexadecimal: str | None) -> str:
    """An address or hash, abbreviated for a table."""
    return "" if hexadecimal is None else f"{hexadecimal[:8]}…{hexadecimal[-4:]}"


@contextmanager
def reporting(as_json: bool) -> Iterator[None]:
    """Turn a `SuanliError` into its words on stderr and exit code 1."""
    try:
        yield
    except SuanliError as error:
        report(error, as_json)
        raise typer.Exit(FAILED) from None


def report(error: SuanliError, as_json: bool) -> None:
    """An error on stderr: reason, sentence, and what to do next."""
    hint = hint_for(error.reason)
    if as_json:
        body = {**error.to_json(), "hint": hint}
        typer.echo(json.dumps(body, ensure_ascii=False, default=str), err=True)
        return
    typer.echo(str(error), err=True)
    for finding in error.context.get("findings", [])[1:]:
        place = f"line {finding['line']}: " if finding["line"] else ""
        typer.echo(f"  {place}{finding['key']}: {finding['detail']}", err=True)
    if hint:
        typer.echo(f"→ {hint}", err=True)
