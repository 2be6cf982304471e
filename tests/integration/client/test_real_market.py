"""The SDK against the real market on a real database, over HTTP; nodes are played by the test."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session
from typer.testing import CliRunner

from market.api.app import create_app
from market.db.queries import settlement
from market.db.tables.settle import BatchRow
from market.services import settle as settling
from market.services.step import step
from suanli.client import Suanli
from suanli.client.cli import job_app
from suanli.client.connection import Patience
from suanli.client.keystore import import_keystore
from suanli.client.spot import held
from suanli.protocol.errors import MarketError
from suanli.protocol.offering import Offering
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover
from tests.integration.client.chain_double import ChainDouble
from tests.integration.client.conftest import JOB, QUICK
from tests.integration.market.stage import BUYER, LIMITS, Provider, Stage, key, make_runtime

PASSWORD = "for tests"


@pytest.fixture
def stage(engine: Engine, tmp_path: Path) -> Iterator[Stage]:
    """The market on a port of its own, with a buyer who has ten million atoms."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    runtime = make_runtime(engine, tmp_path / "market", api_port=port)
    server = uvicorn.Server(
        uvicorn.Config(create_app(runtime), host="127.0.0.1", port=port, log_level="critical")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    with TestClient(create_app(runtime), base_url=runtime.settings.origin) as client:
        stage = Stage(runtime, client)
        stage.fund(BUYER, 10_000_000)
        yield stage
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def nodes(stage: Stage) -> list[Provider]:
    """Two nodes of different owners that take any task of the job."""
    largest = LIMITS.model_copy(update={"memoryBytes": 64 << 20})
    return [stage.provider(number, slots=5, limits=largest) for number in (10, 11)]


@pytest.fixture
def job_file(tmp_path: Path) -> Path:
    (tmp_path / "hello.wasm").write_bytes(b"\0asm\x01\0\0\0")
    path = tmp_path / "job.yaml"
    path.write_text(JOB)
    return path


@pytest.fixture
def suanli(stage: Stage, nodes: list[Provider], tmp_path: Path) -> Iterator[Suanli]:
    """The buyer's SDK."""
    keystore = import_keystore(tmp_path / "buyer.json", BUYER.key.hex(), PASSWORD, QUICK).path
    with Suanli.connect(
        stage.runtime.settings.origin,
        keystore=keystore,
        password=PASSWORD,
        state=tmp_path / "state",
        patience=Patience(total=5),
    ) as suanli:
        owners = {node.key.address: node.owner.address for node in nodes}
        suanli.chain = ChainDouble(owners)  # type: ignore[assignment]
        yield suanli


def run_all(stage: Stage, nodes: list[Provider], outputs: tuple[bytes, bytes] = (b"same", b"same")) -> None:
    stage.clear()
    for node, output in zip(nodes, outputs, strict=True):
        for _ in node.assignments():
            node.run_one(output)


def propose(stage: Stage) -> str:
    with step(stage.runtime) as session:
        assert settling.propose(session, stage.runtime, int(time.time())) == 1
        return str(settlement.batches_waiting_for(session, BUYER.address)[0].id)


def test_a_job_is_quoted_ordered_run_and_verified(
    stage: Stage, nodes: list[Provider], suanli: Suanli, job_file: Path, tmp_path: Path
) -> None:
    quote = suanli.quote(job_file)
    assert (quote.eligible, quote.fleet, quote.fits_budget) == (2, 2, True)
    assert [line.dimension for line in quote.lines] == ["fuel", "memoryFuel", "ingress", "egress"]
    job = suanli.submit(job_file)
    run_all(stage, nodes)
    assert job.wait(timeout=20, co_sign=False).state == "FINISHED"
    results = job.download(tmp_path / "results")
    assert [(result.succeeded, len(result.receipts)) for result in results] == [(True, 2)] * 3
    assert (tmp_path / "results" / "0" / "out.txt").read_bytes() == b"same"
    assert [event.number for event in job.watch(co_sign=False)] == list(range(1, len(list(job.watch())) + 1))


def test_nodes_are_held_first_and_then_ordered(
    stage: Stage, nodes: list[Provider], suanli: Suanli, job_file: Path
) -> None:
    plan, deadline = suanli.plan(job_file), time.monotonic() + 30
    numbers: list[int] = []
    while not numbers:
        assert time.monotonic() < deadline
        with contextlib.suppress(MarketError):
            answer = suanli.spot.take(plan, suanli.quote_request(plan), seconds=60)
            numbers = held(answer)
    assert len(numbers) == len(plan.spec.tasks) * plan.replicas
    job = suanli.submit(plan, holds=numbers)
    stage.clear()
    tasks = stage.ok("GET", f"/jobs/{job.id}/tasks", BUYER)["items"]
    got = [{lease["node"] for lease in task["leases"]} for task in tasks]
    wanted = [{one.node for one in answer.items if one.item == task["index"]} for task in tasks]
    assert got == wanted


def test_a_job_runs_only_where_its_file_says(
    stage: Stage, nodes: list[Provider], suanli: Suanli, job_file: Path
) -> None:
    text = job_file.read_text().replace("replicas: 2", "replicas: 1")
    assert "replicas: 1" in text
    job_file.write_text(text + "where: {regions: [eu], labels: [quiet]}\n")
    limits = LIMITS.model_copy(update={"memoryBytes": 64 << 20})
    nodes[0].put_ask(Offering(region="us", labels=("quiet",)), slots=5, limits=limits)
    nodes[1].put_ask(Offering(region="eu", labels=("quiet",)), slots=5, limits=limits)
    job = suanli.submit(job_file)
    assert stage.clear() == 3
    placed = {lease["node"] for index in range(3) for lease in stage.task(job.id, index)["leases"]}
    assert placed == {nodes[1].key.address}


def test_results_are_verified_from_evidence_on_a_machine_that_did_not_order(
    stage: Stage, nodes: list[Provider], suanli: Suanli, job_file: Path, tmp_path: Path
) -> None:
    job = suanli.submit(job_file)
    run_all(stage, nodes)
    keystore = tmp_path / "buyer.json"
    origin = stage.runtime.settings.origin
    with Suanli.connect(origin, keystore=keystore, password=PASSWORD, state=tmp_path / "other") as elsewhere:
        assert elsewhere.job(job.id).verify() == []
        assert all(result.verified for result in elsewhere.job(job.id).download(tmp_path / "there"))


def test_the_market_s_batch_is_checked_and_signed_and_the_market_takes_the_signature(
    stage: Stage, nodes: list[Provider], suanli: Suanli, job_file: Path
) -> None:
    job = suanli.submit(job_file)
    run_all(stage, nodes)
    batch = propose(stage)
    (answer,) = suanli.settle()
    assert answer.objection is None
    assert (answer.receipts, answer.amount) == (6, job.view().spent)
    with Session(stage.runtime.engine) as session:
        row = session.get_one(BatchRow, batch)
        (place,) = [one for one in settlement.batch_parties(session, batch) if one.party == BUYER.address]
        assert place.signature is not None
        assert recover(stage.domain, settling.netting_of(row), place.signature) == BUYER.address
    assert suanli.settle() == []


def test_a_batch_over_differing_results_is_refused_and_the_market_hears_why(
    stage: Stage, nodes: list[Provider], suanli: Suanli, job_file: Path
) -> None:
    job_file.write_text(JOB.replace("{replicas: 2}", "{accept: buyer}"))
    job = suanli.submit(job_file)
    stage.clear()
    for node in nodes:
        for _ in node.assignments():
            node.run_one()
    elsewhere = [lease.id for task in job.tasks() for lease in task.leases]
    for index, lease in enumerate(elsewhere):
        stage.ok(
            "POST", f"/jobs/{job.id}/tasks/{index}/verdict", BUYER, json={"lease": lease, "accept": True}
        )
    batch = propose(stage)
    (answer,) = suanli.settle()
    assert answer.objection is not None
    assert answer.objection.reason is Reason.RESULT_REJECTED
    view = stage.ok("GET", f"/batches/{batch}")
    assert [party["reason"]["reason"] for party in view["parties"] if party["reason"]] == ["RESULT_REJECTED"]


def test_own_verdicts_are_taken_and_then_paid(
    stage: Stage, nodes: list[Provider], suanli: Suanli, job_file: Path
) -> None:
    job_file.write_text(JOB.replace("{replicas: 2}", "{accept: buyer}"))
    job = suanli.submit(job_file)
    stage.clear()
    for node in nodes:
        for _ in node.assignments():
            node.run_one()
    for index in range(3):
        job.accept(index)
    assert job.view().state == "FINISHED"
    propose(stage)
    (answer,) = suanli.settle()
    assert (answer.objection, answer.receipts) == (None, 3)


def test_a_cancelled_job_and_a_poor_account_are_told_in_the_market_s_words(
    stage: Stage, nodes: list[Provider], suanli: Suanli, job_file: Path
) -> None:
    assert suanli.submit(job_file).cancel().state == "CANCELLED"
    job_file.write_text(JOB.replace('"2.50"', '"11"'))
    with pytest.raises(MarketError) as error:
        suanli.submit(job_file)
    assert error.value.reason is Reason.BALANCE_TOO_SMALL


def test_buyer_asks_why_tasks_wait_and_is_told_what_would_help(
    stage: Stage, suanli: Suanli, job_file: Path, tmp_path: Path
) -> None:
    job = suanli.submit(job_file)
    for node in (key(10), key(11)):
        Provider(stage, node, key(99)).put_ask(
            slots=5, limits=LIMITS.model_copy(update={"memoryBytes": 1 << 20})
        )
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    options = ["--market", stage.runtime.settings.origin, "--keystore", str(tmp_path / "buyer.json")]
    options += ["--password-file", str(password), "--state", str(tmp_path / "state")]
    early = CliRunner().invoke(job_app, ["why", job.id, *options])
    assert "No round has had this job yet" in early.stdout, early.output
    stage.clear()
    told = CliRunner().invoke(job_app, ["why", job.id, *options]).stdout
    assert "MEMORY_TOO_SMALL" in told
    assert "need at most 1 MiB of memory" in told
    found = json.loads(CliRunner().invoke(job_app, ["why", job.id, *options, "--json"]).stdout)
    assert found["waiting"][0]["excluded"] == [{"reason": "MEMORY_TOO_SMALL", "count": 2}]
