"""Bad orders, bodies and identifiers get a typed error, and nothing in the database changes."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from market.db.session import transaction
from market.db.tables.chain import DelegationRow
from suanli.protocol.documents import BlobReference, JobSpec, content_hash
from suanli.protocol.eip712 import Domain
from suanli.protocol.messages import JobOrder
from tests.integration.market.declining import STRANGER, Case, declined, nothing_changes
from tests.integration.market.stage import BUYER, MODULE, Stage


def signed_for(stage: Stage, order: JobOrder, domain: Domain) -> dict[str, Any]:
    """An order signed by its buyer for another domain."""
    return stage.signed(order, BUYER, domain)


ORDERS: list[Case] = [
    ("expired", 400, "MESSAGE_EXPIRED", {"deadline": 1_000_000}),
    ("another root", 400, "HASH_MISMATCH", {"specRoot": "0x" + "9" * 64}),
    ("more tasks than specified", 400, "DOCUMENT_MALFORMED", {"tasks": 5}),
    ("of another operator", 400, "WRONG_OPERATOR", {"operator": STRANGER.address}),
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


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("", "MESSAGE_MALFORMED"),
        ("0x", "MESSAGE_MALFORMED"),
        ("nonsense", "MESSAGE_MALFORMED"),
        ("0x" + "0" * 10_000, "MESSAGE_MALFORMED"),
        ("0x12", "SIGNATURE_INVALID"),
        ("0x" + "0" * 130, "SIGNATURE_INVALID"),
        ("0x" + "f" * 128, "SIGNATURE_INVALID"),
    ],
)
def test_a_broken_signature_is_refused(stage: Stage, signature: str, reason: str) -> None:
    spec = stage.spec()
    body = stage.request(spec, stage.order(spec))
    body["order"]["signature"] = signature
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=body)
    declined(answer, 400, reason)


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
