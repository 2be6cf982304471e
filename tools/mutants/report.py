"""What became of each fault: `reports/mutants.json`, and the same as a Markdown table."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.mutants.faults import Fault

REPORT = Path("reports/mutants.json")
TABLE = Path("reports/mutants.md")
SUITES = ("forge", "invariants", "brownie", "reference")


@dataclass(frozen=True, slots=True)
class Result:
    """Which suite and test caught a fault, both empty when none did; how long that took, in seconds."""

    name: str
    suite: str
    test: str
    seconds: float


def load(root: Path) -> dict[str, Result]:
    """The results of the last run by the names of the faults; empty when there was none."""
    path = root / REPORT
    listed = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return {entry["name"]: Result(**entry) for entry in listed}


def save(root: Path, faults: Collection[Fault], results: dict[str, Result]) -> None:
    """Write both files, without the results of faults that are no longer listed."""
    listed = [fault for fault in faults if fault.name in results]
    entries = [asdict(results[fault.name]) for fault in listed]
    (root / REPORT).parent.mkdir(exist_ok=True)
    (root / REPORT).write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    tables = totals(faults, results) + "\n" + table(listed, results)
    (root / TABLE).write_text(tables, encoding="utf-8")


def totals(faults: Collection[Fault], results: dict[str, Result]) -> str:
    """One row for each list: its faults, how many were seeded, and what caught them."""
    rows = [
        f"| list | faults | seeded | {' | '.join(SUITES)} | survived |",
        "|---|" + "---|" * (len(SUITES) + 3),
    ]
    for topic in [*dict.fromkeys(fault.topic for fault in faults), "all"]:
        listed = [fault for fault in faults if topic in (fault.topic, "all")]
        caught = Counter(results[fault.name].suite for fault in listed if fault.name in results)
        figures = [len(listed), caught.total(), *(caught[suite] for suite in SUITES), caught[""]]
        rows.append(f"| {topic} | {' | '.join(map(str, figures))} |")
    return "\n".join(rows) + "\n"


def table(faults: Iterable[Fault], results: dict[str, Result]) -> str:
    """One row for each fault, then the survivors' explanations."""
    rows = ["| contract | fault | breaks | caught by |", "|---|---|---|---|"]
    explained = []
    for fault in faults:
        result = results[fault.name]
        caught = f"{result.suite}: `{result.test}`" if result.suite else "**nothing**"
        rows.append(f"| {fault.topic} | `{fault.name}` | {fault.breaks} | {caught} |")
        if not result.suite and fault.harmless:
            explained.append(f"- `{fault.name}`: {fault.harmless}")
    return "\n".join([*rows, "", *explained]) + "\n"


def summary(faults: Iterable[Fault], results: dict[str, Result]) -> str:
    """Totals by suite, in a line."""
    listed = [fault for fault in faults if fault.name in results]
    survivors = [fault for fault in listed if not results[fault.name].suite]
    by_suite = Counter(results[fault.name].suite for fault in listed if results[fault.name].suite)
    unexplained = [fault.name for fault in survivors if not fault.harmless]
    return (
        f"{len(listed)} faults, {by_suite.total()} caught ("
        + ", ".join(f"{suite} {count}" for suite, count in by_suite.most_common())
        + f"), {len(survivors)} survived, of which unexplained: {', '.join(unexplained) or 'none'}"
    )
