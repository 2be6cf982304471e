"""Durable decisions per second through real HTTP: batches of takes against the single writer.

Every counted decision was answered after its commit (fsync on). The floors are measured in the same run:
the same
bodies parsed and answered without a decision, and the bare rate at which PostgreSQL copies the same rows in.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from benchmarks.clearing_http_load import Report
from market.db.embedded import embedded_postgres
from market.db.migrate import upgrade
from market.db.session import create_engine

NODES = int(os.environ.get("SUANLI_BENCH_NODES", "10000"))
SLOTS = 200
BATCH = 100
CALLERS = 8
WARM_SECONDS, SECONDS = 4.0, 8.0
HOLD_SECONDS = 2
START_SECONDS = 240
PEERS = (
    "published, durable end to end, other hardware: kube-scheduler 680-1 100 pods/s, Gödel 2 500/s per "
    "shard, Nomad 3 750/s, Slurm 500/s"
)


def run() -> list[dict[str, object]]:
    """`clearing.http_per_s` beside its floors."""
    with (
        tempfile.TemporaryDirectory(prefix="suanli-http-") as folder,
        embedded_postgres(Path(folder) / "postgres") as url,
    ):
        engine = create_engine(url)
        upgrade(engine)
        engine.dispose()
        with served(url, Path(folder)) as (port, server):
            wait_for_writer(port)
            spent = cpu_seconds(server)
            takes = loaded(port, "/v1/quotes/take")
            spent = cpu_seconds(server) - spent
            floor = loaded(port, "/floor")
        rows, copied = copy_rate(url)
    return figures(takes, spent, floor, rows, copied)


def figures(takes: Report, spent: float, floor: Report, rows: int, copied: float) -> list[dict[str, object]]:
    """The rows of the report."""
    load = os.getloadavg()[0]
    how = (
        f"{NODES} nodes, batches of {BATCH}, {CALLERS} connections, one uvicorn process (h11, asyncio), "
        f"PostgreSQL with fsync, client on the same {os.cpu_count()} cores, which others shared "
        f"(load average {load:.1f}); "
        f"holds of {HOLD_SECONDS} s end during the run; {SECONDS:g} s after {WARM_SECONDS:g} s"
    )
    per_second = takes.batches * BATCH / takes.seconds
    floor_per_second = floor.batches * BATCH / floor.seconds
    return [
        _figure("clearing.http_per_s", round(per_second), "decisions/s", f"{how}; {PEERS}"),
        _figure(
            "clearing.http_cpu_us",
            round(spent * 1e6 / ((takes.batches + takes.warming) * BATCH), 1),
            "µs",
            f"CPU time of the writer's process per decision, all its threads; {how}",
        ),
        _figure("clearing.http_batch_ms.p50", _ms(takes, 50), "ms", f"one batch of {BATCH}; {how}"),
        _figure("clearing.http_batch_ms.p99", _ms(takes, 99), "ms", f"one batch of {BATCH}; {how}"),
        _figure(
            "floor.http_parsed_per_s", round(floor_per_second), "items/s", f"no decision, no database; {how}"
        ),
        _figure(
            "floor.copied_rows_per_s", round(rows / copied), "rows/s", "COPY of the log, one transaction"
        ),
    ]


def _ms(report: Report, percent: int) -> float:
    return round(statistics.quantiles(report.latencies, n=100)[percent - 1] * 1000, 1)


def _figure(name: str, value: float, unit: str, conditions: str) -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit, "conditions": conditions}


@contextmanager
def served(url: str, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """The port of a market with nodes, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    arguments = [url, str(folder / "market"), str(port), str(NODES), str(SLOTS)]
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.clearing_http_server", *arguments])
    try:
        _wait(server, port)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(20)


def _wait(server: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError("the server did not come up")


def wait_for_writer(port: int) -> None:
    """Returns when the market decides."""
    warm = ["1", "0.2", "0", str(HOLD_SECONDS)]
    command = [
        sys.executable,
        "-m",
        "benchmarks.clearing_http_load",
        str(port),
        "/v1/quotes/take",
        "1",
        *warm,
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def cpu_seconds(server: psutil.Process) -> float:
    """What a process has used of all cores."""
    times = server.cpu_times()
    return float(times.user + times.system)


def loaded(port: int, path: str) -> Report:
    """What the load generator, a process of its own, got out of a route."""
    arguments = [
        str(port),
        path,
        str(CALLERS),
        str(BATCH),
        str(WARM_SECONDS),
        str(SECONDS),
        str(HOLD_SECONDS),
    ]
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.clearing_http_load", *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Report(**json.loads(found.stdout))


def copy_rate(url: str) -> tuple[int, float]:
    """How many rows, and how many seconds COPY takes to read the whole log into a table like it."""
    with psycopg.connect(url) as connection:
        cursor = connection.cursor()
        with cursor.copy("COPY decisions TO STDOUT") as out:
            data = b"".join(bytes(part) for part in out)
        cursor.execute("CREATE TABLE copied (LIKE decisions INCLUDING INDEXES)")
        connection.commit()
        started = time.perf_counter()
        with cursor.copy("COPY copied FROM STDIN") as into:
            into.write(data)
        connection.commit()
        return data.count(b"\n"), time.perf_counter() - started
