"""A copy of the contracts and their tests under build/, in which faults are seeded and the tests run.

Compiles by the profile `quick` of foundry.toml, whose code is worse and which takes a tenth of the time.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tools.mutants.faults import Fault, FaultError, FaultReason

COPIED = ("contracts", "tests", "suanli", "foundry.toml", "brownie-config.yaml", "pyproject.toml")
LINKED = (".venv", "node_modules")
KEPT = ("contracts/build", "__pycache__", ".hypothesis")
"""What runs leave in the copy, which the next one reads again."""

NICE = ("nice", "-n", "10")
FORGE = (*NICE, "contracts/tools/forge", "test", "--fail-fast")
FEW_RUNS = ("--fuzz-runs", "16")
FORGE_ALL = (*FORGE, "--no-match-path", "{*Gas.t.sol,*invariants*}")
MEASURING = ("court/test_dispute.py", "bidding/test_auction_mirror.py")
"""They hold gas, which quick code uses more of."""
PYTEST = (
    *(*NICE, sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
    *(f"--ignore=tests/contracts/{path}" for path in MEASURING),
)
EXPORT = (*NICE, sys.executable, "contracts/scripts/export_abi.py")
FORGE_FAILURE = re.compile(r"^\[FAIL.*\] (\w+)\(", re.MULTILINE)
PYTEST_FAILURE = re.compile(r"^(?:FAILED|ERROR) tests/contracts/([^\s\[]+)", re.MULTILINE)
SECONDS_A_RUN = 1800


class UntouchedFailure(Exception):
    """A suite fails without any fault, so it can tell nothing."""


class WorkshopBusy(Exception):
    """Another run works in this copy."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Commands, each after the others; `failure` finds the name of the test that failed."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    failure: re.Pattern[str]


@dataclass(slots=True)
class Workshop:
    """The copy at `folder` of the project at `root`."""

    root: Path
    folder: Path
    _sound: set[tuple[tuple[str, ...], ...]] = field(default_factory=set)

    @contextmanager
    def occupied(self) -> Iterator[None]:
        """Nobody else works in the copy. Raises WorkshopBusy."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise WorkshopBusy(f"another mutation check runs in {self.folder}") from error
            yield

    def prepare(self) -> None:
        """Bring the copy up to date with the project."""
        for name in COPIED:
            _copy(self.root, self.folder, name)
        for name in LINKED:
            link = self.folder / name
            if not link.is_symlink():
                link.symlink_to((self.root / name).resolve())
        self._let_brownie_compile_quickly()

    @contextmanager
    def seeded(self, fault: Fault) -> Iterator[None]:
        """The copy has the fault in it. Raises FaultError."""
        path = self.folder / fault.source
        sound = path.read_text(encoding="utf-8")
        path.write_text(fault.seeded(self.folder), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(sound, encoding="utf-8")

    def caught_by(self, fault: Fault) -> tuple[str, str]:
        """The suite and the test that fail once the fault is seeded; both empty when none does.

        Raises FaultError, and UntouchedFailure when tests fail without the fault.
        """
        for suite in suites_for(fault):
            self._require_sound(suite)
            with self.seeded(fault):
                failed = self._failing_test(suite, fault)
            if failed:
                return suite.name, failed
        return "", ""

    def _require_sound(self, suite: Suite) -> None:
        """The suite passes without a fault; asked once for each set of tests."""
        if suite.commands in self._sound:
            return
        for command in suite.commands:
            run = self._run(command)
            if run.returncode:
                raise UntouchedFailure(f"{' '.join(command)}\n{run.stdout[-4000:]}")
        self._sound.add(suite.commands)

    def _failing_test(self, suite: Suite, fault: Fault) -> str:
        for command in suite.commands:
            run = self._run(command)
            if not run.returncode:
                continue
            found = suite.failure.search(run.stdout)
            if found is None:
                raise FaultError(fault.name, FaultReason.DOES_NOT_COMPILE, run.stdout[-4000:])
            return found[1]
        return ""

    def _run(self, command: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
        environment = os.environ | {"FOUNDRY_PROFILE": "quick", "PYTHONPATH": str(self.folder)}
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS_A_RUN,
        )

    def _let_brownie_compile_quickly(self) -> None:
        profile = tomllib.loads((self.folder / "foundry.toml").read_text())["profile"]["quick"]
        config = yaml.safe_load((self.folder / "brownie-config.yaml").read_text())
        optimizer = config["compiler"]["solc"]["optimizer"]
        optimizer |= {"runs": profile["optimizer_runs"], "details": profile["optimizer_details"]}
        (self.folder / "brownie-config.yaml").write_text(yaml.safe_dump(config))


def suites_for(fault: Fault) -> tuple[Suite, ...]:
    """The suites, quickest first. Gas figures are not asked: quick code has others."""
    first = "{" + ",".join(f"*/{name}.t.sol" for name in fault.forge) + "}"
    folders = tuple(f"tests/contracts/{path}" for path in fault.brownie)
    histories = (*PYTEST, "tests/contracts/reference")
    return (
        Suite("forge", ((*FORGE, *FEW_RUNS, "--match-path", first),), FORGE_FAILURE),
        Suite("brownie", ((*PYTEST, *folders),), PYTEST_FAILURE),
        Suite("forge", (FORGE_ALL,), FORGE_FAILURE),
        Suite("invariants", ((*FORGE, "--match-path", "*invariants*"),), FORGE_FAILURE),
        Suite("reference", (EXPORT, histories), PYTEST_FAILURE),
    )


def _copy(root: Path, folder: Path, name: str) -> None:
    """Write what differs, remove what the project has no longer."""
    source = root / name
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    wanted = {path.relative_to(root) for path in files if not _is_kept(path.relative_to(root))}
    for path in wanted:
        target = folder / path
        if not target.is_file() or target.read_bytes() != (root / path).read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / path, target)
    for target in (folder / name).rglob("*"):
        inside = target.relative_to(folder)
        if target.is_file() and inside not in wanted and not _is_kept(inside):
            target.unlink()


def _is_kept(path: Path) -> bool:
    return any(f"/{part}/" in f"/{path}/" for part in KEPT)
