"""Takes over HTTP on a real database: held at once, answered the same again, released, ended, and refused."""

import json
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from sqlalchemy import text

from market.core import clearing
from market.core.clearing import Match
from market.db.queries import book as books
from market.db.queries import floor
from market.db.session import transaction
from market.roles import loops
from market.services import holds
from suanli.protocol.charging import lease_cap
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import Prices
from suanli.protocol.reasons import Reason
from tests.integration.market.stage import BUYER, DEAR, LIMITS, MODULE, PRICES, Stage, key

OTHER = key(77)
SIZE = {name: str(value) for name, value in LIMITS.model_dump().items()}
MOST = {name: str(10 * value) for name, value in PRICES.model_dump().items()}


def cap_of(prices: Prices) -> str:
    """What a task of the stage costs at most at these prices."""
    return str(lease_cap(prices, 0, LIMITS, len(MODULE) + len(b"input")))


def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for something that comes about by itself."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def item(**changes: Any) -> dict[str, Any]:
    return {"limits": SIZE, "maximum_prices": MOST, **changes}


def take(stage: Stage, name: str, *items: dict[str, Any], who: LocalAccount = BUYER, **changes: Any) -> Any:
    """What the market says to a take."""
    body = {"key": name, "seconds": 60, "items": list(items or [item()]), **changes}
    return stage.call("POST", "/quotes/take", who, json=body)


@pytest.fixture
def open_stage(stage: Stage) -> Stage:
    """A market whose writer has begun."""
    until(lambda: stage.client.app.state.writer.desk is not None)  # type: ignore[attr-defined]
    return stage


def stocked(stage: Stage, nodes: int = 1, slots: int = 1) -> list[str]:
    """So many nodes that can be had; the first is the cheapest."""
    providers = [stage.provider(10 + number, slots=slots) for number in range(nodes)]
    writer = stage.client.app.state.writer  # type: ignore[attr-defined]
    until(lambda: len(writer.desk.floor.plan.nodes) == nodes)
    return [provider.key.address for provider in providers]


def test_a_slot_is_held_for_one_buyer_and_nobody_else(open_stage: Stage) -> None:
    (node,) = stocked(open_stage)
    mine = take(open_stage, "a").json()["items"]
    theirs = take(open_stage, "a", who=OTHER).json()["items"]
    assert [one["node"] for one in mine] == [node]
    assert [(one["node"], one["reason"]) for one in theirs] == [(None, "NO_NODES")]
    assert open_stage.ok("GET", f"/nodes/{node}")["ask"] is not None


def test_the_same_key_gets_the_same_answer_and_another_content_none(open_stage: Stage) -> None:
    stocked(open_stage, slots=5)
    first = take(open_stage, "a").text
    assert take(open_stage, "a").text == first
    other = take(open_stage, "a", item(copies=2))
    assert (other.status_code, other.json()["reason"]) == (400, "MESSAGE_REPLAYED")


def test_copies_of_an_item_go_to_different_owners(open_stage: Stage) -> None:
    nodes = stocked(open_stage, nodes=2, slots=3)
    taken = take(open_stage, "a", item(copies=3), item()).json()["items"]
    assert [one["item"] for one in taken] == [0, 0, 0, 1]
    assert sorted(one["node"] for one in taken[:2]) == sorted(nodes)
    assert taken[2]["reason"] == "NO_NODES"
    assert taken[3]["node"] in nodes


def test_what_is_released_or_has_ended_can_be_taken_again(open_stage: Stage) -> None:
    stocked(open_stage)
    (hold,) = [one["hold"] for one in take(open_stage, "a").json()["items"]]
    wrong = open_stage.ok("POST", "/quotes/release", OTHER, json={"holds": [hold]})
    assert wrong == {"released": []}
    assert open_stage.ok("POST", "/quotes/release", BUYER, json={"holds": [hold]}) == {"released": [hold]}
    assert open_stage.ok("POST", "/quotes/release", BUYER, json={"holds": [hold]}) == {"released": []}
    assert take(open_stage, "b", seconds=1).json()["items"][0]["node"]
    until(lambda: take(open_stage, f"c{time.monotonic()}").json()["items"][0]["node"] is not None)


def test_a_held_slot_is_not_given_to_orders(open_stage: Stage) -> None:
    stocked(open_stage)
    take(open_stage, "a")
    open_stage.place()
    assert open_stage.clear() == 0


def test_an_order_gets_the_nodes_that_it_holds_at_their_prices(open_stage: Stage) -> None:
    cheap, dear = (open_stage.provider(10 + n, slots=2, prices=p) for n, p in enumerate((PRICES, DEAR)))
    writer = open_stage.client.app.state.writer  # type: ignore[attr-defined]
    until(lambda: len(writer.desk.floor.plan.nodes) == 2)
    taken = take(open_stage, "a", item(copies=2)).json()["items"]
    dear.put_ask(slots=2, prices=PRICES)
    spec = open_stage.spec(2)
    order = open_stage.order(spec, replicas=1)
    body = open_stage.request(spec, order) | {"holds": [one["hold"] for one in reversed(taken)]}
    job = open_stage.ok("POST", "/jobs", BUYER, json=body)["id"]
    assert open_stage.ok("POST", "/jobs", BUYER, json=body)["id"] == job
    assert open_stage.clear() == 2
    nodes = [task["leases"][0]["node"] for task in open_stage.ok("GET", f"/jobs/{job}/tasks", BUYER)["items"]]
    assert nodes == [one["node"] for one in reversed(taken)] == [dear.key.address, cheap.key.address]
    (lease,) = dear.assignments()
    assert lease.lease.message.prices == DEAR
    assert (lease.lease.message.ask, str(lease.lease.message.cap)) == (taken[1]["ask"], cap_of(DEAR))
    until(lambda: not writer.desk.holds.open)
    assert {one["node"] for one in take(open_stage, "b", item(copies=2)).json()["items"]} == set(nodes)


def test_an_order_with_a_hold_of_somebody_else_or_none_is_declined(open_stage: Stage) -> None:
    stocked(open_stage, slots=2)
    (hold,) = [one["hold"] for one in take(open_stage, "a", who=OTHER).json()["items"]]
    spec = open_stage.spec()
    for named in ([hold], ["999"], [hold, hold]):
        body = open_stage.request(spec, open_stage.order(spec)) | {"holds": named}
        answer = open_stage.call("POST", "/jobs", BUYER, json=body)
        assert answer.json()["reason"] in ("QUOTE_EXPIRED", "MESSAGE_MALFORMED")
    assert open_stage.ok("GET", "/jobs", BUYER)["items"] == []


def test_a_hold_is_given_back_when_the_order_is_declined(open_stage: Stage) -> None:
    stocked(open_stage)
    (hold,) = [one["hold"] for one in take(open_stage, "a").json()["items"]]
    spec = open_stage.spec()
    body = open_stage.request(spec, open_stage.order(spec, budget=10**12)) | {"holds": [hold]}
    assert open_stage.call("POST", "/jobs", BUYER, json=body).json()["reason"] == "BALANCE_TOO_SMALL"
    assert take(open_stage, "b").json()["items"][0]["node"]


def test_a_claim_whose_order_never_came_in_ends_some_time_after_the_hold(open_stage: Stage) -> None:
    stocked(open_stage)
    (hold,) = [one["hold"] for one in take(open_stage, "a").json()["items"]]
    writer = open_stage.client.app.state.writer  # type: ignore[attr-defined]
    portal = open_stage.client.portal
    assert portal is not None
    portal.call(writer.claim, BUYER.address, "0x" + "ab" * 32, [(int(hold), 0)])
    with transaction(open_stage.runtime.engine) as session:
        assert floor.ended(session) == []
        session.execute(text("UPDATE writer SET at = at + 3600000"))
        assert floor.ended(session) == [int(hold)]


def test_a_clearing_that_missed_a_take_is_undone(open_stage: Stage) -> None:
    (node,) = stocked(open_stage)
    with transaction(open_stage.runtime.engine) as session:
        begun, nodes = holds.begin(session, alone=False), books.fleet(session)
    take(open_stage, "a")
    match = Match.model_construct(node=node)
    with (
        pytest.raises(MarketError) as conflict,
        transaction(open_stage.runtime.engine) as session,
    ):
        holds.confirm(session, begun, nodes, [match])
    assert conflict.value.reason is Reason.STATE_CONFLICT


def test_who_takes_during_every_round_cannot_stop_the_rounds(
    open_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked(open_stage, slots=2)
    open_stage.place(2)
    answers: list[Future[Any]] = []

    def interrupted(*given: Any) -> Any:
        cleared = clearing.clear(*given)
        answers.append(crowd.submit(take, open_stage, f"k{len(answers)}"))
        wait(answers, timeout=2)
        return cleared

    monkeypatch.setattr("market.services.clear.decide", interrupted)
    with ThreadPoolExecutor(2) as crowd:
        loops._matcher(open_stage.runtime)(time.time())
        first, second = (one.result(timeout=20).json()["items"][0] for one in answers)
    assert open_stage.ok("GET", "/clearings")["items"][0]["matches"] == 1
    assert (bool(first["node"]), second["node"]) == (True, None)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1", "1.5", "1e400", str(1 << 62), '"x"', "null"])
def test_absurd_numbers_are_refused_with_a_reason(open_stage: Stage, number: str) -> None:
    stocked(open_stage)
    body = json.dumps({"key": "a", "items": [item(limits={**SIZE, "fuel": "FUEL"})]}).replace(
        '"FUEL"', number
    )
    answer = open_stage.call(
        "POST", "/quotes/take", BUYER, content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["reason"]) == (400, "MESSAGE_MALFORMED")


def test_what_no_round_could_count_is_declined_beside_what_is_taken(open_stage: Stage) -> None:
    stocked(open_stage, slots=2)
    huge = item(limits={**SIZE, "fuel": str(1 << 61), "memoryBytes": str(1 << 61)})
    taken = take(open_stage, "a", huge, item()).json()["items"]
    assert taken[0]["reason"] == "QUANTITY_OUT_OF_RANGE"
    assert taken[1]["node"]


def test_an_account_that_takes_too_much_is_stopped_and_others_are_not(open_stage: Stage) -> None:
    stocked(open_stage, slots=3)
    open_stage.client.app.state.writer.desk.allowance = _small()  # type: ignore[attr-defined]
    assert take(open_stage, "a", *[item()] * 2).status_code == 200
    answer = take(open_stage, "b", *[item()] * 2)
    assert (answer.status_code, answer.json()["reason"]) == (429, "RATE_LIMITED")
    assert take(open_stage, "b", who=OTHER).status_code == 200


def test_who_is_not_signed_in_takes_nothing(open_stage: Stage) -> None:
    answer = open_stage.call("POST", "/quotes/take", json={"key": "a", "items": [item()]})
    assert (answer.status_code, answer.json()["reason"]) == (401, "NOT_AUTHENTICATED")


def test_a_process_that_is_not_the_writer_says_where_it_is(open_stage: Stage) -> None:
    state = open_stage.client.app.state  # type: ignore[attr-defined]
    writer, state.writer = state.writer, None
    answer = take(open_stage, "a")
    state.writer = writer
    assert (answer.status_code, answer.json()["reason"]) == (421, "NOT_THE_WRITER")
    assert answer.json()["context"]["url"] == open_stage.runtime.settings.origin


def _small() -> Any:
    from market.core.spot.desk import Allowance

    return Allowance(open_holds=3, copies_per_second=100, seconds=60)
