"""A node signs only what its own books say: who pays how much for which serial, and into whose account."""

from collections.abc import Sequence

import pytest

from provider_agent.settlement import (
    Booked,
    Payee,
    Refusal,
    Way,
    judge_batch,
    judge_statement,
    own_part,
)
from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Statement
from suanli.protocol.netting import Batch, NettingTask, message, pack
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import marks_hash, marks_of, reference_of
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal
from tests.unit.protocol.strategies import KEYS

BUYER, NODE, STRANGER, OWNER = (key.address for key in KEYS[:4])
PAYEE = Payee(NODE, OWNER)
RECEIPTS = ["0x" + f"{number:02x}" * 32 for number in range(1, 4)]
SERIALS = dict(zip(RECEIPTS, (300, 301, 302), strict=True))


def task(receipt: str = RECEIPTS[0], **changes: object) -> NettingTask:
    values: dict[str, object] = {
        "buyer": BUYER,
        "node": NODE,
        "amount": 100,
        "receipt": receipt,
        "serial": SERIALS[receipt],
    }
    return NettingTask(**values | changes)  # type: ignore[arg-type]


def booked(receipt: str = RECEIPTS[0], **changes: object) -> Booked:
    values: dict[str, object] = {
        "receipt": receipt,
        "buyer": BUYER,
        "amount": 100,
        "serial": SERIALS[receipt],
    }
    return Booked(**values | changes)  # type: ignore[arg-type]


def by_id(*items: Booked) -> dict[str, Booked]:
    return {item.receipt: item for item in items or (booked(),)}


def batch(*tasks: NettingTask, payee: str = OWNER) -> BatchProposal:
    made = Batch(7, tasks, {NODE: payee, STRANGER: STRANGER})
    netting = message(made)
    return BatchProposal(
        id=netting.id(),
        netting=netting,
        packed="0x" + pack(made).hex(),
        parties=[*made.buyers(), *made.nodes()],
    )


def answer(proposal: BatchProposal, *items: Booked, epochs: dict[str, int] | None = None) -> Reason | None:
    """What the node says to a batch when these are its receipts."""
    books = {reference_of(item.receipt): item for item in items or (booked(),)}
    return reason(judge_batch(own_part(proposal, NODE), PAYEE, books, epochs or {}))


def reason(refusal: Refusal | None) -> Reason | None:
    return None if refusal is None else refusal.reason


def test_the_own_part_of_a_batch_is_found() -> None:
    other = task(RECEIPTS[1], node=STRANGER, amount=5)
    part = own_part(batch(task(), other), NODE)
    assert [(one.reference, one.amount, one.serial) for one in part.tasks] == [
        (reference_of(RECEIPTS[0]), 100, 300)
    ]
    assert (part.epoch, part.payee) == (7, OWNER)


def test_a_batch_that_says_something_else_than_its_message_is_refused() -> None:
    honest = batch(task())
    lie = batch(task(amount=1))
    for spoiled in (
        honest.model_copy(update={"packed": lie.packed}),
        honest.model_copy(update={"id": lie.id}),
        honest.model_copy(update={"packed": "0xzz"}),
    ):
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            own_part(spoiled, NODE)


def test_an_honest_batch_is_signed_with_and_without_a_chain() -> None:
    assert answer(batch(task()), epochs={BUYER: 6}) is None
    assert answer(batch(task())) is None


def test_a_batch_without_a_task_of_the_node_is_refused() -> None:
    assert answer(batch(task(node=STRANGER))) is Reason.BATCH_MISMATCH


def test_a_batch_that_pays_another_account_than_the_owners_is_refused() -> None:
    assert answer(batch(task(), payee=STRANGER)) is Reason.BATCH_MISMATCH


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (task(amount=99), Reason.CHARGE_WRONG),
        (task(buyer=STRANGER), Reason.CHARGE_WRONG),
        (task(serial=301), Reason.BATCH_MISMATCH),
        (task(RECEIPTS[2]), Reason.BATCH_MISMATCH),
    ],
)
def test_a_task_that_differs_from_the_books_is_refused(said: NettingTask, expected: Reason) -> None:
    assert answer(batch(said)) is expected


@pytest.mark.parametrize("way", Way)
def test_a_receipt_that_is_paid_is_not_netted_again(way: Way) -> None:
    assert answer(batch(task()), booked(paid=way)) is Reason.MESSAGE_REPLAYED


def test_a_receipt_under_a_claim_is_not_netted_or_stated() -> None:
    """Its serial is taken: the contracts would refuse everything that names it."""
    assert answer(batch(task()), booked(claimed=True)) is Reason.UNDER_CLAIM
    claimed = by_id(booked(claimed=True))
    assert reason(judge_statement(statement(RECEIPTS[:1], 100), PAYEE, claimed)) is Reason.UNDER_CLAIM


def test_an_epoch_that_the_buyer_has_taken_is_refused() -> None:
    assert answer(batch(task()), epochs={BUYER: 7}) is Reason.EPOCH_STALE


def statement(over: Sequence[str], total: int, **changes: object) -> StatementProposal:
    honest: dict[str, object] = {
        "buyer": BUYER,
        "node": NODE,
        "payee": OWNER,
        "amount": total,
        "receipts": len(over),
        "receiptsRoot": receipts_root(over),
        "marks": marks_hash(marks_of(SERIALS[one] for one in over)),
    }
    made = Statement.model_validate(honest | changes)
    return StatementProposal(id=made.id(), statement=made, receipts=list(over))


BOTH = by_id(booked(), booked(RECEIPTS[1], amount=50))


def test_an_honest_statement_is_signed_and_so_is_one_over_more_or_fewer_receipts() -> None:
    """A statement pays just its own receipts; the contracts see to it that none is paid by two of them."""
    for receipts, amount in ((RECEIPTS[:1], 100), (RECEIPTS[:2], 150), (RECEIPTS[1:2], 50)):
        assert judge_statement(statement(receipts, amount), PAYEE, BOTH) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amount": 149}, Reason.CHARGE_WRONG),
        ({"amount": 151}, Reason.CHARGE_WRONG),
        ({"node": STRANGER}, Reason.BATCH_MISMATCH),
        ({"payee": STRANGER}, Reason.BATCH_MISMATCH),
        ({"buyer": STRANGER}, Reason.BATCH_MISMATCH),
        ({"receipts": 1}, Reason.BATCH_MISMATCH),
        ({"receiptsRoot": "0x" + "00" * 32}, Reason.BATCH_MISMATCH),
        ({"marks": marks_hash(marks_of([300, 302]))}, Reason.BATCH_MISMATCH),
    ],
)
def test_a_statement_with_one_wrong_field_is_refused(changes: dict[str, object], expected: Reason) -> None:
    assert reason(judge_statement(statement(RECEIPTS[:2], 150, **changes), PAYEE, BOTH)) is expected


def test_a_statement_that_names_other_receipts_is_refused() -> None:
    honest = statement(RECEIPTS[:1], 100)
    lie = honest.model_copy(update={"receipts": RECEIPTS[1:2]})
    assert reason(judge_statement(lie, PAYEE, BOTH)) is Reason.BATCH_MISMATCH
    assert reason(judge_statement(statement(RECEIPTS[2:], 100), PAYEE, BOTH)) is Reason.BATCH_MISMATCH


def test_two_receipts_under_one_serial_are_not_stated_together() -> None:
    """Only one of them would be paid."""
    twins = by_id(booked(), booked(RECEIPTS[1], serial=300))
    proposal = statement(RECEIPTS[:2], 200, marks=marks_hash(marks_of([300])))
    assert reason(judge_statement(proposal, PAYEE, twins)) is Reason.BATCH_MISMATCH


@pytest.mark.parametrize("way", Way)
def test_a_paid_receipt_is_not_stated_again(way: Way) -> None:
    paid = by_id(booked(paid=way))
    assert reason(judge_statement(statement(RECEIPTS[:1], 100), PAYEE, paid)) is Reason.MESSAGE_REPLAYED
