"""The way of tasks through the market, from order to due receipt, and the ways in which it goes wrong."""

import base64
import time

from sqlmodel import Session, select

from market.db.tables.run import ReceiptRow
from suanli.protocol.charging import receipt_charge
from suanli.protocol.checks import all_passed
from suanli.protocol.documents import ResultManifest
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.messages import InclusionPromise, Receipt, Usage, VerificationPolicy
from suanli.protocol.signatures import recover
from suanli.protocol.wire.nodes import Assignment
from tests.integration.market.stage import BUYER, DEAR, OPERATOR, OWNER, Stage


def states(stage: Stage, job: str) -> list[str]:
    """The states of a task's leases."""
    return [lease["state"] for lease in stage.task(job)["leases"]]


def verify_assignment(stage: Stage, assignment: Assignment) -> None:
    lease = assignment.lease
    assert recover(stage.domain, lease.message, lease.signature) == OPERATOR.address
    assert assignment.spec.content_hash() == lease.message.spec
    assert lease.message.order == assignment.order.message.id()


def test_a_task_is_ordered_leased_run_and_due(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    assert stage.job(job)["state"] == "OPEN"
    assert stage.clear() == 1
    assignment = provider.run_one(b"result")
    verify_assignment(stage, assignment)
    view, task = stage.job(job), stage.task(job)
    assert (view["state"], view["tasks_by_state"]) == ("FINISHED", {"ACCEPTED": 1})
    (lease,) = task["leases"]
    assert (lease["state"], lease["payment"]) == ("ACCEPTED", "DUE")
    assert view["spent"] == lease["amount"] != "0"
    manifest = ResultManifest.parse(stage.call("GET", f"/blobs/{task['result']}", BUYER).content)
    assert stage.call("GET", f"/blobs/{manifest.outputs[0].hash}", BUYER).content == b"result"


def test_the_evidence_of_a_receipt_convinces_without_the_market(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place(tasks=3)
    stage.clear()
    provider.run_one()
    (receipt,) = stage.ok("GET", "/evidence", params={"order": job})["items"]
    bundle = EvidenceBundle.parse(stage.call("GET", f"/evidence/{receipt}").content)
    checks = bundle.verify()
    assert all_passed(checks), [check for check in checks if not check.passed]
    document = stage.call("GET", f"/clearings/{bundle.clearing}")
    assert document.json()["matches"][0]["node"] == provider.key.address


def test_the_promise_names_the_epoch_that_takes_the_order_in(stage: Stage) -> None:
    stage.provider(10)
    spec = stage.spec()
    view = stage.ok("POST", "/jobs", BUYER, json=stage.request(spec, stage.order(spec)))
    promise = InclusionPromise.model_validate(view["promise"]["message"])
    assert recover(stage.domain, promise, view["promise"]["signature"]) == OPERATOR.address
    stage.clear()
    document = stage.ok("GET", f"/clearings/{promise.epoch}")
    assert document["matches"][0]["order"] == view["id"]


def test_replicas_run_on_nodes_of_different_owners(stage: Stage) -> None:
    twins = [stage.provider(number, OWNER) for number in (10, 11)]
    other = stage.provider(12)
    job = stage.place(replicas=2)
    assert stage.clear() == 2
    (first,) = [twin for twin in twins if twin.assignments()]
    first.run_one()
    assert stage.task(job)["state"] == "VERIFYING"
    other.run_one()
    assert stage.task(job)["state"] == "ACCEPTED"
    assert states(stage, job) == ["ACCEPTED", "ACCEPTED"]


def test_the_odd_one_out_is_not_paid_and_told_why(stage: Stage) -> None:
    liar, *honest = [stage.provider(number) for number in (10, 11, 12)]
    job = stage.place(replicas=2)
    for provider in honest:
        provider.beat(draining=True)
    assert stage.clear() == 1
    liar.run_one(b"wrong")
    for provider in honest:
        provider.beat()
    assert stage.clear() == 1
    (second,) = [provider for provider in honest if provider.assignments()]
    second.run_one(b"right")
    assert stage.task(job)["state"] == "VERIFYING"
    assert stage.clear() == 1
    (third,) = [provider for provider in honest if provider.assignments()]
    third.run_one(b"right")
    leases = stage.task(job)["leases"]
    assert [lease["state"] for lease in leases] == ["REJECTED", "ACCEPTED", "ACCEPTED"]
    assert leases[0]["reason"]["reason"] == "RESULT_MISMATCH"
    assert leases[0]["payment"] is None
    assert stage.job(job)["state"] == "FINISHED"


def test_a_failed_program_is_a_result_like_others(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    assignment = provider.assignments()[0]
    body = provider.receipt(assignment)
    manifest = ResultManifest(outcome=1, exit_code=None, reason="PROGRAM_TRAPPED")
    usage = body["receipt"]["message"]["usage"] | {"egress": "0"}
    receipt = Receipt(
        lease=assignment.lease.message.id(),
        outcome=1,
        result=manifest.content_hash(),
        usage=Usage.model_validate(usage),
        amount=receipt_charge(assignment.lease.message, Usage.model_validate(usage)),
    )
    body = {"receipt": stage.signed(receipt, provider.key), "manifest": manifest.to_json()}
    assert provider.hand_in(assignment.lease.message, body).is_success
    assert stage.task(job)["state"] == "ACCEPTED"


def test_a_handed_back_task_goes_to_another_node(stage: Stage) -> None:
    first, second = stage.provider(10), stage.provider(11, prices=DEAR)
    job = stage.place()
    stage.clear()
    lease = first.assignments()[0].lease.message.id()
    assert first.handback(lease).is_success
    assert first.handback(lease).is_success
    assert stage.task(job)["state"] == "PENDING"
    stage.clear()
    assert not first.assignments()
    second.run_one()
    assert states(stage, job) == ["HANDED_BACK", "ACCEPTED"]


def test_a_task_that_every_node_had_waits_for_another(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    provider.handback(provider.assignments()[0].lease.message.id())
    assert stage.clear() == 0
    assert stage.task(job)["waiting"]["reason"] == "ALREADY_TRIED"


def test_a_task_is_given_up_after_too_many_attempts(stage: Stage) -> None:
    job = stage.place()
    for number in range(10, 15):
        provider = stage.provider(number)
        assert stage.clear() == 1
        provider.handback(provider.assignments()[0].lease.message.id(), "DISK_FULL")
        provider.beat(draining=True)
    task = stage.task(job)
    assert (task["state"], task["reason"]["reason"]) == ("FAILED", "DISK_FULL")
    assert stage.job(job)["state"] == "FINISHED"


def test_the_lease_of_a_vanished_node_goes_to_another(stage: Stage) -> None:
    vanished, living = stage.provider(10), stage.provider(11, prices=DEAR)
    job = stage.place()
    stage.clear()
    assignment = vanished.assignments()[0]
    lease, body = assignment.lease.message, vanished.receipt(assignment)
    vanished.start(lease.id())
    later = int(time.time()) + 16
    living.heard(later)
    assert stage.sweep(later, listening_since=later).leases_lost == 0
    assert stage.sweep(later).leases_lost == 1
    assert stage.clear(later) == 1
    living.run_one()
    assert states(stage, job) == ["LOST", "ACCEPTED"]
    assert vanished.beat(lease.id()) == [lease.id()]
    late = vanished.hand_in(lease, body)
    assert (late.status_code, late.json()["reason"]) == (409, "LEASE_FENCED")


def test_a_node_that_comes_back_may_try_again(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    later = int(time.time()) + 16
    stage.sweep(later)
    provider.heard(later)
    assert stage.clear(later) == 1
    assert states(stage, job) == ["LOST", "OFFERED"]


def test_an_offer_that_nobody_takes_on_is_lost(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    later = int(time.time()) + 32
    provider.heard(later)
    assert stage.sweep(later).leases_lost == 1
    assert stage.task(job)["leases"][0]["reason"]["reason"] == "LEASE_EXPIRED"


def test_a_running_lease_ends_with_its_deadline(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.place()
    stage.clear()
    lease = provider.assignments()[0].lease.message
    provider.start(lease.id())
    provider.heard(lease.deadline + 1)
    assert stage.sweep(lease.deadline).leases_lost == 0
    assert stage.sweep(lease.deadline + 1).leases_lost == 1


def test_cancelling_ends_pending_tasks_and_pays_receipted_ones(stage: Stage) -> None:
    provider, second = stage.provider(10), stage.provider(11, prices=DEAR)
    job = stage.place(tasks=3)
    stage.clear()
    provider.run_one()
    fenced = second.assignments()[0].lease.message.id()
    view = stage.ok("POST", f"/jobs/{job}/cancel", BUYER)
    assert view["state"] == "CANCELLED"
    assert view["tasks_by_state"] == {"ACCEPTED": 1, "CANCELLED": 2}
    assert second.beat(fenced) == [fenced]
    assert stage.ok("POST", f"/jobs/{job}/cancel", BUYER)["state"] == "CANCELLED"
    assert stage.clear() == 0


def test_cancelling_pays_a_copy_that_awaits_its_replica(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place(replicas=2)
    stage.clear()
    provider.run_one()
    stage.ok("POST", f"/jobs/{job}/cancel", BUYER)
    assert stage.task(job)["state"] == "CANCELLED"
    assert stage.task(job)["leases"][0]["payment"] == "DUE"


def test_a_job_past_its_deadline_expires(stage: Stage) -> None:
    provider = stage.provider(10)
    deadline = int(time.time()) + 100
    job = stage.place(tasks=2, deadline=deadline)
    stage.clear()
    provider.run_one()
    assert stage.sweep(deadline).jobs_expired == 1
    view = stage.job(job)
    assert (view["state"], view["reason"]["reason"]) == ("EXPIRED", "DEADLINE_PASSED")
    assert view["tasks_by_state"] == {"ACCEPTED": 1, "FAILED": 1}
    assert stage.sweep(deadline).jobs_expired == 0


def test_a_buyer_judges_results(stage: Stage) -> None:
    first, second = stage.provider(10), stage.provider(11, prices=DEAR)
    job = stage.place(policy=VerificationPolicy.BUYER)
    stage.clear()
    first.run_one(b"blurred")
    verdict = {"lease": stage.task(job)["leases"][0]["id"], "accept": False, "detail": "blurred"}
    path = f"/jobs/{job}/tasks/0/verdict"
    stage.ok("POST", path, BUYER, json=verdict)
    stage.ok("POST", path, BUYER, json=verdict)
    stage.clear()
    second.run_one(b"sharp")
    assert stage.task(job)["state"] == "VERIFYING"
    stage.ok("POST", path, BUYER, json={"lease": stage.task(job)["leases"][1]["id"], "accept": True})
    leases = stage.task(job)["leases"]
    assert [lease["state"] for lease in leases] == ["REJECTED", "ACCEPTED"]
    assert leases[0]["reason"] == {"reason": "RESULT_REJECTED", "detail": "blurred"}
    answer = stage.call("POST", path, BUYER, json=verdict | {"accept": True})
    assert answer.json()["reason"] == "STATE_CONFLICT"


def test_a_buyer_who_says_nothing_has_accepted(stage: Stage) -> None:
    provider = stage.provider(10)
    deadline = int(time.time()) + 100
    job = stage.place(policy=VerificationPolicy.BUYER, deadline=deadline)
    stage.clear()
    provider.run_one()
    stage.sweep(deadline)
    assert stage.task(job)["leases"][0]["payment"] == "DUE"


def test_a_budget_that_runs_out_fails_the_rest(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place(tasks=3, budget=2500)
    for _ in range(2):
        stage.clear()
        provider.run_one(fuel=10**9)
    stage.clear()
    view = stage.job(job)
    assert view["state"] == "FINISHED"
    assert view["tasks_by_state"] == {"ACCEPTED": 2, "FAILED": 1}
    assert stage.task(job, 2)["reason"]["reason"] == "BUDGET_TOO_SMALL"
    assert int(view["spent"]) <= 2500


def test_a_repeated_receipt_is_answered_the_same_and_another_is_refused(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.place()
    stage.clear()
    assignment = provider.assignments()[0]
    lease, body = assignment.lease.message, provider.receipt(assignment)
    first = provider.hand_in(lease, body)
    counts = stage.counts()
    again = provider.hand_in(lease, body)
    assert (again.status_code, again.json()) == (200, first.json())
    other = provider.hand_in(lease, provider.receipt(assignment, b"other"))
    assert (other.status_code, other.json()["reason"]) == (409, "STATE_CONFLICT")
    assert stage.counts() == counts


def test_events_tell_the_whole_way_without_gaps(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    provider.run_one()
    events = stage.ok("GET", f"/jobs/{job}/events", BUYER)
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    told = [(event["kind"], event["state"]) for event in events]
    assert told[0] == ("JOB", "OPEN")
    assert told[-1] == ("JOB", "FINISHED")
    assert [state for kind, state in told if kind == "LEASE"] == [
        "OFFERED",
        "RUNNING",
        "RECEIPTED",
        "ACCEPTED",
    ]
    assert stage.ok("GET", f"/jobs/{job}/events", BUYER, params={"after": len(events) - 1}) == events[-1:]


def test_an_epoch_that_decides_nothing_new_is_not_kept(stage: Stage) -> None:
    job = stage.place()
    stage.clear()
    stage.clear()
    clearings = stage.ok("GET", "/clearings")["items"]
    assert [one["epoch"] for one in clearings] == [1]
    assert stage.task(job)["waiting"]["reason"] == "NO_NODES"


def test_a_lease_binds_only_what_the_budget_still_holds(stage: Stage) -> None:
    providers = [stage.provider(number, slots=4) for number in (10, 11)]
    stage.place(tasks=6, budget=3000)
    stage.clear()
    caps = [one.lease.message.cap for provider in providers for one in provider.assignments()]
    assert 0 < sum(caps) <= 3000


def test_a_log_grows_is_repeated_harmlessly_and_is_capped(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.place()
    stage.clear()
    lease = provider.assignments()[0].lease.message.id()
    path = f"/leases/{lease}/log"

    def add(offset: int, data: bytes) -> int:
        body = {"offset": offset, "data": base64.b64encode(data).decode()}
        return stage.call("POST", path, provider.key, json=body).status_code

    assert [add(0, b"hello "), add(0, b"hello "), add(6, b"world")] == [204, 204, 204]
    assert stage.call("GET", path, provider.key).text == "hello world"
    assert add(20, b"later") == 409
    assert add(11, b"x" * 100_000) == 204
    assert len(stage.call("GET", path, provider.key).content) == stage.runtime.settings.log_maximum_bytes


def test_receipts_are_listed_with_lease_and_payment(stage: Stage) -> None:
    provider = stage.provider(10)
    job = stage.place()
    stage.clear()
    assignment = provider.run_one()
    (view,) = stage.ok("GET", f"/jobs/{job}/receipts", BUYER)["items"]
    assert view["lease"]["message"] == assignment.lease.message.to_json()
    assert view["payment"] == "DUE"
    with Session(stage.runtime.engine) as session:
        assert session.exec(select(ReceiptRow.id)).one() == view["id"]
