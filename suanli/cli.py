"""The one command, `suanli`: mounts the command groups of buyer, node, auditor, operator and developer.

A group is imported only when it is called, so that `suanli --help` and shell completion stay quick.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command


@dataclass(frozen=True, slots=True)
class Mount:
    """A command group: where its typer application lives, and its line in the help."""

    module: str
    attribute: str
    help: str


MOUNTS: dict[str, Mount] = {
    "job": Mount("suanli.client.cli", "job_app", "Buy computation: quote, run, watch, results, receipts."),
    "account": Mount("suanli.client.accounts_cli", "account_app", "Keys, balances, deposits, delegates."),
    "node": Mount("provider_agent.cli", "node_app", "Connect this machine and earn (算力并网)."),
    "audit": Mount("suanli.audit.cli", "audit_app", "Trace any payment; recompute every balance (审计溯源)."),
    "exit": Mount("suanli.direct.exit_cli", "exit_app", "Take out everything, with no market (退出)."),
    "claim": Mount("suanli.direct.claim_cli", "claim_app", "Be paid by your receipts alone."),
    "challenge": Mount("suanli.direct.challenge_cli", "challenge_app", "Object to claims; judge as a juror."),
    "statement": Mount(
        "suanli.direct.statement_cli", "statement_app", "Settle between buyer and node alone."
    ),
    "auction": Mount("suanli.direct.auction_cli", "auction_app", "Sealed-bid auctions for large jobs."),
    "reserve": Mount("suanli.direct.reserve_cli", "reserve_app", "Set money aside for one order."),
    "operator": Mount("suanli.direct.operator_cli", "operator_app", "An operator's bond, by its own key."),
    "id": Mount("suanli.identify", "id_app", "Resolve a urn:suanli identifier (算力标识) and check it."),
    "market": Mount("market.cli", "market_app", "Run the market service."),
    "dev": Mount("suanli.dev.cli", "dev_app", "A whole Suanli on this machine: up, demo."),
}


class LazyGroup(TyperGroup):
    """Finds the mounted groups by name without importing them all."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every group, in the order of `MOUNTS`."""
        return list(MOUNTS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The group of that name, imported now; None when there is none."""
        mount = MOUNTS.get(cmd_name)
        if mount is None:
            return None
        command = get_command(getattr(import_module(mount.module), mount.attribute))
        command.name = cmd_name
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The overview, from `MOUNTS` alone."""
        formatter.write_usage("suanli", "COMMAND ...")
        formatter.write_paragraph()
        formatter.write_text("算力: buy, sell and audit computation. Nobody has to trust the operator.")
        with formatter.section("Commands"):
            formatter.write_dl([(name, mount.help) for name, mount in MOUNTS.items()])
        formatter.write_paragraph()
        formatter.write_text("Try `suanli COMMAND --help`, or `suanli dev demo` to see it all work.")


app = typer.Typer(cls=LazyGroup, add_completion=True, no_args_is_help=True)


@app.callback(invoke_without_command=True)
def _root(
    show_version: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True),
) -> None:
    if show_version:
        typer.echo(version("suanli"))
        raise typer.Exit


def main() -> None:
    """Entry point of the `suanli` command."""
    app(prog_name="suanli")
