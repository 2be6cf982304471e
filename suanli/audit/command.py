"""What the auditor's commands share: progress on stderr, the verdict, errors with reasons, exit codes."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as ProgressBar

from suanli.audit.finding import Finding
from suanli.audit.render import as_tree, verdict
from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import Deployment

EXIT_FAILED = 1
EXIT_USAGE = 2
_FILE_COLUMNS = 240
"""Ids stay whole in files and pipes."""
USAGE_REASONS = frozenset({Reason.SETTINGS_INVALID, Reason.URN_UNKNOWN})

ADVICE: dict[Reason, str] = {
    Reason.SETTINGS_INVALID: "Give --deployment FILE and --rpc URL, or --market URL; see --help.",
    Reason.CHAIN_UNREACHABLE: "Check --rpc, or try another node of the same chain.",
    Reason.MARKET_UNREACHABLE: "Evidence may come from anywhere: give a folder of bundles by --evidence.",
    Reason.NOT_FOUND: "Check the id; for receipts, leases and jobs give --evidence DIR or URL.",
    Reason.EVIDENCE_MISSING: "Give --evidence DIR or URL of someone who keeps it: market, buyer or node.",
    Reason.WRONG_CHAIN: "Use a node of the chain that the deployment file names.",
    Reason.URN_UNKNOWN: "An id is 0x-hex, or urn:suanli:<chain id>:<kind>:<hash or address>.",
}


@dataclass
class Report:
    """One command's output; `show` decides its exit code."""

    as_json: bool
    bar: ProgressBar
    full: bool = False
    passed: bool = True

    def progress(self, what: str, done: int, total: int) -> None:
        """Moves the bar named `what`."""
        for task in self.bar.tasks:
            if task.description == what:
                self.bar.update(task.id, completed=done, total=total)
                return
        self.bar.add_task(what, completed=done, total=total)

    def show(self, finding: Finding, deployment: Deployment) -> None:
        """Prints a finding as a tree or as JSON."""
        self.quiet()
        self.passed = finding.passed
        if self.as_json:
            typer.echo(json.dumps(finding.to_json(), ensure_ascii=False, indent=2))
            return
        console = Console() if sys.stdout.isatty() else Console(width=_FILE_COLUMNS)
        console.print(as_tree(finding, deployment.token_symbol, deployment.token_decimals, self.full))
        console.print(verdict(finding))

    def say(self, line: str) -> None:
        """Prints one line."""
        self.quiet()
        typer.echo(line)

    def quiet(self) -> None:
        """Takes the bar away. Rich would print a line for one that never ran."""
        if self.bar.live.is_started:
            self.bar.stop()


@contextmanager
def reporting(as_json: bool, full: bool = False) -> Iterator[Report]:
    """Runs a command's body: 0 when all checks held, 1 after a failed check or an error, 2 for usage."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = ProgressBar(*columns, console=Console(stderr=True), transient=True)
    report = Report(as_json, bar, full)
    try:
        if sys.stderr.isatty():
            bar.start()
        yield report
    except SuanliError as error:
        report.quiet()
        _fail(error, as_json)
    finally:
        report.quiet()
    if not report.passed:
        raise typer.Exit(EXIT_FAILED)


def _fail(error: SuanliError, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(error.to_json(), ensure_ascii=False))
    typer.echo(str(error), err=True)
    if error.reason in ADVICE:
        typer.echo(ADVICE[error.reason], err=True)
    raise typer.Exit(EXIT_USAGE if error.reason in USAGE_REASONS else EXIT_FAILED) from error
