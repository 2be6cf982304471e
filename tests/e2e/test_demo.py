"""`make demo` as a test: the same steps, and what they must yield."""

from pathlib import Path

import psutil
import pytest
from PIL import Image
from rich.console import Console

from suanli.dev.demo import Outcome, run_demo
from suanli.dev.demo_report import Report
from suanli.protocol.states import LeaseState

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PHOTOGRAPHS = 9


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """One run of the demonstration."""
    return run_demo(tmp_path_factory.mktemp("demo") / "run", EXAMPLES, Report(Console(quiet=True)))


def test_every_photograph_is_developed_although_a_node_died(outcome: Outcome) -> None:
    tasks = outcome.jobs[0][2]
    assert len(tasks) == PHOTOGRAPHS
    assert outcome.killed is not None
    for task in tasks:
        accepted = [lease for lease in task.leases if lease.state is LeaseState.ACCEPTED]
        assert len({lease.node for lease in accepted}) == 2
        assert len({lease.result for lease in accepted}) == 1


def test_contact_sheet_can_be_opened(outcome: Outcome) -> None:
    assert outcome.sheet is not None
    with Image.open(outcome.sheet) as sheet:
        sheet.load()
        assert min(sheet.size) > 400


def test_buyer_paid_what_providers_and_fee_received(outcome: Outcome) -> None:
    for (_, _, tasks), trace in zip(outcome.jobs, outcome.traces, strict=True):
        accepted = [lease for task in tasks for lease in task.leases if lease.state is LeaseState.ACCEPTED]
        paid, got, fee = (int(trace["facts"][name]) for name in ("buyer paid", "providers got", "fee"))
        assert paid == sum(lease.amount or 0 for lease in accepted) > 0
        assert paid == got + fee


def test_auditor_verifies_every_payment_and_balance(outcome: Outcome) -> None:
    assert all(trace["passed"] for trace in outcome.traces)
    assert outcome.invariants["passed"]


def test_auditor_verifies_the_largest_clearing_with_all_its_pairs(outcome: Outcome) -> None:
    assert outcome.round is not None
    assert outcome.round.matches > 1
    assert outcome.clearing["passed"]
    names = {one["name"] for part in outcome.clearing["below"] for one in part["checks"]}
    assert {"anchor_stored", "certificate_hash", "bound_holds"} <= names


def test_nothing_is_left_running(outcome: Outcome) -> None:
    assert outcome.sheet is not None
    folder = str(outcome.sheet.parents[2])
    left = [process for process in psutil.process_iter(["cmdline"]) if folder in _command(process)]
    assert left == []


def _command(process: psutil.Process) -> str:
    return " ".join(process.info["cmdline"] or [])
