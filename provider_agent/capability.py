"""What this machine is and how fast it runs WebAssembly: the document whose hash a node's terms carry."""

import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import psutil
import wasmtime

from provider_agent.runner.engine import PROFILE
from provider_agent.runner.job import Report, RunnerJob
from suanli.protocol.documents import Document, content_hash
from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason

_LOOP = '(module (func (export "_start") (loop $again (br $again))))'
_FUEL = 3 * 10**8
_MEMORY = 1 << 20
_SECONDS = 60


class Capability(Document):
    """Measured on the machine itself and so believed by nobody; replicas and delivered work tell the rest.

    `fuel_per_second` is one core's rate on a tight loop; memory is in bytes.
    """

    processor: str
    system: str
    cores: int
    memory_bytes: int
    fuel_per_second: int
    wasmtime: str
    profile: str


def measure() -> Capability:
    """Measures this machine in about a second. Raises NodeError(RUNNER_CRASHED)."""
    start = _timed_run(1)
    seconds = max(1e-3, _timed_run(_FUEL) - start)
    return Capability(
        processor=platform.machine(),
        system=platform.system(),
        cores=os.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        fuel_per_second=round(_FUEL / seconds),
        wasmtime=version("wasmtime"),
        profile=PROFILE,
    )


def speed_of(file: Path) -> int | None:
    """Fuel per second of one core, as measured when the node was connected; None before that."""
    try:
        return Capability.parse(file.read_bytes()).fuel_per_second
    except (OSError, ValueError):
        return None


def self_test() -> float:
    """Runs a tiny module in a runner; the seconds it took. Raises NodeError(RUNNER_CRASHED)."""
    return _timed_run(1000)


def _timed_run(fuel: int) -> float:
    """Seconds of a runner that uses up `fuel` on a loop, its start included."""
    with tempfile.TemporaryDirectory(prefix="suanli-") as name:
        folder = Path(name)
        binary = bytes(wasmtime.wat2wasm(_LOOP))
        (folder / "module.wasm").write_bytes(binary)
        _job(folder, content_hash(binary), fuel).write(folder)
        began = time.perf_counter()
        command = [sys.executable, "-I", "-m", "provider_agent.runner", name]
        ended = subprocess.run(command, capture_output=True, env={}, check=False)
        seconds = time.perf_counter() - began
        if ended.returncode != 0 or Report.read(folder).reason is not Reason.FUEL_EXHAUSTED:
            raise NodeError(Reason.RUNNER_CRASHED, f"the runner failed: {ended.stderr.decode()[-500:]}")
        return seconds


def _job(folder: Path, hash_: str, fuel: int) -> RunnerJob:
    return RunnerJob(
        module=str(folder / "module.wasm"),
        module_hash=hash_,
        cache=str(folder),
        arguments=[],
        environment={},
        inputs=[],
        fuel=fuel,
        memory_bytes=_MEMORY,
        output_bytes=0,
        log_bytes=0,
        wall_seconds=_SECONDS,
        seed="00",
    )
