"""What one account may ask of the market: jobs, relayed messages, logs, and decisions in somebody's name."""

import base64
import time
from typing import Any

import pytest
from sqlmodel import select

from market.db.queries import book
from market.db.session import transaction
from market.db.tables.chain import DelegationRow
from market.db.tables.order import JobRow
from market.db.tables.outbox import IntentRow
from market.services import clear
from market.services.step import step
from suanli.protocol.messages import Delegation, Prices, VerificationPolicy
from suanli.protocol.wire.accounts import IntentState
from tests.integration.market.declining import declined, nothing_changes
from tests.integration.market.stage import BUYER, OPERATOR, Stage, key

CAROL, DELEGATE = key(4), key(5)
FREE = Prices(fuel=0, memoryFuel=0, ingress=0, egress=0)


def with_settings(stage: Stage, **changes: Any) -> None:
    """The market goes on with other settings."""
    settings = stage.runtime.settings.model_copy(update=changes)
    object.__setattr__(stage.runtime, "settings", settings)


def end(stage: Stage, state: IntentState) -> None:
    """Every intent ends."""
    with transaction(stage.runtime.engine) as session:
        for row in session.exec(select(IntentRow)):
            row.state = state


def deposit(amount: int = 50_000, number: int = 1) -> dict[str, Any]:
    """A permit of Carol's; only the token looks at its signature."""
    deadline = str(int(time.time()) + 600)
    parts = {"v": 27, "r": f"0x{number:064x}", "s": f"0x{number:064x}"}
    return {"account": CAROL.address, "amount": str(amount), "deadline": deadline, **parts}


def delegation(stage: Stage, nonce: int) -> dict[str, Any]:
    """A delegation of Carol's to the operator."""
    expiry = int(time.time()) + 600
    message = Delegation(account=CAROL.address, delegate=OPERATOR.address, cap=5, expiry=expiry, nonce=nonce)
    return {"delegation": stage.signed(message, CAROL)}


def test_work_for_nothing_is_not_ordered_even_where_it_is_free(stage: Stage) -> None:
    stage.provider(10, prices=FREE)
    spec = stage.spec(tasks=3)
    order = stage.order(spec, budget=5, replicas=2)
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=stage.request(spec, order))
    assert declined(answer, 422, "BUDGET_TOO_SMALL")["needed"] == "6"
    enough = stage.order(spec, budget=6, replicas=2)
    assert stage.call("POST", "/jobs", BUYER, json=stage.request(spec, enough)).status_code == 201


def test_a_buyer_has_so_many_open_jobs_and_no_more(stage: Stage) -> None:
    with_settings(stage, open_jobs_per_buyer=2)
    first, _ = stage.place(), stage.place()
    spec = stage.spec()
    body = stage.request(spec, stage.order(spec))
    with nothing_changes(stage):
        answer = stage.call("POST", "/jobs", BUYER, json=body)
    assert declined(answer, 422, "TOO_MANY_JOBS")["maximum"] == 2
    stage.ok("POST", f"/jobs/{first}/cancel", BUYER)
    assert stage.call("POST", "/jobs", BUYER, json=body).status_code == 201


def test_where_too_many_jobs_wait_they_take_turns(stage: Stage) -> None:
    with_settings(stage, jobs_per_clearing=2)
    jobs = [stage.place() for _ in range(5)]
    seen: list[set[str]] = []
    for now in range(100, 104):
        with step(stage.runtime) as session:
            seen.append({row.id for row in book.open_jobs(session, 2, now)})
    assert seen[0] == set(jobs)  # each was promised the next clearing
    assert [len(turn) for turn in seen[1:]] == [2, 2, 2]
    assert set.union(*seen[1:]) == set(jobs)
    late = stage.place()
    with step(stage.runtime) as session:
        assert late in {row.id for row in book.open_jobs(session, 2, 105)}


def test_jobs_that_wait_in_turns_are_served_and_told_once(stage: Stage) -> None:
    with_settings(stage, jobs_per_clearing=2)
    poor = [stage.place(maximumPrices=FREE) for _ in range(4)]
    stage.provider(10, slots=9)
    now, epochs = int(time.time()), []
    for later in range(6):
        with step(stage.runtime) as session:
            row = clear.clear(session, stage.runtime, now + later)
            epochs.append(None if row is None else row.epoch)
    assert epochs == [1, None, None, None, None, None]
    assert {stage.task(job)["waiting"]["reason"] for job in poor} == {"PRICE_ABOVE_LIMIT"}
    good = stage.place()
    assert stage.clear(now + 6) == 1
    assert stage.task(good)["state"] == "LEASED"


def test_a_deposit_that_is_not_worth_its_gas_is_not_relayed(stage: Stage) -> None:
    least = stage.runtime.settings.deposit_minimum
    with nothing_changes(stage):
        answer = stage.call("POST", "/relay/deposit", CAROL, json=deposit(least - 1))
    declined(answer, 400, "MESSAGE_MALFORMED")
    stage.ok("POST", "/relay/deposit", CAROL, json=deposit(least))


def test_one_message_of_a_kind_and_account_is_relayed_at_a_time(stage: Stage) -> None:
    for path, bodies in (
        ("/relay/deposit", [deposit(number=number) for number in (1, 2)]),
        ("/relay/delegation", [delegation(stage, nonce) for nonce in (1, 2)]),
    ):
        first = stage.ok("POST", path, CAROL, json=bodies[0])
        assert stage.ok("POST", path, CAROL, json=bodies[0]) == first
        declined(stage.call("POST", path, CAROL, json=bodies[1]), 429, "RATE_LIMITED")
    end(stage, IntentState.CONFIRMED)
    stage.ok("POST", "/relay/delegation", CAROL, json=delegation(stage, 2))


def test_so_many_messages_of_an_account_are_relayed_in_a_day(stage: Stage) -> None:
    with_settings(stage, relays_per_day=2)
    for number in (1, 2):
        stage.ok("POST", "/relay/deposit", CAROL, json=deposit(number=number))
        end(stage, IntentState.FAILED)
    declined(stage.call("POST", "/relay/deposit", CAROL, json=deposit(number=3)), 429, "RATE_LIMITED")
    stage.ok("POST", "/relay/delegation", CAROL, json=delegation(stage, 1))
    with transaction(stage.runtime.engine) as session:
        for row in session.exec(select(IntentRow)):
            row.created_at -= 24 * 3600
    stage.ok("POST", "/relay/deposit", CAROL, json=deposit(number=3))


def test_a_log_is_not_to_be_had_before_the_receipt_nor_by_cancelling(stage: Stage) -> None:
    provider = stage.provider(10, slots=2)
    jobs = [stage.place(), stage.place()]
    stage.clear()
    leases = {one.order.message.id(): one.lease.message.id() for one in provider.assignments()}
    for lease in leases.values():
        assert provider.start(lease).is_success
        body = {"offset": 0, "data": base64.b64encode(b"the answer").decode()}
        assert stage.call("POST", f"/leases/{lease}/log", provider.key, json=body).status_code == 204
        answer = stage.call("GET", f"/leases/{lease}/log", BUYER)
        assert declined(answer, 409, "STATE_CONFLICT")["state"] == "RUNNING"
    stage.ok("POST", f"/jobs/{jobs[1]}/cancel", BUYER)
    cancelled = f"/leases/{leases[jobs[1]]}/log"
    declined(stage.call("GET", cancelled, BUYER), 409, "STATE_CONFLICT")
    assert stage.call("GET", cancelled, provider.key).text == "the answer"
    (assignment,) = provider.assignments()
    assert provider.hand_in(assignment.lease.message, provider.receipt(assignment)).is_success
    assert stage.call("GET", f"/leases/{leases[jobs[0]]}/log", BUYER).text == "the answer"


@pytest.mark.parametrize(("expiry", "remaining", "may"), [(0, 0, False), (1, 9, False), (2**40, 0, True)])
def test_a_former_delegate_decides_nothing_any_more(
    stage: Stage, expiry: int, remaining: int, may: bool
) -> None:
    """A revoked delegation has the expiry 0; a used-up one still stands."""
    provider = stage.provider(10)
    job = stage.place(policy=VerificationPolicy.BUYER)
    stage.clear()
    provider.run_one()
    with transaction(stage.runtime.engine) as session:
        session.get_one(JobRow, job).signer = DELEGATE.address
        session.merge(
            DelegationRow(
                account=BUYER.address,
                delegate=DELEGATE.address,
                remaining=remaining,
                expiry=expiry,
                nonce=1,
            )
        )
    lease = stage.task(job)["leases"][0]["id"]
    verdict = {"lease": lease, "accept": True}
    answer = stage.call("POST", f"/jobs/{job}/tasks/0/verdict", DELEGATE, json=verdict)
    if may:
        assert answer.status_code == 204
    else:
        declined(answer, 403, "NOT_AUTHORISED")
        declined(stage.call("POST", f"/jobs/{job}/cancel", DELEGATE), 403, "NOT_AUTHORISED")
    assert stage.call("GET", f"/jobs/{job}", DELEGATE).status_code == 200
