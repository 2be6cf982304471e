"""How well and how fast a whole round clears, and what lying gains, beside simpler ways to clear.

Quality is held against the bound that the round itself proves; on small rounds against CP-SAT's optimum.
"""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.clearing_lies import manipulation
from benchmarks.clearing_peers import density_greedy, first_come
from benchmarks.clearing_rounds import Round, openb, synthetic
from market.core.auction import Budget, clear_round
from suanli.protocol.arrays import Outcome
from tests.unit.market.auction.optimum import best_welfare

SEED = bytes(range(32))
COLD = Budget(refreshes=2, steps=30, candidates=32, ruins=1_000)
WARM = Budget(refreshes=1, steps=8, candidates=12, ruins=400)
SETTLED = Budget(refreshes=8, steps=30, candidates=48, ruins=0)
"""How good the last round's duals are after some rounds of warm starts."""
OVERLOAD = Budget(refreshes=8, steps=30, candidates=48, ruins=150_000)
TRACE = Budget(refreshes=8, steps=30, candidates=512, ruins=100_000)
WIDE = Budget(refreshes=12, steps=30, candidates=64, ruins=1_500_000)
VAST = Budget(refreshes=3, steps=30, candidates=64, ruins=200_000)
SMALL = Budget(refreshes=5, steps=40, candidates=32, ruins=300_000)


def run() -> list[dict[str, object]]:
    """All figures of batch clearing."""
    return [*_speed(), *_gaps(), *_optimum(), *manipulation(SEED)]


def _row(name: str, value: float, unit: str, conditions: str) -> dict[str, object]:
    return {"name": f"clearing.{name}", "value": value, "unit": unit, "conditions": conditions}


def _timed(clear: Callable[[], Outcome], times: int = 3) -> tuple[float, float, Outcome]:
    """The least wall and processor time of a few runs, in seconds, after one that loads the machine code."""
    outcome, wall, busy = clear(), float("inf"), float("inf")
    for _ in range(times):
        start, start_busy = time.perf_counter(), time.process_time()
        outcome = clear()
        wall = min(wall, time.perf_counter() - start)
        busy = min(busy, time.process_time() - start_busy)
    return wall, busy, outcome


def _speed() -> list[dict[str, object]]:
    """Two rounds of the same machines: the second starts from the first one's duals."""
    (measure, supply, before), (_, _, demand) = (
        synthetic(1_000, 10_000, 1),
        synthetic(1_000, 10_000, 1, tasks=2),
    )
    duals = clear_round(measure, supply, before, SEED, SETTLED).duals
    crowd = (demand.load.sum(axis=0) / supply.capacity.sum(axis=0)).max()
    rows = []
    for name, clear in (
        ("cold", lambda: clear_round(measure, supply, demand, SEED, COLD)),
        ("warm", lambda: clear_round(measure, supply, demand, SEED, WARM, duals)),
    ):
        wall, busy, outcome = _timed(clear)
        reached = f"{outcome.welfare / outcome.bound:.2%} of the bound, {busy:.3f} s of one processor"
        told = f"{reached}; 1 000 x 10 000, {crowd:.1f} times the cores there are"
        rows.append(_row(f"batch_seconds.1k_x_10k.{name}", wall, "s", told))
    return rows


def _gaps() -> list[dict[str, object]]:
    rounds: list[tuple[str, Round | None, Budget]] = [
        ("overload", synthetic(1_000, 10_000), OVERLOAD),
        ("openb", openb(), TRACE),
        ("10k", synthetic(10_000, 10_000), WIDE),
        ("100k", synthetic(100_000, 10_000), VAST),
    ]
    rows = []
    for name, arrays, budget in rounds:
        if arrays is None:
            print("clearing.certified_gap.openb skipped: SUANLI_OPENB names no folder of the trace")
            continue
        rows.append(_gap(name, arrays, budget))
    return rows


def _gap(name: str, arrays: Round, budget: Budget) -> dict[str, object]:
    start = time.perf_counter()
    outcome = clear_round(*arrays, SEED, budget)
    seconds = time.perf_counter() - start
    peers = ", ".join(
        f"{peer} reaches {clear(arrays) / outcome.bound:.1%}"
        for peer, clear in (("first come", first_come), ("density greedy", density_greedy))
    )
    shape = (
        f"{len(arrays[1])} x {len(arrays[2])}, {seconds:.1f} s, {budget.ruins} rounds of ruin and recreate"
    )
    return _row(f"certified_gap.{name}", 1 - outcome.welfare / outcome.bound, "fraction", f"{shape}; {peers}")


def _optimum() -> list[dict[str, object]]:
    """Only rounds whose optimum CP-SAT proves count."""
    short: list[float] = []
    seed = 0
    while len(short) < 30 and seed < 60:
        seed += 1
        arrays = synthetic(8, 40, seed)
        best, proven = best_welfare(*arrays, seconds=20)
        if proven:
            short.append(1 - clear_round(*arrays, SEED, SMALL, compiled=True).welfare / best)
    conditions = (
        f"mean of {len(short)} rounds of 8 x 40 with an optimum proven by CP-SAT; worst {max(short):.3%}"
    )
    return [_row("vs_optimum", float(np.mean(short)), "fraction", conditions)]
