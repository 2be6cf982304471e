"""From a signed order to a verified result on disk: the hello job on a warm stack of real processes."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from suanli.client import Suanli
from suanli.client.planner import Plan
from suanli.dev.stack import Stack

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "hello"
ROUNDS = 9
WARM_UP = 2


def run() -> list[dict[str, object]]:
    """`e2e.hello_seconds` (median) beside the floor: the same module in plain wasmtime, a process each."""
    with tempfile.TemporaryDirectory(prefix="suanli-e2e-") as folder, Stack(Path(folder) / "stack") as stack:
        stack.start_chain()
        stack.start_market()
        stack.add_nodes(["amber", "birch"])
        buyer = stack.add_buyer("buyer", "10")
        with stack.sign_in(buyer.keystore) as suanli:
            plan = suanli.plan(EXAMPLE / "job.yaml")
            seconds = [_seconds(suanli, plan, Path(folder) / f"results-{n}") for n in range(ROUNDS + WARM_UP)]
        floor = statistics.median(_plain_seconds(Path(folder) / "plain") for _ in range(ROUNDS))
    conditions = f"median of {ROUNDS} after {WARM_UP} warm-up; 3 tasks, 2 copies each, 2 nodes, one machine"
    return [
        {
            "name": "e2e.hello_seconds",
            "value": round(statistics.median(seconds[WARM_UP:]), 3),
            "unit": "s",
            "conditions": conditions,
        },
        {
            "name": "e2e.hello_seconds.worst",
            "value": round(max(seconds[WARM_UP:]), 3),
            "unit": "s",
            "conditions": conditions,
        },
        {
            "name": "floor.hello_plain_wasmtime_seconds",
            "value": round(floor, 3),
            "unit": "s",
            "conditions": "one task in plain wasmtime, a new process each, median",
        },
    ]


def _seconds(suanli: Suanli, plan: Plan, folder: Path) -> float:
    started = time.monotonic()
    job = suanli.submit(plan)
    job.wait()
    results = job.download(folder)
    elapsed = time.monotonic() - started
    if failed := [result.to_json() for result in results if not result.succeeded]:
        raise RuntimeError(f"the hello job {job.id} did not succeed: {failed}")
    return elapsed


def _plain_seconds(folder: Path) -> float:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    command = [sys.executable, str(EXAMPLE.parent / "run_plain.py"), "--folder", str(folder)]
    started = time.monotonic()
    subprocess.run([*command, str(EXAMPLE / "hello.wasm"), "Ada"], check=True, capture_output=True)
    return time.monotonic() - started
