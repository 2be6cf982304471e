"""Bad asks, receipts and reaches for what is somebody else's get a typed error, and nothing changes."""

import time
from typing import Any

import pytest

from suanli.protocol.offering import Offering, offering_hash
from tests.integration.market.declining import STRANGER, Case, declined, nothing_changes
from tests.integration.market.stage import BUYER, DEAR, PRICES, Stage, key

ASKS: list[Case] = [
    ("expired", 400, "MESSAGE_EXPIRED", {"expiry": 1}),
    ("another node's", 400, "MESSAGE_MALFORMED", {"node": key(11).address}),
    ("an old nonce", 400, "MESSAGE_REPLAYED", {"nonce": 0}),
]


@pytest.mark.parametrize(
    ("status", "reason", "changes"), [case[1:] for case in ASKS], ids=[c[0] for c in ASKS]
)
def test_an_unsound_ask_is_declined(stage: Stage, status: int, reason: str, changes: dict[str, Any]) -> None:
    provider = stage.provider(10)
    body = {"ask": stage.signed(provider.ask(**changes), provider.key)}
    with nothing_changes(stage):
        answer = stage.call("PUT", f"{provider.path}/ask", provider.key, json=body)
    declined(answer, status, reason)


def test_an_ask_signed_by_a_stranger_is_refused(stage: Stage) -> None:
    provider = stage.provider(10)
    body = {"ask": stage.signed(provider.ask(), STRANGER)}
    with nothing_changes(stage):
        answer = stage.call("PUT", f"{provider.path}/ask", provider.key, json=body)
    declined(answer, 400, "SIGNER_MISMATCH")


@pytest.mark.parametrize("signed", [None, Offering(region="us")])
@pytest.mark.parametrize("sent", [None, Offering(region="eu")])
def test_an_ask_that_names_another_offering_than_it_brings_is_refused(
    stage: Stage, signed: Offering | None, sent: Offering | None
) -> None:
    provider = stage.provider(10)
    ask = stage.signed(provider.ask(offering=offering_hash(signed)), provider.key)
    body = {"ask": ask, "offering": None if sent is None else sent.to_json()}
    if signed == sent:
        stage.ok("PUT", f"{provider.path}/ask", provider.key, json=body)
        return
    with nothing_changes(stage):
        answer = stage.call("PUT", f"{provider.path}/ask", provider.key, json=body)
    declined(answer, 400, "HASH_MISMATCH")


RECEIPTS: list[Case] = [
    ("dearer than its usage", 422, "CHARGE_WRONG", {"amount": 10**6}),
    ("cheaper than its usage", 422, "CHARGE_WRONG", {"amount": 0}),
    ("another result", 400, "HASH_MISMATCH", {"result": "0x" + "1" * 64}),
    ("another outcome", 400, "HASH_MISMATCH", {"outcome": 1}),
    ("an unknown outcome", 400, "HASH_MISMATCH", {"outcome": 9}),
    ("another lease", 400, "MESSAGE_MALFORMED", {"lease": "0x" + "1" * 64}),
]


@pytest.mark.parametrize("case", RECEIPTS, ids=lambda case: case[0])
def test_an_unsound_receipt_is_declined(stage: Stage, case: Case) -> None:
    _, status, reason, changes = case
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    assignment = provider.assignments()[0]
    with nothing_changes(stage):
        answer = provider.hand_in(assignment.lease.message, provider.receipt(assignment, **changes))
    declined(answer, status, reason)
    assert stage.task(job)["leases"][0]["state"] == "OFFERED"


def test_a_receipt_above_the_limits_is_declined(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.place()
    stage.clear()
    assignment = provider.assignments()[0]
    answer = provider.hand_in(assignment.lease.message, provider.receipt(assignment, fuel=10**9 + 1))
    declined(answer, 422, "CHARGE_WRONG")


def test_a_receipt_of_an_output_that_was_not_uploaded_is_declined(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.place()
    stage.clear()
    assignment = provider.assignments()[0]
    body = provider.receipt(assignment, b"kept back")
    blob = body["manifest"]["outputs"][0]["hash"]
    (stage.runtime.settings.blob_path / blob[2:4] / blob[4:]).unlink()
    with nothing_changes(stage):
        answer = provider.hand_in(assignment.lease.message, body)
    declined(answer, 422, "INPUT_UNAVAILABLE")


def test_a_lease_cannot_be_handed_back_with_blame_of_the_program(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.place()
    stage.clear()
    lease = provider.assignments()[0].lease.message.id()
    with nothing_changes(stage):
        answer = provider.handback(lease, "PROGRAM_TRAPPED")
    declined(answer, 400, "MESSAGE_MALFORMED")


def test_another_nodes_lease_is_out_of_reach(stage: Stage) -> None:
    first, second = stage.provider(10), stage.provider(11, prices=DEAR)
    stage.place()
    stage.clear()
    assignment = first.assignments()[0]
    lease = assignment.lease.message
    with nothing_changes(stage):
        answers = [second.start(lease.id()), second.handback(lease.id())]
        answers.append(second.hand_in(lease, first.receipt(assignment)))
        answers.append(
            stage.call("POST", f"/leases/{lease.id()}/log", second.key, json={"offset": 0, "data": ""})
        )
    for answer in answers:
        declined(answer, 404, "NOT_FOUND")
    declined(stage.call("GET", f"/leases/{lease.id()}/log", second.key), 404, "NOT_FOUND")
    declined(stage.call("GET", f"{first.path}/leases", second.key), 403, "NOT_AUTHORISED")


def test_another_buyers_job_is_out_of_reach(stage: Stage) -> None:
    job = stage.place()
    verdict = {"lease": "0x" + "1" * 64, "accept": True}
    with nothing_changes(stage):
        answers = [
            *(
                stage.call("GET", f"/jobs/{job}{part}", STRANGER)
                for part in ("", "/tasks", "/receipts", "/events")
            ),
            stage.call("POST", f"/jobs/{job}/cancel", STRANGER),
            stage.call("POST", f"/jobs/{job}/tasks/0/verdict", STRANGER, json=verdict),
        ]
    for answer in answers:
        declined(answer, 404, "NOT_FOUND")
    assert stage.ok("GET", "/jobs", STRANGER)["items"] == []


def test_a_finished_job_cannot_be_cancelled(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    provider.run_one()
    with nothing_changes(stage):
        answer = stage.call("POST", f"/jobs/{job}/cancel", BUYER)
    declined(answer, 409, "STATE_CONFLICT")


def test_a_quote_that_no_order_could_follow_is_declined(stage: Stage) -> None:
    body: dict[str, Any] = {
        "tasks": 1,
        "policy": 1,
        "replicas": 1,
        "limits": stage.provider(10).ask().limits.to_json(),
        "maximum_prices": PRICES.to_json(),
        "deadline": int(time.time()) + 600,
    }
    assert stage.ok("POST", "/quotes", json=body)["eligible"] == 1
    declined(stage.call("POST", "/quotes", json=body | {"tasks": 0}), 400, "MESSAGE_MALFORMED")
    declined(stage.call("POST", "/quotes", json=body | {"deadline": 5}), 400, "MESSAGE_EXPIRED")
    declined(stage.call("POST", "/quotes", json=body | {"policy": 5}), 422, "POLICY_UNSUPPORTED")
    huge = body["limits"] | {"fuel": str(2**64 - 1), "memoryBytes": str(2**64 - 1)}
    declined(stage.call("POST", "/quotes", json=body | {"limits": huge}), 400, "MESSAGE_MALFORMED")
