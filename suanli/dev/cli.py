"""`suanli dev`: a whole Suanli on this machine, to try and to develop with."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from suanli.dev.demo import NODES, run_demo
from suanli.dev.demo_report import Report
from suanli.dev.stack import Ports, Stack
from suanli.protocol.errors import SuanliError

dev_app = typer.Typer(help="A whole Suanli on this machine: up, demo.", no_args_is_help=True)

_FAILED = 1
_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_Folder = Annotated[Path, typer.Option("--folder", help="Where the stack keeps its files.")]


@dev_app.command()
def demo(folder: _Folder = Path(".suanli/demo")) -> None:
    """Run the whole way of one job (chain, market, nodes, photographs, settlement, audit), then stop."""
    _stop_on_signals()
    try:
        outcome = run_demo(folder, _EXAMPLES, Report())
    except SuanliError as error:
        Console(stderr=True).print(f"[bold red]{error.reason.value}[/]: {error.detail}", highlight=False)
        raise typer.Exit(_FAILED) from error
    verified = all(finding["passed"] for finding in [*outcome.traces, outcome.invariants])
    raise typer.Exit(0 if verified else _FAILED)


@dev_app.command()
def up(
    folder: _Folder = Path(".suanli/dev"),
    nodes: Annotated[int, typer.Option(min=1, max=len(NODES), help="How many nodes.")] = 3,
    chain_port: Annotated[int, typer.Option(help="The chain's port.")] = 8545,
    market_port: Annotated[int, typer.Option(help="The market's port.")] = 8420,
) -> None:
    """Start chain, database, market, nodes and a funded buyer, and stay until Ctrl-C."""
    _stop_on_signals()
    report = Report()
    with Stack(folder, Ports(chain=chain_port, market=market_port)) as stack:
        with report.step("chain"):
            stack.start_chain()
        with report.step("market"):
            stack.start_market()
        with report.step("nodes") as progress:
            stack.add_nodes(NODES[:nodes], progress)
        with report.step("buyer"):
            buyer = stack.add_buyer("buyer", "100")
        environment = {**stack.environment(), "SUANLI_KEYSTORE": str(buyer.keystore)}
        report.console.print("\nIn another shell:\n")
        for name, value in environment.items():
            report.console.print(f"  export {name}={value}", soft_wrap=True)
        report.console.print("\nCtrl-C stops everything; the folder keeps it for the next time.")
        threading.Event().wait()


def _stop_on_signals() -> None:
    """Ends by an exception, so that the stack's context manager stops every process."""

    def stop(*_: object) -> None:
        raise typer.Exit(_FAILED)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
