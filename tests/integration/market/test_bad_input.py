"""Bad input gets a typed error, and nothing in the database changes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from httpx import Response

from market.db.session import transaction
from market.db.tables.chain import DelegationRow
from suanli.protocol.documents import BlobReference, JobSpec, content_hash
from suanli.protocol.eip712 import Domain
from suanli.protocol.messages import JobOrder
from tests.integration.market.stage import BUYER, DEAR, MODULE, PRICES, Stage, key

STRANGER = key(66)


@contextmanager
def nothing_changes(stage: Stage) -> Iterator[None]:
    """Holds the row counts of every table against those before."""
    before = stage.counts()
    yield
    assert stage.counts() == before


def declined(answer: Response, status: int, reason: str) -> dict[str, Any]:
    """The context of a typed error."""
    body = answer.json()
    assert (answer.status_code, body["reason"]) == (status, reason), body
    assert body["detail"]
    context: dict[str, Any] = body["context"]
    return context


def signed_for(stage: Stage, order: JobOrder, domain: Domain) -> dict[str, Any]:
    """An order signed by its buyer for another domain."""
    return stage.signed(order, BUYER, domain)


Case = tuple[str, int, str, dict[str, Any]]
"""What is wrong, the status and reason that it must get, the changed fields."""

ORDERS: list[Case] = [
    ("expired", 400, "MESSAGE_EXPIRED", {"deadline": 1_000_000}),
    ("another root", 400, "HASH_MISMATCH", {"specRoot": "0x" + "9" * 64}),
    ("more tasks than specified", 400, "DOCUMENT_MALFORMED", {"tasks": 5}),
    ("unknown policy", 422, "POLICY_UNSUPPORTED", {"policy": 7}),
    ("no replica", 422, "POLICY_UNSUPPORTED", {"replicas": 0}),
    ("budget below one task", 422, "BUDGET_TOO_SMALL", {"budget": 10}),
    ("budget above the balance", 422, "BALANCE_TOO_SMALL", {"budget": 10_000_001}),
]


@pytest.mark.parametrize(
    ("status", "reason", "changes"), [case[1:] for case in ORDERS], ids=[c[0] for c in ORDERS]
)
def test_an_unsound_order_is_declined(
    stage: Stage, status: int, reason: str, changes: dict[str, Any]
) -> None:
    stage.provider(10)
    spec = stage.spec()
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=stage.request(spec, stage.order(spec, **changes)))
    declined(answer, status, reason)


def test_a_budget_too_small_names_the_amount_needed(stage: Stage) -> None:
    stage.provider(10)
    spec = stage.spec()
    answer = stage.call(
        "POST", "/jobs", BUYER, json=stage.request(spec, stage.order(spec, budget=10, replicas=2))
    )
    needed = int(declined(answer, 422, "BUDGET_TOO_SMALL")["needed"])
    enough = stage.request(spec, stage.order(spec, budget=needed, replicas=2))
    assert stage.call("POST", "/jobs", BUYER, json=enough).status_code == 201


def test_an_order_signed_by_a_stranger_is_refused(stage: Stage) -> None:
    spec = stage.spec()
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=stage.request(spec, stage.order(spec), STRANGER))
    declined(answer, 400, "SIGNER_MISMATCH")


@pytest.mark.parametrize("change", [{"chain_id": 1}, {"ledger": "0x" + "8" * 40}])
def test_an_order_for_another_chain_is_refused(stage: Stage, change: dict[str, Any]) -> None:
    spec = stage.spec()
    body = stage.request(spec, order := stage.order(spec))
    body["order"] = signed_for(stage, order, stage.domain.model_copy(update=change))
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=body)
    assert declined(answer, 400, "SIGNER_MISMATCH")["chain_id"] == stage.domain.chain_id


@pytest.mark.parametrize("signature", ["", "0x", "0x12", "nonsense", "0x" + "0" * 130, "0x" + "f" * 128])
def test_a_broken_signature_is_refused(stage: Stage, signature: str) -> None:
    spec = stage.spec()
    body = stage.request(spec, stage.order(spec))
    body["order"]["signature"] = signature
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=body)
    declined(answer, 400, "SIGNATURE_INVALID")


def test_the_same_order_again_is_the_same_job(stage: Stage) -> None:
    spec = stage.spec()
    body = stage.request(spec, stage.order(spec))
    first = stage.ok("POST", "/jobs", BUYER, json=body)
    with nothing_changes(stage):
        assert stage.ok("POST", "/jobs", BUYER, json=body) == first


def test_a_nonce_is_good_for_one_order(stage: Stage) -> None:
    spec = stage.spec()
    order = stage.order(spec)
    stage.ok("POST", "/jobs", BUYER, json=stage.request(spec, order))
    other = order.model_copy(update={"budget": order.budget - 1})
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=stage.request(spec, other))
    assert declined(answer, 400, "MESSAGE_REPLAYED")["order"] == order.id()


def test_money_is_promised_only_once(stage: Stage) -> None:
    stage.place(budget=6_000_000)
    spec = stage.spec()
    with nothing_changes(stage):
        answer = stage.call(
            "POST", "/jobs", BUYER, json=stage.request(spec, stage.order(spec, budget=6_000_000))
        )
    assert declined(answer, 422, "BALANCE_TOO_SMALL")["available"] == "4000000"


def test_another_accounts_order_cannot_be_handed_in(stage: Stage) -> None:
    spec = stage.spec()
    body = stage.request(spec, stage.order(spec))
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", STRANGER, json=body)
    declined(answer, 403, "NOT_AUTHORISED")


def delegate(stage: Stage, remaining: int, expires_in: int = 600) -> None:
    """Lets the stranger spend for the buyer, as the indexer saw it."""
    row = DelegationRow(account=BUYER.address, delegate=STRANGER.address, remaining=remaining)
    row.expiry = int(time.time()) + expires_in
    with transaction(stage.runtime.engine) as session:
        session.merge(row)


def test_a_delegate_orders_within_its_cap(stage: Stage) -> None:
    delegate(stage, 1_500_000)
    spec = stage.spec()
    body = stage.request(spec, stage.order(spec), STRANGER)
    job = stage.ok("POST", "/jobs", STRANGER, json=body)["id"]
    assert stage.job(job)["id"] == job
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", STRANGER, json=stage.request(spec, stage.order(spec), STRANGER))
    assert declined(answer, 422, "DELEGATION_EXCEEDED")["remaining"] == "500000"


@pytest.mark.parametrize(("remaining", "expires_in"), [(10**9, -1), (0, 600)])
def test_an_expired_or_revoked_delegate_is_a_stranger(stage: Stage, remaining: int, expires_in: int) -> None:
    delegate(stage, remaining, expires_in)
    spec = stage.spec()
    answer = stage.call("POST", "/jobs", STRANGER, json=stage.request(spec, stage.order(spec), STRANGER))
    declined(answer, 400, "SIGNER_MISMATCH")


def test_an_input_that_was_not_uploaded_is_named(stage: Stage) -> None:
    spec = stage.spec()
    missing = BlobReference(path="more", hash=content_hash(b"missing"), size=7)
    task = spec.tasks[0].model_copy(update={"inputs": [missing]})
    spec = JobSpec(name="x", tasks=[task])
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=stage.request(spec, stage.order(spec)))
    assert declined(answer, 422, "INPUT_UNAVAILABLE")["blob"] == missing.hash


def test_an_input_of_another_size_is_refused(stage: Stage) -> None:
    spec = stage.spec()
    spec = JobSpec(name="x", tasks=[spec.tasks[0].model_copy(update={"module_size": len(MODULE) - 1})])
    answer = stage.call("POST", "/jobs", BUYER, json=stage.request(spec, stage.order(spec)))
    declined(answer, 400, "DOCUMENT_MALFORMED")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"x"', b'{"order":1}', b"\xff\xfe", b"null", b'{"order":' + b"[" * 5000],
)
def test_malformed_json_is_refused(stage: Stage, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    stage.bearer(BUYER)
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, content=content, headers=headers)
    declined(answer, 400, "MESSAGE_MALFORMED")


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["order"]["message"].update(nonce=1.5),
        lambda body: body["order"]["message"].update(budget="-1"),
        lambda body: body["order"]["message"].update(budget=str(2**128)),
        lambda body: body["order"]["message"].update(buyer=BUYER.address.swapcase()),
        lambda body: body["order"]["message"].update(surplus=1),
        lambda body: body["order"]["message"].pop("deadline"),
        lambda body: body["spec"]["tasks"][0]["inputs"][0].update(path="../secret"),
        lambda body: body["spec"].update(tasks=[]),
        lambda body: body["spec"].update(name="x" * 201),
    ],
)
def test_a_field_out_of_bounds_is_named(stage: Stage, change: Callable[[Any], Any]) -> None:
    spec = stage.spec()
    body = stage.request(spec, stage.order(spec))
    change(body)
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=body)
    assert declined(answer, 400, "MESSAGE_MALFORMED")["findings"]


def test_a_text_that_the_database_cannot_hold_is_refused(stage: Stage) -> None:
    spec = stage.spec()
    spec = JobSpec(name="nul\0", tasks=[spec.tasks[0].model_copy(update={"arguments": ["a\0b"]})])
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=stage.request(spec, stage.order(spec)))
    declined(answer, 400, "MESSAGE_MALFORMED")


def test_an_oversized_body_is_refused_with_and_without_a_stated_length(stage: Stage) -> None:
    headers, big = {"Content-Type": "application/json"}, b"x" * 200_001

    def pieces() -> Iterator[bytes]:
        yield from (big[at : at + 10_000] for at in range(0, len(big), 10_000))

    stage.bearer(BUYER)
    with nothing_changes(stage):
        stated = stage.call("POST", "/jobs", BUYER, content=big, headers=headers)
        chunked = stage.call("POST", "/jobs", BUYER, content=pieces(), headers=headers)
    assert "content-length" not in chunked.request.headers
    declined(stated, 413, "BODY_TOO_LARGE")
    declined(chunked, 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    ("urn", "status", "reason"),
    [
        ("nonsense", 400, "URN_UNKNOWN"),
        ("urn:suanli:31337:planet:0x" + "1" * 64, 400, "URN_UNKNOWN"),
        ("urn:suanli:31337:job:0x12", 400, "URN_UNKNOWN"),
        ("urn:suanli:1:job:0x" + "1" * 64, 400, "WRONG_CHAIN"),
        ("urn:suanli:31337:job:0x" + "1" * 64, 404, "NOT_FOUND"),
        ("urn:suanli:31337:task:0x" + "1" * 64 + ":4000000000", 404, "NOT_FOUND"),
        ("urn:suanli:31337:node:0x" + "1" * 40, 404, "NOT_FOUND"),
        ("urn:suanli:31337:transaction:0x" + "1" * 64, 404, "NOT_FOUND"),
    ],
)
def test_an_unknown_urn_is_named(stage: Stage, urn: str, status: int, reason: str) -> None:
    declined(stage.call("GET", f"/id/{urn}"), status, reason)


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
    body = stage.signed(provider.ask(**changes), provider.key)
    with nothing_changes(stage):
        answer = stage.call("PUT", f"{provider.path}/ask", provider.key, json=body)
    declined(answer, status, reason)


def test_an_ask_signed_by_a_stranger_is_refused(stage: Stage) -> None:
    provider = stage.provider(10)
    body = stage.signed(provider.ask(), STRANGER)
    with nothing_changes(stage):
        answer = stage.call("PUT", f"{provider.path}/ask", provider.key, json=body)
    declined(answer, 400, "SIGNER_MISMATCH")


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
