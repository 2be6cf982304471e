"""Rounds as the market keeps them: certificates, challenges to them, reasons, and clocks that jump."""

import time
from typing import Any

import pytest

from market.core.challenge import item_numbers
from market.core.encoding import encode
from suanli.protocol.anchoring import AnchoredClearing, EpochLeases, root_of
from suanli.protocol.arrays import NOBODY, pair
from suanli.protocol.book import Book
from suanli.protocol.certificate import Certificate, outcome_of, read_certificate
from suanli.protocol.challenges import Challenge, ProposedMatch
from suanli.protocol.messages import Prices
from suanli.protocol.wire.why import JobWhy, NodeWhy
from tests.integration.market.declining import declined
from tests.integration.market.stage import BUYER, CHAIN_ID, DEAR, PRICES, Stage, key

RIVAL = key(6)


def certificate(stage: Stage, epoch: int) -> Certificate:
    answer = stage.call("GET", f"/clearings/{epoch}/certificate")
    assert answer.is_success, answer.text
    return read_certificate(answer.content)


def book(stage: Stage, found: Certificate) -> Book:
    return Book.parse(stage.call("GET", f"/clearings/{found.book}").content)


def proposal(stage: Stage, epoch: int, **changes: Any) -> dict[str, Any]:
    """The challenge that shows the round's own allocation."""
    document = stage.ok("GET", f"/clearings/{epoch}")
    fields = ("order", "task", "attempt", "node")
    matches = tuple(ProposedMatch(**{name: one[name] for name in fields}) for one in document["matches"])
    given = Challenge(epoch=epoch, book=document["book"], matches=matches)
    return given.model_copy(update=changes).to_json()


def test_auditor_repeats_the_round_from_book_and_certificate(stage: Stage) -> None:
    for number in (10, 11):
        stage.provider(number)
    jobs = [stage.place(tasks=2), stage.place()]
    assert stage.clear() == 2
    found = certificate(stage, 1)
    encoded, outcome = encode(book(stage, found)), outcome_of(found)
    welfare = 0
    for item, provider in enumerate(outcome.provider.tolist()):
        if provider != NOBODY:
            one = pair(encoded.measure, encoded.supply, encoded.demand, item, provider)
            assert one is not None
            welfare += one.surplus
    assert found.welfare == welfare <= found.bound
    assert found.book_root == root_of(sorted(jobs))


def test_evidence_names_certificate_and_leases(stage: Stage) -> None:
    stage.provider(10)
    stage.place()
    stage.clear()
    anchor = stage.ok("GET", "/clearings/1/anchor")["anchor"]["message"]
    evidence = AnchoredClearing.parse(stage.call("GET", f"/clearings/{anchor['evidence']}").content)
    assert evidence.certificate == certificate(stage, 1).content_hash()
    listed = EpochLeases.parse(stage.call("GET", f"/clearings/{evidence.lease_messages}").content)
    assert tuple(lease.id() for lease in listed.leases) == evidence.leases
    assert stage.ok("GET", "/clearings")["items"][0]["certificate"] == evidence.certificate


def test_a_round_begins_with_the_duals_of_the_one_before(stage: Stage) -> None:
    stage.provider(10)
    stage.fund(RIVAL, 10_000_000)
    for _ in range(3):
        stage.place(tasks=2)
    stage.clear()
    scarce = stage.ok("GET", "/clearings/1")["scarcity"]
    stage.provider(11)
    stage.clear()
    first, second = certificate(stage, 1), certificate(stage, 2)
    assert first.started_from is None
    assert second.started_from == (first.content_hash() if scarce else None)


def test_challenge_that_is_not_better_is_refused_and_a_wrong_one_says_why(stage: Stage) -> None:
    providers = [stage.provider(10), stage.provider(11, prices=DEAR)]
    job = stage.place()
    stage.clear()
    path = "/clearings/1/challenges"
    declined(stage.call("POST", path, BUYER, json=proposal(stage, 1)), 422, "CHALLENGE_NOT_BETTER")
    both = tuple(
        ProposedMatch(order=job, task=0, attempt=0, node=provider.key.address) for provider in providers
    )
    twice = proposal(stage, 1, matches=both)
    declined(stage.call("POST", path, BUYER, json=twice), 422, "CERTIFICATE_INVALID")
    other = proposal(stage, 1, book="0x" + "0" * 64)
    declined(stage.call("POST", path, BUYER, json=other), 400, "HASH_MISMATCH")
    assert stage.call("POST", path, json=proposal(stage, 1)).status_code == 401
    assert stage.ok("GET", path) == []


def test_better_allocation_is_kept_and_shown(stage: Stage) -> None:
    from market.db.session import transaction
    from market.db.tables.clear import ClearingRow

    stage.provider(10)
    stage.place()
    stage.clear()
    with transaction(stage.runtime.engine) as session:
        row = session.get_one(ClearingRow, 1)
        row.welfare = (row.welfare or 0) - 5
    body = proposal(stage, 1)
    kept = stage.ok("POST", "/clearings/1/challenges", BUYER, json=body)
    assert (kept["gain"], kept["challenger"]) == ("5", BUYER.address)
    assert stage.ok("POST", "/clearings/1/challenges", BUYER, json=body) == kept
    assert stage.ok("GET", "/clearings/1/challenges") == [kept]
    assert Challenge.model_validate(stage.ok("GET", f"/clearings/{kept['id']}")).to_json() == body


def test_items_are_numbered_by_order_task_and_attempt(stage: Stage) -> None:
    stage.provider(10)
    job = stage.place(tasks=2)
    stage.clear()
    numbers = item_numbers(encode(book(stage, certificate(stage, 1))))
    assert numbers == {(job, 0, 0): 0, (job, 1, 0): 1}


def test_a_lone_buyer_pays_the_asks_however_many_tasks_wait(stage: Stage) -> None:
    provider = stage.provider(10)
    stage.place(tasks=5)
    stage.clear()
    assert provider.assignments()[0].lease.message.prices == PRICES


def test_outbid_buyer_is_told_what_would_have_won_and_then_wins_with_it(stage: Stage) -> None:
    stage.provider(10)
    rich = stage.place(maximumPrices=Prices.of(20 * price for price in PRICES.vector()))
    poor = stage.place()
    stage.clear()
    assert stage.task(rich)["state"] == "LEASED"
    assert stage.task(poor)["waiting"]["reason"] == "OUTBID"
    why = JobWhy.model_validate(stage.ok("GET", f"/jobs/{poor}/why", BUYER))
    (group,) = why.waiting
    assert (group.reason.reason, group.fleet, group.eligible) == ("OUTBID", 1, 1)
    (change,) = group.changes
    assert change.what.startswith("raise the maximum prices by 10")
    placed = JobWhy.model_validate(stage.ok("GET", f"/jobs/{rich}/why", BUYER))
    assert (placed.percentile, placed.waiting) == (100, [])
    assert placed.placed[0].premium > 0
    assert stage.call("GET", f"/jobs/{poor}/why", key(77)).status_code == 404


def test_node_without_work_is_told_how_much_less_to_ask(stage: Stage) -> None:
    cheap, dear = stage.provider(10), stage.provider(11, prices=DEAR)
    stage.place()
    stage.clear()
    why = NodeWhy.model_validate(stage.ok("GET", f"{dear.path}/why"))
    assert why.reason is not None
    assert (why.reason.reason, why.elsewhere, why.percentile) == ("OUTBID", 1, 100)
    (change,) = why.changes
    assert change.what in ("ask 50 % less", "ask 51 % less")
    lucky = NodeWhy.model_validate(stage.ok("GET", f"{cheap.path}/why"))
    assert (lucky.reason, lucky.matched, lucky.percentile) == (None, 1, 0)


def test_job_without_a_round_has_no_reasons_yet(stage: Stage) -> None:
    job = stage.place()
    assert stage.ok("GET", f"/jobs/{job}/why", BUYER)["epoch"] is None


@pytest.mark.parametrize("jump", [-(10**8), -3600, 3600, 10**8])
def test_a_clock_that_jumps_loses_nothing(stage: Stage, jump: int) -> None:
    provider = stage.provider(10)
    first = stage.place(deadline=int(time.time()) + 5000)
    now = int(time.time())
    stage.clear(now + jump)
    provider.heard(now)
    stage.clear(now)
    task = stage.task(first)
    assert task["state"] == "LEASED", task
    epochs = [one["epoch"] for one in stage.ok("GET", "/clearings")["items"]]
    assert epochs == sorted(epochs, reverse=True)


def test_an_order_is_shown_to_nobody_but_its_buyer_before_its_epoch_closes(stage: Stage) -> None:
    stage.provider(10)
    job = stage.place()
    urns = [f"urn:suanli:{CHAIN_ID}:job:{job}", f"urn:suanli:{CHAIN_ID}:task:{job}:0"]
    for urn in urns:
        declined(stage.call("GET", f"/id/{urn}"), 404, "NOT_FOUND")
    assert stage.job(job)["id"] == job
    assert stage.ok("GET", "/evidence", params={"order": job})["items"] == []
    stage.clear()
    for urn in urns:
        assert stage.ok("GET", f"/id/{urn}")["facts"]["order"]["message"]["buyer"] == BUYER.address
