"""Run every test suite in its own runner, all of them even when one fails, and sum up at the end.

Two lanes run side by side, because the contracts' compiler uses one core for minutes. A suite is left out
only while its folder holds no test. Arguments choose suites by name: `python -m tools.run_tests unit parity`.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PYTEST = (".venv/bin/python", "-m", "pytest")
FORGE_TEST = ("contracts/tools/forge", "test")
GAS_TESTS = "tests/contracts/foundry/*Gas.t.sol"
"""Pinned figures: each call is a transaction of its own, and a figure that changes fails the run."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One runner's call: it is due once `folder` holds a file that matches `pattern`."""

    name: str
    folder: str
    pattern: str
    command: tuple[str, ...]

    def files(self) -> list[str]:
        """The test files, sorted; empty where nobody has written one yet."""
        return sorted(str(path) for path in Path(self.folder).rglob(self.pattern))


SERVICES = (
    Suite("unit", "tests/unit", "test_*.py", (*PYTEST, "tests/unit", "-n", "2")),
    Suite("parity", "tests/parity", "test_*.py", (*PYTEST, "tests/parity")),
    Suite(
        "integration",
        "tests/integration",
        "test_*.py",
        (*PYTEST, "tests/integration", "-n", "2", "--dist", "loadfile"),
    ),
    Suite("e2e", "tests/e2e", "test_*.py", (*PYTEST, "tests/e2e")),
)
CONTRACTS = (
    Suite(
        "foundry",
        "tests/contracts/foundry",
        "*.t.sol",
        ("env", "FOUNDRY_PROFILE=quick", *FORGE_TEST, "--no-match-path", GAS_TESTS),
    ),
    Suite(
        "gas",
        "tests/contracts/foundry",
        "*Gas.t.sol",
        ("env", "FORGE_SNAPSHOT_CHECK=true", *FORGE_TEST, "--isolate", "--match-path", GAS_TESTS),
    ),
    Suite("contracts", "tests/contracts", "test_*.py", (*PYTEST, "tests/contracts")),
    Suite(
        "typescript",
        "tests/parity",
        "*.test.ts",
        ("node", "--import", "tsx", "--test", "--test-reporter=spec"),
    ),
)
LANES = (SERVICES, CONTRACTS)
SUITES = SERVICES + CONTRACTS

Result = tuple[str, str, float]
"""A suite's name, its outcome (`passed`, `FAILED` or `no tests yet`) and the seconds it took."""


def run(suite: Suite) -> Result:
    """Run one suite and show what it printed once it has ended."""
    files = suite.files()
    if not files:
        return suite.name, "no tests yet", 0.0
    command = [*suite.command, *files] if suite.name == "typescript" else list(suite.command)
    print(f"=== {suite.name} begins", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        status = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ).returncode
        output.seek(0)
        print(f"\n=== {suite.name}: {' '.join(command)}\n{output.read()}", flush=True)
    return suite.name, "passed" if status == 0 else "FAILED", time.monotonic() - begun


def run_lane(suites: Iterable[Suite]) -> list[Result]:
    """Run suites one after another."""
    return [run(suite) for suite in suites]


def main(names: list[str]) -> int:
    """Run the named suites, or all; 0 when none failed."""
    unknown = set(names) - {suite.name for suite in SUITES}
    if unknown:
        print(f"no such suite: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    lanes = [[suite for suite in lane if not names or suite.name in names] for lane in LANES]
    with ThreadPoolExecutor(len(lanes)) as pool:
        results = [result for lane in pool.map(run_lane, lanes) for result in lane]
    print("\n=== all suites")
    for name, outcome, seconds in results:
        print(f"{name:<12} {outcome:<13} {seconds:6.1f} s")
    return int(any(outcome == "FAILED" for _, outcome, _ in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
