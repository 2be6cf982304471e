"""Anchors: what the market commits to holds what it promised and leased, and goes to the chain in order."""

import time

from sqlmodel import Session, col, select

from market.chain.calls import call_of
from market.chain.contracts import Contracts
from market.db.tables.outbox import IntentKind, IntentRow
from market.services import anchor
from market.services.step import step
from suanli.protocol.anchoring import AnchoredClearing, leaf_of
from suanli.protocol.checks import all_passed
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.messages import EpochAnchor, InclusionPromise
from suanli.protocol.signatures import recover
from suanli.protocol.wire.accounts import IntentState
from suanli.protocol.wire.clearings import AnchorView
from tests.integration.market.stage import BUYER, OPERATOR, Stage


def _anchor(stage: Stage, epoch: int) -> tuple[AnchorView, AnchoredClearing]:
    view = AnchorView.model_validate(stage.ok("GET", f"/clearings/{epoch}/anchor"))
    evidence = stage.call("GET", f"/clearings/{view.anchor.message.evidence}")
    assert evidence.is_success, evidence.text
    return view, AnchoredClearing.parse(evidence.content)


def _promise(stage: Stage, job: str) -> InclusionPromise:
    return InclusionPromise.model_validate(stage.job(job)["promise"]["message"])


def _queued(stage: Stage) -> list[IntentRow]:
    with Session(stage.runtime.engine) as session:
        query = select(IntentRow).where(IntentRow.kind == IntentKind.ANCHOR)
        return list(session.exec(query.order_by(col(IntentRow.number))))


def _queue(stage: Stage, bonded_at: int = 0, last_epoch: int = 0) -> int:
    with step(stage.runtime) as session:
        return anchor.queue_due(session, stage.runtime, bonded_at, last_epoch, int(time.time()))


def test_auditor_makes_the_anchor_again_from_its_evidence(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    lease = provider.assignments()[0].lease.message
    view, evidence = _anchor(stage, lease.epoch)
    assert evidence.anchor() == view.anchor.message
    assert recover(stage.domain, view.anchor.message, view.anchor.signature) == OPERATOR.address
    assert leaf_of(evidence.orders, job).is_under(view.anchor.message.bookRoot)
    assert leaf_of(evidence.leases, lease.id()).is_under(view.anchor.message.matchRoot)
    assert view.intent is None


def test_promised_order_is_anchored_though_its_buyer_cancels_before_the_clearing(stage: Stage) -> None:
    job = stage.place()
    stage.ok("POST", f"/jobs/{job}/cancel", BUYER)
    stage.clear()
    _, evidence = _anchor(stage, _promise(stage, job).epoch)
    assert evidence.orders == (job,)


def test_promised_order_is_anchored_though_nothing_else_is_news(stage: Stage) -> None:
    first = stage.place()
    stage.clear()
    stage.clear()
    second = stage.place()
    stage.clear()
    for job in (first, second):
        _, evidence = _anchor(stage, _promise(stage, job).epoch)
        assert job in evidence.orders


def test_bonded_operators_anchors_are_queued_in_order_and_once(stage: Stage) -> None:
    for _ in range(3):
        stage.place()
        stage.clear()
    assert _queue(stage) == 3
    assert _queue(stage) == 3
    epochs = [int(row.arguments["anchor"]["epoch"]) for row in _queued(stage)]
    assert epochs == sorted(epochs)
    assert len(epochs) == 3


def test_epochs_that_the_chain_has_or_that_precede_the_bond_are_not_queued(stage: Stage) -> None:
    job = stage.place()
    stage.clear()
    epoch = _promise(stage, job).epoch
    assert _queue(stage, last_epoch=epoch) == 0
    assert _queue(stage, bonded_at=int(time.time()) + 2 * anchor.CLOCK_SLACK_SECONDS) == 0
    assert _queued(stage) == []


def test_queued_anchor_becomes_the_contracts_call(stage: Stage) -> None:
    job = stage.place()
    stage.clear()
    _queue(stage)
    (intent,) = _queued(stage)
    contracts = Contracts(stage.runtime.deployment)
    call = call_of(contracts, intent.kind, intent.arguments)
    assert call.to == stage.runtime.deployment.anchors
    name, arguments = contracts.calldata("EpochAnchors", call.to, bytes.fromhex(call.data[2:]))
    view, _ = _anchor(stage, _promise(stage, job).epoch)
    values = arguments["anchor_"]
    shown = {key: "0x" + value.hex() if isinstance(value, bytes) else value for key, value in values.items()}
    assert (name, EpochAnchor(**shown)) == ("anchor", view.anchor.message)
    assert arguments["uri"].endswith(f"/v1/clearings/{view.anchor.message.epoch}/anchor")
    assert view.intent is not None


def test_evidence_of_a_receipt_shows_the_anchor_once_the_chain_has_it(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    provider.run_one()
    (receipt,) = stage.ok("GET", "/evidence", params={"order": job})["items"]
    _queue(stage)
    assert EvidenceBundle.parse(stage.call("GET", f"/evidence/{receipt}").content).anchor is None
    with step(stage.runtime) as session:
        session.get_one(IntentRow, _queued(stage)[0].id).state = IntentState.CONFIRMED
    bundle = EvidenceBundle.parse(stage.call("GET", f"/evidence/{receipt}").content)
    assert bundle.anchor is not None
    checks = bundle.verify()
    assert all_passed(checks), [check for check in checks if not check.passed]


def test_bond_is_queued_once(stage: Stage) -> None:
    with step(stage.runtime) as session:
        first = anchor.queue_bond(session, stage.runtime, 1).id
    with step(stage.runtime) as session:
        assert anchor.queue_bond(session, stage.runtime, 2).id == first
