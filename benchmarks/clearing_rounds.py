"""Rounds to measure clearing on: a synthetic market of home and office machines, and the openb trace.

The environment's `SUANLI_OPENB` names the trace's folder (Alibaba cluster-trace-gpu-v2023, Weng et al.,
USENIX ATC 2023); it is not part of the project.
"""

import csv
import os
from pathlib import Path

import numpy as np

from suanli.protocol.arrays import FORBIDDEN, Demand, Measure, Supply

Round = tuple[Measure, Supply, Demand]
MEASURE = Measure(sizes=(1_000_000, 1_024_000, 1 << 20, 1 << 20), quantum=1_000_000)
BASE = np.array([900, 250, 60, 90]) * 1_000_000
"""The middle price of each dimension, micro-atoms per size."""
REGIONS = 8
GPU_WORTH = {
    "": 1.0,
    "P100": 1.0,
    "T4": 0.8,
    "V100M16": 1.6,
    "V100M32": 1.8,
    "G2": 1.5,
    "G3": 2.4,
    "A10": 1.7,
}
"""What one GPU of a model is worth, against a P100."""


def synthetic(providers: int, items: int, seed: int = 1, tasks: int = 1) -> Round:
    """Machines of 2 to 8 cores in 8 regions; tasks of 1 to 8 cores worth one to three times what they cost.

    `seed` draws the machines and `tasks` the tasks, so that one fleet can meet several books.
    """
    machines, book = np.random.default_rng([seed, 0]), np.random.default_rng([seed, tasks])
    return MEASURE, _machines(machines, providers), _tasks(book, items)


def _machines(rng: np.random.Generator, n: int) -> Supply:
    cores = rng.choice([2, 4, 6, 8], n, p=[0.39, 0.35, 0.14, 0.12])
    dear = rng.lognormal(0, 0.25, (n, 1)) * rng.lognormal(0, 0.15, (n, 4))
    return Supply(
        prices=(BASE * dear).astype(np.int64),
        minimum=rng.integers(0, 50, n) * 1_000_000,
        quality=rng.integers(0, [40, 500, 300, 100], (n, 4)),
        offers=np.stack([rng.integers(0, 10, n), rng.integers(100, 400, n)], axis=1),
        labels=rng.integers(0, 256, n).astype(np.uint64) | rng.integers(0, 256, n).astype(np.uint64),
        region=rng.integers(0, REGIONS, n).astype(np.int32),
        owner=rng.integers(0, max(1, n // 2), n).astype(np.int32),
        capacity=np.stack([cores, cores * rng.choice([2, 4], n)], axis=1).astype(np.int64),
    )


def _tasks(rng: np.random.Generator, m: int) -> Demand:
    cores = rng.choice([1, 2, 4, 8], m, p=[0.45, 0.3, 0.2, 0.05])
    memory = cores * rng.choice([1, 2, 4], m)
    work = cores * rng.lognormal(1, 0.2, m)
    traffic = rng.lognormal(0, 1, (m, 2)) * cores[:, None] * 2
    usage = np.concatenate([(work * np.array([[1e6], [1.024e6 * 2]])).T, traffic * (1 << 20)], axis=1).astype(
        np.int64
    )
    cost = (usage / np.array(MEASURE.sizes)) @ BASE
    single = rng.random(m) < 0.9
    return Demand(
        value=(cost * (1 + rng.lognormal(-0.7, 0.3, m))).astype(np.int64),
        usage=usage,
        weights=(cost[:, None] * rng.random((m, 4)) * [1e-3, 1e-4, 1e-4, 2e-4]).astype(np.int64),
        needs=np.stack([rng.integers(0, 6, m), rng.integers(50, 250, m)], axis=1),
        labels=np.where(
            rng.random(m) < 0.3, np.uint64(1) << rng.integers(0, 8, m).astype(np.uint64), 0
        ).astype(np.uint64),
        region_cost=_moving(rng, cost, m),
        load=np.stack([cores, memory], axis=1).astype(np.int64),
        family=np.where(single, np.arange(m), np.arange(m) // 3 + m).astype(np.int32),
        group=np.zeros(m, np.int32),
        budget=np.array([1 << 59]),
        barred_start=np.zeros(m + 1, np.int64),
        barred=np.zeros(0, np.int64),
    )


def _moving(rng: np.random.Generator, cost: np.ndarray, m: int) -> np.ndarray:
    """What it costs to bring each task's data from its home region to each other, rarely forbidden."""
    apart = np.abs(np.arange(REGIONS)[:, None] - np.arange(REGIONS)[None, :])
    moving = (cost[:, None] * rng.random((m, 1)) * 0.1 * apart[rng.integers(0, REGIONS, m)]).astype(np.int64)
    moving[rng.random((m, REGIONS)) < 0.05] = FORBIDDEN
    return moving


def openb(seed: int = 1) -> Round | None:
    """The trace's machines and pods as one round, or None where the environment names no folder of it.

    The trace knows no money: asks and values are drawn around one price list. A machine's GPUs count as one
    pool of thousandths.
    """
    folder = os.environ.get("SUANLI_OPENB", "")
    if not folder:
        return None
    nodes = _table(Path(folder) / "openb_node_list_all_node.csv")
    pods = _table(Path(folder) / "openb_pod_list_default.csv")
    models = sorted({node["model"] for node in nodes} | set(GPU_WORTH))
    rng = np.random.default_rng(seed)
    return Measure((1000, 1024, 1000), 1_000_000), _nodes(rng, nodes, models), _pods(rng, pods, models)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _nodes(rng: np.random.Generator, nodes: list[dict[str, str]], models: list[str]) -> Supply:
    n = len(nodes)
    capacity = np.array([[int(r["cpu_milli"]), int(r["memory_mib"]), int(r["gpu"]) * 1000] for r in nodes])
    worth = np.array([GPU_WORTH.get(r["model"], 1.0) for r in nodes])
    dear = rng.lognormal(0, 0.15, (n, 1)) * rng.lognormal(0, 0.1, (n, 3))
    dear[:, 2] *= worth
    return Supply(
        prices=(np.array([40, 5, 900]) * 1_000_000 * dear).astype(np.int64),
        minimum=np.zeros(n, np.int64),
        quality=rng.integers(0, [100, 50], (n, 2)),
        offers=capacity,
        labels=np.array([np.uint64(1) << np.uint64(models.index(r["model"])) for r in nodes], np.uint64),
        region=np.zeros(n, np.int32),
        owner=np.arange(n, dtype=np.int32),
        capacity=capacity,
    )


def _pods(rng: np.random.Generator, pods: list[dict[str, str]], models: list[str]) -> Demand:
    m = len(pods)
    load = np.array(
        [[int(r["cpu_milli"]), int(r["memory_mib"]), int(r["num_gpu"]) * int(r["gpu_milli"])] for r in pods]
    )
    cost = (load * [40 / 1000, 5 / 1024, 900 / 1000]).sum(axis=1) * 1_000_000
    return Demand(
        value=(cost * (1.2 + rng.lognormal(-0.7, 0.5, m))).astype(np.int64),
        usage=load,
        weights=(cost[:, None] * rng.random((m, 2)) * [5e-4, 1e-3]).astype(np.int64),
        needs=load,
        labels=np.zeros(m, np.uint64),
        region_cost=np.zeros((m, 1), np.int64),
        load=load,
        family=np.arange(m, dtype=np.int32),
        group=np.zeros(m, np.int32),
        budget=np.array([1 << 59]),
        barred_start=np.arange(m + 1, dtype=np.int64) * 0,
        barred=np.zeros(0, np.int64),
    )
