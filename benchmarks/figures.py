"""The form of a measured figure, and its file `reports/bench.json`."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

REPORT = Path("reports/bench.json")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number: its name, its value in `unit`, and the conditions it was measured under."""

    name: str
    value: float
    unit: str
    conditions: str


def merge(figures: list[Figure], report: Path = REPORT) -> None:
    """Write `figures` into the report; those of suites that did not run now stay as they were."""
    known = {row["name"]: row for row in json.loads(report.read_text())} if report.exists() else {}
    known.update({figure.name: asdict(figure) for figure in figures})
    report.parent.mkdir(parents=True, exist_ok=True)
    rows = [known[name] for name in sorted(known)]
    report.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
