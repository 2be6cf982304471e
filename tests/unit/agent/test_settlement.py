"""A node signs only what its own books say, and never two ways to pay one receipt."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.settlement import (
    Booked,
    Refusal,
    Verdict,
    Wait,
    Way,
    judge_batch,
    judge_statement,
    own_tasks,
)
from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Statement
from suanli.protocol.netting import Batch, NettingTask, message, pack
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal
from tests.unit.protocol.strategies import KEYS

BUYER, NODE, STRANGER = (key.address for key in KEYS[:3])
RECEIPTS = [f"0x{number:064x}" for number in range(1, 4)]
TASK = NettingTask(BUYER, NODE, 100, RECEIPTS[0])


def booked(receipt: str = RECEIPTS[0], **changes: object) -> Booked:
    values: dict[str, object] = {"receipt": receipt, "buyer": BUYER, "amount": 100}
    return Booked(**values | changes)  # type: ignore[arg-type]


def books(*items: Booked) -> dict[str, Booked]:
    return {item.receipt: item for item in items or (booked(),)}


def batch(*tasks: NettingTask, epoch: int = 7) -> BatchProposal:
    made = Batch(epoch, tasks)
    netting = message(made)
    return BatchProposal(
        id=netting.id(),
        netting=netting,
        packed="0x" + pack(made).hex(),
        parties=[*made.buyers(), *made.nodes()],
    )


def reason(verdict: Verdict) -> Reason | None:
    return verdict.reason if isinstance(verdict, Refusal) else None


def test_the_own_tasks_of_a_batch_are_found() -> None:
    other = NettingTask(BUYER, STRANGER, 5, RECEIPTS[1])
    assert own_tasks(batch(TASK, other), NODE) == [TASK]


def test_a_batch_that_says_something_else_than_its_message_is_refused() -> None:
    honest = batch(TASK)
    lie = batch(NettingTask(BUYER, NODE, 1, RECEIPTS[0]))
    for spoiled in (
        honest.model_copy(update={"packed": lie.packed}),
        honest.model_copy(update={"id": lie.id}),
        honest.model_copy(update={"packed": "0xzz"}),
    ):
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            own_tasks(spoiled, NODE)


def test_an_honest_batch_is_signed() -> None:
    assert judge_batch(7, [TASK], books(), {BUYER: 6}) is None


def test_a_batch_without_a_task_of_the_node_is_refused() -> None:
    assert reason(judge_batch(7, [], books(), {})) is Reason.BATCH_MISMATCH


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (NettingTask(BUYER, NODE, 99, RECEIPTS[0]), Reason.CHARGE_WRONG),
        (NettingTask(STRANGER, NODE, 100, RECEIPTS[0]), Reason.CHARGE_WRONG),
        (NettingTask(BUYER, NODE, 100, RECEIPTS[2]), Reason.BATCH_MISMATCH),
    ],
)
def test_a_task_that_differs_from_the_books_is_refused(task: NettingTask, expected: Reason) -> None:
    assert reason(judge_batch(7, [task], books(), {BUYER: 6})) is expected


@pytest.mark.parametrize("changes", [{"paid": Way.NETTING}, {"paid": Way.STATEMENT}, {"in_statement": True}])
def test_a_receipt_that_is_paid_or_in_a_statement_is_not_netted(changes: dict[str, object]) -> None:
    assert reason(judge_batch(7, [TASK], books(booked(**changes)), {BUYER: 6})) is Reason.BATCH_MISMATCH


def test_an_epoch_that_the_buyer_has_taken_is_refused() -> None:
    assert reason(judge_batch(7, [TASK], books(), {BUYER: 7})) is Reason.EPOCH_STALE


def test_a_receipt_stands_in_variants_of_one_epoch_only() -> None:
    again = books(booked(epochs=frozenset({7})))
    assert judge_batch(7, [TASK], again, {BUYER: 6}) is None
    assert isinstance(judge_batch(8, [TASK], again, {BUYER: 6}), Wait)
    assert judge_batch(8, [TASK], again, {BUYER: 7}) is None


def test_without_a_chain_only_a_receipts_first_batch_is_signed() -> None:
    assert judge_batch(7, [TASK], books(), {}) is None
    assert isinstance(judge_batch(8, [TASK], books(booked(epochs=frozenset({7}))), {}), Wait)


def statement(receipts: Sequence[str], amount: int, node: str = NODE) -> StatementProposal:
    made = Statement(
        buyer=BUYER, node=node, amount=amount, receipts=len(receipts), receiptsRoot=receipts_root(receipts)
    )
    return StatementProposal(id=made.id(), statement=made, receipts=list(receipts))


BOTH = books(booked(), booked(RECEIPTS[1], amount=50))


def test_an_honest_statement_is_signed_and_may_grow() -> None:
    assert judge_statement(statement(RECEIPTS[:1], 100), NODE, BOTH, [], {BUYER: 0}) is None
    stated = books(booked(in_statement=True, paid=Way.STATEMENT), booked(RECEIPTS[1], amount=50))
    assert judge_statement(statement(RECEIPTS[:2], 150), NODE, stated, RECEIPTS[:1], {BUYER: 0}) is None


def test_a_statement_must_keep_what_the_last_one_had() -> None:
    shorter = statement(RECEIPTS[1:2], 50)
    assert reason(judge_statement(shorter, NODE, BOTH, RECEIPTS[:1], {})) is Reason.BATCH_MISMATCH


def test_a_statement_whose_sum_is_wrong_is_refused() -> None:
    assert reason(judge_statement(statement(RECEIPTS[:2], 149), NODE, BOTH, [], {})) is Reason.CHARGE_WRONG


def test_a_statement_for_somebody_else_or_with_another_root_is_refused() -> None:
    assert reason(judge_statement(statement(RECEIPTS[:1], 100, STRANGER), NODE, BOTH, [], {}))
    honest = statement(RECEIPTS[:1], 100)
    lie = honest.model_copy(update={"receipts": RECEIPTS[1:2]})
    assert reason(judge_statement(lie, NODE, BOTH, [], {})) is Reason.BATCH_MISMATCH


def test_a_netted_receipt_moves_to_a_statement_only_when_its_batch_is_dead() -> None:
    proposed = books(booked(epochs=frozenset({7})))
    proposal = statement(RECEIPTS[:1], 100)
    for seen in ({}, {BUYER: 6}):
        verdict = judge_statement(proposal, NODE, proposed, [], seen)
        assert isinstance(verdict, Wait), "the market may have seen more of the chain"
    assert judge_statement(proposal, NODE, proposed, [], {BUYER: 7}) is None
    paid = books(booked(epochs=frozenset({7}), paid=Way.NETTING))
    assert reason(judge_statement(proposal, NODE, paid, [], {BUYER: 7})) is Reason.BATCH_MISMATCH


@given(
    st.lists(
        st.tuples(st.sampled_from(["batch", "statement", "chain"]), st.integers(1, 5)),
        min_size=1,
        max_size=30,
    )
)
def test_no_receipt_is_ever_in_two_signed_ways_that_can_both_land(events: list[tuple[str, int]]) -> None:
    """Signs whatever the rules allow; lets the chain take any signed batch or none; nothing pays twice."""
    signed_epochs: set[int] = set()
    in_statement, reached, paid = False, 0, None
    for kind, epoch in events:
        mine = books(booked(epochs=frozenset(signed_epochs), in_statement=in_statement, paid=paid))
        if kind == "batch" and judge_batch(epoch, [TASK], mine, {BUYER: reached}) is None:
            signed_epochs.add(epoch)
        elif kind == "statement":
            signed = RECEIPTS[:1] if in_statement else []
            proposal = statement(RECEIPTS[:1], 100)
            in_statement |= judge_statement(proposal, NODE, mine, signed, {BUYER: reached}) is None
        elif kind == "chain" and epoch > reached:
            reached = epoch
            if epoch in signed_epochs:
                paid = Way.NETTING
        can_land = {epoch for epoch in signed_epochs if epoch > reached}
        ways = len(can_land) + in_statement + (paid is not None)
        assert ways <= 1
