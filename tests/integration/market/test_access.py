"""Who gets in: every route declares its class of access, and tokens mean what they say."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlmodel import Session, select

from market.api.access import GATES, Access
from market.db.session import transaction
from market.db.tables.access import ApiKeyRow, ChallengeRow, SessionRow
from suanli.protocol.wire.common import Problem
from tests.integration.market.stage import BUYER, CHAIN_ID, Stage, key

PUBLIC_ROUTES = {
    ("GET", "/v1/health"),
    ("GET", "/v1/deployment"),
    ("POST", "/v1/auth/challenge"),
    ("POST", "/v1/auth/session"),
    ("GET", "/v1/accounts/{address}"),
    ("POST", "/v1/quotes"),
    ("POST", "/v1/quotes/batch"),
    ("POST", "/v1/quotes/stream"),
    ("GET", "/v1/nodes"),
    ("GET", "/v1/nodes/{node}"),
    ("GET", "/v1/nodes/{node}/why"),
    ("GET", "/v1/id/{urn}"),
    ("GET", "/v1/evidence"),
    ("GET", "/v1/evidence/{receipt}"),
    ("GET", "/v1/clearings"),
    ("GET", "/v1/clearings/{id}"),
    ("GET", "/v1/clearings/{epoch}/anchor"),
    ("GET", "/v1/clearings/{epoch}/certificate"),
    ("GET", "/v1/clearings/{epoch}/challenges"),
    ("GET", "/v1/capacity"),
    ("GET", "/v1/capacity/history"),
    ("GET", "/v1/capacity/prices"),
    ("GET", "/v1/regions"),
    ("GET", "/v1/probe"),
    ("HEAD", "/v1/probe"),
    ("GET", "/v1/batches"),
    ("GET", "/v1/batches/{id}"),
}
STRANGER = key(66)


DESCRIPTION_ROUTES = {"/v1/openapi.json", "/v1/docs"}


def api_routes(routes: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(path, route) of every route, those of included routers too."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield prefix + route.path, route
        else:
            yield from api_routes(included.routes, prefix + route.include_context.prefix)


def gates_of(dependant: Dependant) -> set[Access]:
    """The classes of access among a route's own dependencies; what these rest on does not count."""
    calls: list[Callable[..., Any] | None] = [dependency.call for dependency in dependant.dependencies]
    return {GATES[call] for call in calls if call in GATES}


def every_route(stage: Stage) -> list[tuple[str, str, APIRoute]]:
    """(method, path, route) of the whole API."""
    routes = api_routes(stage.client.app.routes)  # type: ignore[attr-defined]
    found = [(path, route) for path, route in routes if path not in DESCRIPTION_ROUTES]
    assert all(isinstance(route, APIRoute) for _, route in found)
    return [(method, path, route) for path, route in found for method in sorted(route.methods)]


def test_every_route_declares_its_class_of_access(stage: Stage) -> None:
    routes = every_route(stage)
    assert len(routes) > 40
    undeclared = [(method, path) for method, path, route in routes if len(gates_of(route.dependant)) != 1]
    assert undeclared == []


def test_only_the_listed_routes_are_public(stage: Stage) -> None:
    routes = every_route(stage)
    public = {
        (method, path) for method, path, route in routes if gates_of(route.dependant) == {Access.PUBLIC}
    }
    assert public == PUBLIC_ROUTES


def test_every_other_route_asks_for_a_token(stage: Stage) -> None:
    for method, path, _ in every_route(stage):
        if (method, path) in PUBLIC_ROUTES:
            continue
        place = path.replace("{node}", "0x" + "1" * 40).replace("{index}", "0")
        answer = stage.client.request(method, re.sub(r"\{\w+\}", "0x" + "1" * 64, place))
        assert answer.status_code == 401, (method, path, answer.text)
        if method != "HEAD":
            assert answer.json()["reason"] == "NOT_AUTHENTICATED"


def test_the_api_describes_itself(stage: Stage) -> None:
    description = stage.client.get("/v1/openapi.json").json()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary"), (method, path)
            assert operation.get("tags"), (method, path)
            assert "400" in operation["responses"], (method, path)
    assert "Problem" in description["components"]["schemas"]


def test_signing_in_gives_a_token_that_is_stored_only_as_a_hash(stage: Stage) -> None:
    answer = stage.sign_in(BUYER).json()
    assert answer["address"] == BUYER.address
    with Session(stage.runtime.engine) as session:
        hashes = session.exec(select(SessionRow.token_hash)).all()
    assert all(answer["token"] not in stored for stored in hashes)
    assert stage.call("GET", "/jobs", headers={"Authorization": f"Bearer {answer['token']}"}).is_success


def test_a_challenge_works_once(stage: Stage) -> None:
    text = stage.ok("POST", "/auth/challenge", json={"address": BUYER.address})["text"]
    assert stage.open_session(text, BUYER).is_success
    again = stage.open_session(text, BUYER)
    assert (again.status_code, again.json()["reason"]) == (400, "MESSAGE_REPLAYED")


def test_a_challenge_must_be_signed_by_its_address(stage: Stage) -> None:
    text = stage.ok("POST", "/auth/challenge", json={"address": BUYER.address})["text"]
    answer = stage.open_session(text, STRANGER)
    assert (answer.status_code, answer.json()["reason"]) == (400, "SIGNER_MISMATCH")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace("127.0.0.1", "evil.example"), "NOT_AUTHENTICATED"),
        (lambda text: text.replace(f"Chain ID: {CHAIN_ID}", "Chain ID: 1"), "WRONG_CHAIN"),
        (lambda text: text.replace(BUYER.address, STRANGER.address), "SIGNER_MISMATCH"),
        (lambda text: text.replace("Nonce: ", "Nonce: abc"), "MESSAGE_REPLAYED"),
        (lambda text: "let me in", "MESSAGE_MALFORMED"),
        (lambda text: "", "MESSAGE_MALFORMED"),
        (lambda text: text * 50, "MESSAGE_MALFORMED"),
    ],
)
def test_a_changed_challenge_signs_nobody_in(stage: Stage, change: Callable[[str], str], reason: str) -> None:
    text = stage.ok("POST", "/auth/challenge", json={"address": BUYER.address})["text"]
    who = STRANGER if reason == "SIGNER_MISMATCH" else BUYER
    answer = stage.open_session(change(text), who)
    assert answer.json()["reason"] == reason


def test_a_challenge_expires(stage: Stage) -> None:
    text = stage.ok("POST", "/auth/challenge", json={"address": BUYER.address})["text"]
    later = stage.runtime.settings.challenge_seconds + 1
    with transaction(stage.runtime.engine) as session:
        for row in session.exec(select(ChallengeRow)):
            row.expires_at -= later
    answer = stage.open_session(text, BUYER)
    assert answer.json()["reason"] == "MESSAGE_EXPIRED"


def test_a_session_expires(stage: Stage) -> None:
    stage.ok("GET", "/jobs", BUYER)
    with transaction(stage.runtime.engine) as session:
        for row in session.exec(select(SessionRow)):
            row.expires_at = 1
    assert stage.call("GET", "/jobs", BUYER).json()["reason"] == "NOT_AUTHENTICATED"


def test_an_api_key_signs_its_account_in_until_it_is_deleted(stage: Stage) -> None:
    made = stage.ok("POST", "/api-keys", BUYER, json={"name": "laptop"})
    headers = {"Authorization": f"Bearer {made['key']}"}
    job = stage.place()
    assert stage.ok("GET", f"/jobs/{job}", headers=headers)["id"] == job
    (listed,) = stage.ok("GET", "/api-keys", BUYER)["items"]
    assert (listed["name"], listed["key"]) == ("laptop", None)
    with Session(stage.runtime.engine) as session:
        assert made["key"] not in session.exec(select(ApiKeyRow.key_hash)).one()
    assert stage.call("DELETE", f"/api-keys/{made['id']}", STRANGER).status_code == 404
    stage.ok("DELETE", f"/api-keys/{made['id']}", BUYER)
    assert stage.call("GET", f"/jobs/{job}", headers=headers).status_code == 401


def test_a_key_that_is_no_node_gets_no_leases(stage: Stage) -> None:
    answer = stage.call("GET", f"/nodes/{STRANGER.address}/leases", STRANGER)
    assert (answer.status_code, answer.json()["reason"]) == (403, "NOT_AUTHORISED")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nowhere", 404),
        ("GET", "/", 404),
        ("DELETE", "/v1/health", 405),
        ("GET", "/v1/quotes", 405),
    ],
)
def test_a_wrong_path_or_method_is_a_problem_too(stage: Stage, method: str, path: str, status: int) -> None:
    answer = stage.client.request(method, path)
    assert answer.status_code == status
    assert Problem.model_validate(answer.json()).reason == "NOT_FOUND"
