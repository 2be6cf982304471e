"""A node checks every lease itself; a lying operator or buyer gets it to run nothing."""

from dataclasses import replace
from typing import Any

import pytest

from provider_agent.lease import Terms, check_lease, seconds_to_run
from suanli.protocol.documents import BlobReference, TaskSpec
from suanli.protocol.messages import Limits
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.nodes import Assignment
from tests.unit.agent.offers import CAST, DOMAIN, NOW, assignment, job_of, terms
from tests.unit.protocol.bundles import DEADLINE, LIMITS, PRICES, job


def reason_of(offer: Assignment, under: Terms | None = None, now: int = NOW) -> Reason | None:
    objection = check_lease(offer, under or terms(), now)
    return None if objection is None else objection.reason


def test_an_honest_lease_is_taken() -> None:
    assert reason_of(assignment()) is None


def test_a_lease_that_somebody_else_signed_is_declined() -> None:
    honest = assignment()
    forged = honest.model_copy(update={"lease": CAST.signed(CAST.buyer, honest.lease.message)})
    assert reason_of(forged) is Reason.SIGNER_MISMATCH


def test_a_lease_of_an_order_for_another_operator_is_declined() -> None:
    """Only leases of the operator that the buyer named count in a claim."""
    other = assignment(order_changes={"operator": CAST.owner.address})
    assert reason_of(other) is Reason.WRONG_OPERATOR


def test_a_lease_under_an_ask_that_no_longer_stands_is_declined() -> None:
    dearer = CAST.ask(PRICES.model_copy(update={"fuel": PRICES.fuel + 1}))
    assert reason_of(assignment(), replace(terms(), asks=[dearer])) is Reason.ASK_EXPIRED
    assert reason_of(assignment(), replace(terms(), asks=[dearer, CAST.ask()])) is None


def test_a_lease_may_not_name_one_ask_and_pay_the_price_of_another() -> None:
    cheap, dear = CAST.ask(), CAST.ask(PRICES.model_copy(update={"fuel": PRICES.fuel + 1}))
    under = replace(terms(), asks=[dear, cheap])
    assert reason_of(assignment(ask=dear.id()), under) is Reason.PRICE_ABOVE_LIMIT


def test_a_lease_for_another_deployment_is_declined() -> None:
    elsewhere = replace(terms(), domain=DOMAIN.model_copy(update={"chain_id": 1}))
    assert reason_of(assignment(), elsewhere) in (Reason.SIGNER_MISMATCH, Reason.SIGNATURE_INVALID)


def test_a_task_that_the_buyer_never_ordered_is_declined() -> None:
    honest = assignment()
    other = job("another").tasks[2]
    assert reason_of(honest.model_copy(update={"spec": other})) is Reason.HASH_MISMATCH
    assert reason_of(honest.model_copy(update={"proof": []})) is Reason.HASH_MISMATCH


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"node": CAST.buyer.address}, Reason.SIGNER_MISMATCH),
        ({"order": "0x" + "00" * 32}, Reason.HASH_MISMATCH),
        ({"spec": "0x" + "00" * 32}, Reason.HASH_MISMATCH),
        ({"task": 1}, Reason.HASH_MISMATCH),
        ({"deadline": NOW + 1}, Reason.LEASE_EXPIRED),
        ({"deadline": DEADLINE + 1}, Reason.DEADLINE_PASSED),
        ({"ask": "0x" + "00" * 32}, Reason.ASK_EXPIRED),
        ({"prices": PRICES.model_copy(update={"egress": PRICES.egress - 1})}, Reason.PRICE_ABOVE_LIMIT),
        ({"minimumCharge": 99}, Reason.PRICE_ABOVE_LIMIT),
        ({"cap": 1}, Reason.CHARGE_WRONG),
    ],
)
def test_a_lease_with_one_wrong_field_is_declined(changes: dict[str, Any], reason: Reason) -> None:
    assert reason_of(assignment(**changes)) is reason


def test_a_lease_that_pays_more_than_the_ask_is_taken() -> None:
    dearer = PRICES.model_copy(update={"fuel": PRICES.fuel + 1})
    cap = 10 * assignment().lease.message.cap
    assert reason_of(assignment(prices=dearer, cap=cap)) is None


def test_a_lease_that_ends_after_the_buyers_money_could_be_gone_is_declined() -> None:
    """A buyer who begins to thaw as the work begins could withdraw before it is settled."""
    under = replace(terms(), covered_seconds=3600)
    assert reason_of(assignment(deadline=NOW + 3600), under) is None
    assert reason_of(assignment(deadline=NOW + 3601), under) is Reason.NOT_FUNDED


def test_a_lease_of_an_order_whose_deadline_passed_is_declined() -> None:
    assert reason_of(assignment(order_changes={"deadline": NOW - 1})) is Reason.DEADLINE_PASSED


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("fuel", Reason.FUEL_LIMIT_TOO_SMALL),
        ("memoryBytes", Reason.MEMORY_TOO_SMALL),
        ("outputBytes", Reason.OUTPUT_TOO_LARGE),
        ("wallSeconds", Reason.WALL_LIMIT_TOO_SMALL),
    ],
)
def test_a_task_that_may_take_more_than_the_node_lends_is_declined(limit: str, reason: Reason) -> None:
    larger = LIMITS.model_copy(update={limit: getattr(LIMITS, limit) + 1})
    assert reason_of(assignment(order_changes={"limits": larger}, cap=10**12)) is reason


def test_a_task_with_more_input_than_the_node_lends_is_declined() -> None:
    spec = job_of(TaskSpec(module="0x" + "0d" * 32, module_size=LIMITS.inputBytes + 1, arguments=[]))
    assert reason_of(assignment(spec)) is Reason.INPUT_TOO_LARGE


@pytest.mark.parametrize(
    ("paths", "taken"),
    [(["a", "b/c"], True), (["a", "a"], False), (["a", "a/b"], False), (["a/b", "a/b/c"], False)],
)
def test_inputs_that_would_lie_in_one_place_are_declined(paths: list[str], taken: bool) -> None:
    inputs = [BlobReference(path=path, hash="0x" + "0d" * 32, size=1) for path in paths]
    spec = job_of(TaskSpec(module="0x" + "0d" * 32, module_size=1, arguments=[], inputs=inputs))
    assert reason_of(assignment(spec)) is (None if taken else Reason.DOCUMENT_MALFORMED)


@pytest.mark.parametrize(
    "changes",
    [{"arguments": ["a\x00b"]}, {"environment": {"A=B": "c"}}, {"environment": {"A": "\x00"}}],
)
def test_arguments_that_no_program_can_get_are_declined(changes: dict[str, Any]) -> None:
    values: dict[str, Any] = {"module": "0x" + "0d" * 32, "module_size": 1, "arguments": []}
    assert reason_of(assignment(job_of(TaskSpec(**values | changes)))) is Reason.DOCUMENT_MALFORMED


def test_a_run_gets_the_orders_time_or_what_the_lease_leaves() -> None:
    lease = assignment().lease.message
    limits = Limits.model_validate(LIMITS.model_dump() | {"wallSeconds": 60})
    assert seconds_to_run(lease, limits, NOW) == 60
    assert seconds_to_run(lease, limits, DEADLINE - 100 - 11) == 10
