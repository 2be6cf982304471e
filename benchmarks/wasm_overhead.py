"""What metered WebAssembly costs beside native C of the same sources, compiler and flags; fuel per example.

Both sides are timed in CPU seconds of the run alone, in turns, and the best of several runs counts.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean
from tempfile import TemporaryDirectory
from typing import Any

from examples import build
from examples.photos.collect import collect
from examples.run_plain import Program, Run, load

REPOSITORY = Path(__file__).parents[1]
ROUNDS = 5
# Baseline: what a program compiled for distribution may use of a processor.
NATIVE = ["-mcpu=baseline", "-lm"]
CONDITIONS = f"zig cc -O2 -flto both, native baseline processor, metered wasmtime, best CPU time of {ROUNDS}"


class BenchmarkError(Exception):
    """A program that is measured failed, or its two builds disagree."""


@dataclass(frozen=True)
class Workload:
    """One program: C files relative to the repository, and the arguments of the run that is timed."""

    name: str
    sources: list[str]
    arguments: list[str]


@dataclass(frozen=True)
class Measured:
    """Best CPU seconds of both builds, and the fuel of the metered one."""

    workload: Workload
    native_seconds: float
    wasm_seconds: float
    fuel: int

    @property
    def ratio(self) -> float:
        """How many times as long the metered module takes."""
        return self.wasm_seconds / self.native_seconds


def _workloads() -> list[Workload]:
    photos = [f"examples/{source}" for source in build.c_files("photos")]
    sweep = [f"examples/{source}" for source in build.c_files("sweep")]
    return [
        Workload("xorshift", ["benchmarks/native/xorshift.c"], []),
        Workload("sweep", sweep, ["volatility=0.2 strike=100", "paths=1000000"]),
        Workload("photos", photos, ["develop", "in/photo.jpg", "out/photo"]),
    ]


def run() -> list[dict[str, Any]]:
    """The suite's figures as rows of name, value, unit, conditions. Raises BenchmarkError."""
    with TemporaryDirectory() as folder:
        measured = [_measure(workload, Path(folder) / workload.name) for workload in _workloads()]
    overall = geometric_mean([item.ratio for item in measured])
    conditions = f"geometric mean over {', '.join(item.workload.name for item in measured)}; {CONDITIONS}"
    rows = [_row("wasm.overhead_ratio", overall, "ratio", conditions)]
    return rows + [row for item in measured for row in _rows(item)]


def _measure(workload: Workload, folder: Path) -> Measured:
    (folder / "in").mkdir(parents=True)
    (folder / "out").mkdir()
    collect(folder / "photos")[-1].rename(folder / "in/photo.jpg")
    native, module = folder / "native", folder / "module.wasm"
    include = ["-isystem", "examples/vendor/stb"]
    build.compile_c(workload.sources, native, [*include, *NATIVE], REPOSITORY)
    build.compile_c(workload.sources, module, [*include, *build.WASM], REPOSITORY)
    return _race(workload, native, load(module), folder)


def _race(workload: Workload, native: Path, program: Program, folder: Path) -> Measured:
    native_seconds, runs = [], []
    for _ in range(ROUNDS):
        seconds, log = _run_native(native, folder, workload)
        native_seconds.append(seconds)
        runs.append(_run_wasm(program, folder, workload))
        if runs[-1].log != log:
            raise BenchmarkError(f"{workload.name}: native printed {log!r}, the module {runs[-1].log!r}")
    fuel = {result.fuel for result in runs}
    if len(fuel) != 1:
        raise BenchmarkError(f"{workload.name}: fuel differs between runs: {sorted(fuel)}")
    return Measured(workload, min(native_seconds), min(item.cpu_seconds for item in runs), fuel.pop())


def _run_wasm(program: Program, folder: Path, workload: Workload) -> Run:
    result = program.run(folder, [workload.name, *workload.arguments])
    if result.exit_code:
        raise BenchmarkError(f"{workload.name}.wasm: exit code {result.exit_code}: {result.log}")
    return result


def _run_native(binary: Path, folder: Path, workload: Workload) -> tuple[float, str]:
    """CPU seconds and output of one native run, which the kernel accounts to that child alone."""
    with (folder / "log").open("w+") as log:
        child = subprocess.Popen([binary, *workload.arguments], cwd=folder, stdout=log)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        if child.returncode:
            raise BenchmarkError(f"{workload.name}: native exit code {child.returncode}")
        return usage.ru_utime + usage.ru_stime, log.read()


def _rows(item: Measured) -> list[dict[str, Any]]:
    name = f"wasm.{item.workload.name}"
    call = " ".join(item.workload.arguments) or "no arguments"
    return [
        _row(f"{name}.overhead_ratio", item.ratio, "ratio", CONDITIONS),
        _row(f"{name}.native_seconds", item.native_seconds, "s", f"{call}; {CONDITIONS}"),
        _row(f"{name}.seconds", item.wasm_seconds, "s", f"{call}; {CONDITIONS}"),
        _row(f"{name}.gigafuel", item.fuel / 10**9, "gigafuel", call),
    ]


def _row(name: str, value: float, unit: str, conditions: str) -> dict[str, Any]:
    return {"name": name, "value": round(value, 4), "unit": unit, "conditions": conditions}
