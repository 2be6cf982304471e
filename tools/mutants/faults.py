"""The listed faults, and how one is put into a source.

A fault names a text that stands exactly once in its source, so the list cannot outlive the code unnoticed.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatch
from pathlib import Path

FOLDER = Path("contracts/mutants")


class FaultReason(Enum):
    """Why a fault cannot be seeded."""

    SOURCE_MISSING = "the source does not exist"
    TEXT_NOT_FOUND = "its text is not in the source"
    TEXT_AMBIGUOUS = "its text is in the source more than once"
    NOTHING_CHANGES = "the replacement is the text itself"
    NAME_TAKEN = "another fault has this name"
    NONE_NAMED = "no fault has such a name"
    DOES_NOT_COMPILE = "the source with the fault in it does not compile"


class FaultError(Exception):
    """A fault of this name cannot be seeded, for this reason."""

    def __init__(self, name: str, reason: FaultReason, detail: str = "") -> None:
        super().__init__(f"{name}: {reason.value}{': ' + detail if detail else ''}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake: `text` of `source` becomes `replacement`, which `breaks` something.

    `topic` is the list it stands in; `forge` are the test files under tests/contracts/foundry that are asked
    before all others, `brownie` the paths under tests/contracts that concern it; `harmless`, where it is not
    empty, explains why no test can or need fail.
    """

    name: str
    topic: str
    source: Path
    text: str
    replacement: str
    breaks: str
    forge: tuple[str, ...]
    brownie: tuple[str, ...]
    harmless: str = ""

    def seeded(self, root: Path) -> str:
        """The source under `root` with this fault in it. Raises FaultError."""
        path = root / self.source
        if not path.is_file():
            raise FaultError(self.name, FaultReason.SOURCE_MISSING, str(self.source))
        whole = path.read_text(encoding="utf-8")
        if self.text == self.replacement:
            raise FaultError(self.name, FaultReason.NOTHING_CHANGES)
        found = whole.count(self.text)
        if found != 1:
            reason = FaultReason.TEXT_AMBIGUOUS if found else FaultReason.TEXT_NOT_FOUND
            raise FaultError(self.name, reason, self.text)
        return whole.replace(self.text, self.replacement)


def load(root: Path) -> tuple[Fault, ...]:
    """All listed faults, list by list. Raises FaultError when two have one name."""
    faults = tuple(fault for path in sorted((root / FOLDER).glob("*.toml")) for fault in _read(path))
    for name, times in Counter(fault.name for fault in faults).items():
        if times > 1:
            raise FaultError(name, FaultReason.NAME_TAKEN)
    return faults


def chosen(faults: tuple[Fault, ...], wanted: str) -> tuple[Fault, ...]:
    """The faults whose name or topic matches one of the patterns in `wanted`; all when it is empty."""
    patterns = wanted.split()
    found = tuple(
        fault
        for fault in faults
        if not patterns
        or any(fnmatch(fault.name, pattern) or fnmatch(fault.topic, pattern) for pattern in patterns)
    )
    if not found:
        raise FaultError(wanted, FaultReason.NONE_NAMED)
    return found


def _read(path: Path) -> list[Fault]:
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Fault(
            name=entry["name"],
            topic=path.stem,
            source=Path("contracts") / entry["source"],
            text=entry["text"],
            replacement=entry["replacement"],
            breaks=entry["breaks"],
            forge=tuple(entry.get("forge", listed["forge"])),
            brownie=tuple(entry.get("brownie", listed["brownie"])),
            harmless=entry.get("harmless", ""),
        )
        for entry in listed["fault"]
    ]
