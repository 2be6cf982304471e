"""Runs the suites and writes `reports/bench.json`. Environment: SUITE names one suite; empty runs all."""

import os
import sys
from importlib import import_module

from rich.console import Console
from rich.table import Table

from benchmarks.figures import REPORT, Figure, merge

SUITES: dict[str, str] = {
    "gas": "benchmarks.gas",
    "wasm": "benchmarks.wasm_overhead",
    "clearing_http": "benchmarks.clearing_http",
    "e2e": "benchmarks.end_to_end",
    "demo": "benchmarks.demo",
    "clearing_decide": "benchmarks.clearing_decide",
    "clearing_batch": "benchmarks.clearing_batch",
    "clearing_audit": "benchmarks.clearing_audit",
}


def main() -> int:
    """Run what SUITE names; exit code 2 when it names nothing."""
    wanted = os.environ.get("SUITE", "")
    if wanted and wanted not in SUITES:
        print(f"SUITE={wanted} is not one of: {', '.join(SUITES)}", file=sys.stderr)
        return 2
    console = Console()
    for suite in [wanted] if wanted else list(SUITES):
        console.print(f"[bold]{suite}[/bold] …")
        figures = [Figure(**row) for row in import_module(SUITES[suite]).run()]
        merge(figures)
        console.print(_table(suite, figures))
    console.print(f"written to {REPORT}")
    return 0


def _table(suite: str, figures: list[Figure]) -> Table:
    table = Table("figure", "value", "unit", "conditions", title=suite)
    for figure in figures:
        table.add_row(figure.name, f"{figure.value:g}", figure.unit, figure.conditions)
    return table


if __name__ == "__main__":
    sys.exit(main())
