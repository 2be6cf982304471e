"""Things that happen at the same moment: money is promised once, results judged once, nothing deadlocks."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from httpx import Response
from sqlmodel import Session, select

from market.db.tables.order import EventRow
from tests.integration.market.stage import BUYER, Stage

T = TypeVar("T")


def at_once(calls: list[Callable[[], T]]) -> list[T]:
    """What the calls yield, each made in a thread of its own."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_orders_placed_at_once_cannot_spend_the_same_money(stage: Stage) -> None:
    spec = stage.spec()
    bodies = [stage.request(spec, stage.order(spec, budget=4_000_000)) for _ in range(4)]
    answers = at_once([lambda body=body: stage.call("POST", "/jobs", BUYER, json=body) for body in bodies])
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422]


def test_the_same_order_placed_at_once_is_one_job(stage: Stage) -> None:
    spec = stage.spec()
    body = stage.request(spec, stage.order(spec))
    answers = at_once([lambda: stage.call("POST", "/jobs", BUYER, json=body) for _ in range(4)])
    assert {answer.status_code for answer in answers} == {201}
    assert len(stage.ok("GET", "/jobs", BUYER)["items"]) == 1


def test_replicas_handed_in_at_once_are_judged_once(stage: Stage) -> None:
    providers = [stage.provider(number, slots=3) for number in (10, 11, 12)]
    job = stage.place(tasks=3, replicas=3)
    assert stage.clear() == 9
    calls: list[Callable[[], Response]] = []
    for provider in providers:
        for one in provider.assignments():
            body = provider.receipt(one)
            calls += [lambda p=provider, o=one, b=body: p.hand_in(o.lease.message, b)] * 2
    answers = at_once(calls)
    assert {answer.status_code for answer in answers} == {200}
    view = stage.job(job)
    assert (view["state"], view["tasks_by_state"]) == ("FINISHED", {"ACCEPTED": 3})
    with Session(stage.runtime.engine) as session:
        events = session.exec(select(EventRow).where(EventRow.job == job).order_by(EventRow.number)).all()  # type: ignore[arg-type]
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert sum(event.state == "DUE" for event in events) == 9


def test_clearings_at_once_lease_nothing_twice(stage: Stage) -> None:
    for number in (10, 11):
        stage.provider(number, slots=2)
    job = stage.place(tasks=3)
    assert sum(at_once([stage.clear for _ in range(4)])) == 3
    tasks = stage.ok("GET", f"/jobs/{job}/tasks", BUYER)["items"]
    assert [len(task["leases"]) for task in tasks] == [1, 1, 1]


def test_everything_at_once_ends_in_a_settled_order_of_things(stage: Stage) -> None:
    providers = [stage.provider(number, slots=4) for number in (10, 11, 12)]
    jobs = [stage.place(tasks=4, replicas=2) for _ in range(3)]
    stage.clear()
    hand_ins: list[Callable[[], object]] = []
    for provider in providers:
        for one in provider.assignments():
            body = provider.receipt(one)
            hand_ins.append(lambda p=provider, o=one, b=body: p.hand_in(o.lease.message, b).status_code)
    later = int(time.time()) + 100
    others: list[Callable[[], object]] = [
        stage.clear,
        lambda: stage.sweep(later),
        lambda: stage.call("POST", f"/jobs/{jobs[0]}/cancel", BUYER).status_code,
        *(lambda p=provider: p.beat() for provider in providers),
        stage.place,
    ]
    found = at_once([*hand_ins, *others])
    assert {code for code in found if isinstance(code, int) and code >= 400} <= {409}
    for job in jobs:
        view = stage.job(job)
        assert sum(view["tasks_by_state"].values()) == 4
        assert int(view["spent"]) <= int(view["order"]["message"]["budget"])
