"""Rounds to measure clearing on: a synthetic market of home and office machines, and the openb trace.

`SUANLI_OPENB` names the trace's folder (Alibaba cluster-trace-gpu-v2023); it is not part of the project.
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
OPENB = Path(os.environ.get("SUANLI_OPENB", "../shared/data/alibaba-openb"))


def synthetic(providers: int, items: int, seed: int = 1) -> Round:
    """Machines of 2 to 8 cores in 8 regions; tasks of 1 to 8 cores worth one to three times what they cost.

    A machine holds 1.8 mean tasks: 1 000 machines and 10 000 tasks are 5.6 times too many tasks.
    """
    rng = np.random.default_rng(seed)
    return MEASURE, _machines(rng, providers), _tasks(rng, items)


def _machines(rng: np.random.Generator, n: int) -> Supply:
    cores = rng.choice([2, 4, 6, 8], n, p=[0.35, 0.35, 0.15, 0.15])
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
