"""The auditor, who shares no code with the engine, finds nothing to say about rounds that the market made."""

import random
from pathlib import Path

import pytest

from suanli.audit.clearing.certified import Depth, Scrutiny
from suanli.audit.clearing.epoch import Committed, audit_epoch, read_papers
from suanli.audit.stores import FolderStore
from suanli.protocol.documents import content_hash
from suanli.protocol.messages import Prices
from suanli.protocol.offering import Offering, SurgeStep
from tests.integration.market.stage import BUYER, OPERATOR, PRICES, Stage, key

OTHERS = [key(number) for number in (20, 21, 22)]
SURGING = Offering(
    region="eu", surge=(SurgeStep(used_share_basis_points=4000, price_basis_points=13_000),), watts_per_slot=9
)


def times(factor: float) -> Prices:
    return Prices.of(int(price * factor) for price in PRICES.vector())


def saved(stage: Stage, folder: Path, epoch: int) -> FolderStore:
    """A folder with everything that the market shows of an epoch."""
    anchor = stage.call("GET", f"/clearings/{epoch}/anchor")
    (folder / f"anchor-{epoch}.json").write_bytes(anchor.content)
    evidence = stage.call("GET", f"/clearings/{anchor.json()['anchor']['message']['evidence']}")
    names = ("book", "certificate", "lease_messages", "clearing")
    for blob in (evidence.json()[name] for name in names):
        (folder / blob).write_bytes(stage.call("GET", f"/clearings/{blob}").content)
    (folder / content_hash(evidence.content)).write_bytes(evidence.content)
    return FolderStore(folder)


def audit(stage: Stage, folder: Path, epoch: int) -> list[str]:
    """What the auditor finds wrong."""
    papers = read_papers(saved(stage, folder, epoch), epoch)
    committed = Committed(OPERATOR.address, stage.domain)
    finding = audit_epoch(papers, committed, epoch, Scrutiny(Depth.FULL, 1))
    return [f"{one.name}: {one.detail}" for one in finding.failed()]


def crowd(stage: Stage, draw: random.Random) -> None:
    """A few nodes, some of which surge, and more tasks of several buyers than they can take."""
    for number in range(10, 14):
        stage.provider(number, slots=draw.randint(1, 3), prices=times(draw.randint(1, 4)), minimumCharge=7)
    busy = stage.provider(14, slots=4)
    busy.put_ask(slots=4, stated=SURGING)
    for who in OTHERS:
        stage.fund(who, 10**9)
    for who in (BUYER, *OTHERS):
        for _ in range(2):
            spec = stage.spec(tasks=draw.randint(1, 4))
            limits = {"budget": draw.choice([9000, 10**6]), "replicas": draw.choice([1, 2])}
            order = stage.order(spec, buyer=who.address, maximumPrices=times(draw.uniform(2, 12)), **limits)
            body = stage.request(spec, order, who)
            stage.ok("POST", "/jobs", who, json=body)


@pytest.mark.parametrize("seed", range(4))
def test_auditor_finds_no_fault_with_contested_rounds(stage: Stage, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    crowd(stage, draw)
    assert stage.clear() > 4
    raised = stage.ok("GET", "/clearings/1")["matches"]
    stage.provider(30, slots=3, prices=times(2))
    stage.clear()
    epochs = [one["epoch"] for one in stage.ok("GET", "/clearings")["items"]]
    assert epochs == [2, 1]
    for epoch in epochs:
        assert audit(stage, tmp_path, epoch) == []
    assert all(int(one["cap"]) > 0 for one in raised)


def test_auditor_finds_no_fault_with_a_round_without_anybody(stage: Stage, tmp_path: Path) -> None:
    job = stage.place()
    stage.ok("POST", f"/jobs/{job}/cancel", BUYER)
    stage.clear()
    assert audit(stage, tmp_path, 1) == []
