"""How quickly an auditor checks a certificate of 10^9 pairs, beside passes over the same pairs and arrays.

The round is the synthetic one of 100 000 machines and 10 000 tasks; the market's auction has decided it.
"""

import time
from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from benchmarks.clearing_rounds import Round as Arrays
from benchmarks.clearing_rounds import synthetic
from market.core.auction import Budget, clear_round
from suanli.audit.clearing.bound import check_full
from suanli.audit.clearing.feasibility import check_feasibility
from suanli.audit.clearing.round import Round, judge, open_round
from suanli.audit.clearing.sample import check_sample
from suanli.protocol.arrays import Outcome
from suanli.protocol.certificate import Certificate, Mechanism, Provenance, certificate_of, outcome_of
from suanli.protocol.documents import content_hash

PROVIDERS, ITEMS = 100_000, 10_000
BOOK = content_hash(b"a synthetic book")
EFFORT = Budget(refreshes=2, steps=20, candidates=24, ruins=0)
FLOOR_ITEMS = 20
"""The plain pass is timed over so many items and scaled up."""


def run() -> list[dict[str, object]]:
    """All figures of the audit of clearings; every check must pass."""
    arrays = synthetic(PROVIDERS, ITEMS)
    outcome = clear_round(*arrays, bytes(32), EFFORT)
    audited = open_round(*arrays)
    provenance = Provenance(1, BOOK, BOOK, Mechanism.SUPPORT, asdict(EFFORT), "benchmark")
    certificate = certificate_of(outcome, provenance)
    gap = f"{1 - outcome.welfare / outcome.bound:.1%} below its bound"
    shape = f"{PROVIDERS} x {ITEMS} = 10^9 pairs, allocation {gap}"
    sampled = check_sample(audited, outcome, 1)
    return [
        _row("full", _seconds(lambda: _passed(check_full(audited, outcome))), f"{shape}; {_plain(audited)}"),
        _row(
            "sample",
            _seconds(lambda: _passed((check_sample(audited, outcome, 1).check,))),
            f"256 draws show a gap of at most {sampled.gap(outcome.welfare):.1%} with 99 % confidence",
        ),
        _row(
            "feasibility",
            _seconds(lambda: _passed(check_feasibility(audited, outcome)), 10),
            f"{shape}; one pass over the same arrays takes {_pass_over(arrays, outcome) * 1e3:.2f} ms",
        ),
        _size(certificate),
    ]


def _row(name: str, seconds: float, conditions: str) -> dict[str, object]:
    return {"name": f"clearing.audit_seconds.{name}", "value": seconds, "unit": "s", "conditions": conditions}


def _size(certificate: Certificate) -> dict[str, object]:
    seconds = _seconds(lambda: outcome_of(certificate))
    return {
        "name": "clearing.certificate_bytes",
        "value": len(certificate.canonical()),
        "unit": "bytes",
        "conditions": f"{ITEMS} tasks at {PROVIDERS} nodes; unpacked in {seconds * 1e3:.1f} ms",
    }


def _passed(checks: tuple[object, ...]) -> None:
    failed = [one for one in checks if not getattr(one, "passed", False)]
    if failed:
        raise RuntimeError(f"the auditor refuses an honest certificate: {failed}")


def _seconds(work: Callable[[], object], times: int = 4) -> float:
    """The least wall time of a few runs, after one that warms the caches."""
    work()
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def _plain(audited: Round) -> str:
    """What the same exact arithmetic takes without ruling anything out."""
    items = np.repeat(np.arange(FLOOR_ITEMS), PROVIDERS)
    providers = np.tile(np.arange(PROVIDERS), FLOOR_ITEMS)
    seconds = _seconds(lambda: judge(audited, items, providers), 1) * ITEMS / FLOOR_ITEMS
    return f"exact numpy over all pairs would take {seconds:.0f} s"


def _pass_over(arrays: Arrays, outcome: Outcome) -> float:
    """One memory pass over everything that the linear check reads."""
    _, supply, demand = arrays
    columns = [getattr(one, name) for one in (supply, demand) for name in one.__slots__]
    columns += [outcome.provider, outcome.payment, outcome.duals, outcome.supports]
    return _seconds(lambda: [column.max(initial=0) for column in columns], 10)
