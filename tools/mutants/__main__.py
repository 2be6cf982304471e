"""Run the mutation check. Environment: ONLY names faults or lists by patterns; empty runs all.

Exits with 1 when a fault survives that its list does not explain.
"""

import os
import sys
import time
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tools.mutants import report
from tools.mutants.faults import Fault, FaultError, chosen, load
from tools.mutants.report import Result
from tools.mutants.workshop import UntouchedFailure, Workshop, WorkshopBusy

FOLDER = Path("build/mutants")


def tested(workshop: Workshop, fault: Fault) -> Result:
    """What the suites make of one fault."""
    begun = time.monotonic()
    suite, test = workshop.caught_by(fault)
    return Result(fault.name, suite, test, round(time.monotonic() - begun, 1))


def run(root: Path, wanted: str) -> int:
    """Check the wanted faults; 1 when one survives that its list does not explain."""
    faults = load(root)
    selected = chosen(faults, wanted)
    workshop = Workshop(root, root / FOLDER)
    with workshop.occupied():
        workshop.prepare()
        results = check(workshop, faults, selected)
    print(report.summary(selected, results))
    return int(any(not results[fault.name].suite and not fault.harmless for fault in selected))


def check(workshop: Workshop, faults: tuple[Fault, ...], selected: tuple[Fault, ...]) -> dict[str, Result]:
    """Seed the selected faults one after another; the report is up to date after each."""
    root = workshop.root
    results = report.load(root)
    columns = (TextColumn("{task.description:<40}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=len(selected))
        for fault in selected:
            progress.update(bar, description=fault.name)
            results[fault.name] = result = tested(workshop, fault)
            report.save(root, faults, results)
            if not result.suite:
                progress.console.print(f"survived: {fault.name}", "(explained)" if fault.harmless else "")
            progress.advance(bar)
    return results


def main() -> int:
    """Run what ONLY asks for; 2 when a fault, a suite or the folder is not fit for it."""
    try:
        return run(Path.cwd(), os.environ.get("ONLY", ""))
    except (FaultError, UntouchedFailure, WorkshopBusy) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
