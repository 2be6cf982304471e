"""Who is paid together with whom, and who must wait."""

from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from market.core.settlement import (
    LARGEST_NETTED_AMOUNT,
    Book,
    Due,
    Listed,
    drop,
    may_settle_bilaterally,
    plan_batches,
    plan_statements,
)
from suanli.protocol.merkle import receipts_root
from suanli.protocol.netting import pack
from suanli.protocol.reasons import Reason

ALICE, BOB, NODE, OTHER = (to_checksum_address(bytes([number]) * 20) for number in range(1, 5))
RICH = {ALICE: 10**12, BOB: 10**12}
NOBODY_YET = {ALICE: 0, BOB: 0}


def receipt(number: int) -> str:
    return "0x" + number.to_bytes(32, "big").hex()


def due(number: int, buyer: str = ALICE, node: str = NODE, amount: int = 10, **history: int) -> Due:
    return Due(receipt(number), buyer, node, amount, **history)


def batches(
    *dues: Due, limits: dict[str, int] = RICH, maximum: int = 100, **book: object
) -> dict[int, list[str]]:
    plan = plan_batches(Book(dues, limits, NOBODY_YET, **book), maximum)  # type: ignore[arg-type]
    return {batch.epoch: [task.receipt for task in batch.tasks] for batch in plan.batches}


def test_receipts_of_all_buyers_share_one_batch_of_a_fresh_epoch() -> None:
    assert batches(due(1), due(2, BOB, OTHER), last_epoch=7) == {8: [receipt(1), receipt(2)]}


def test_a_fresh_epoch_exceeds_what_a_buyer_consumed_on_its_own() -> None:
    plan = plan_batches(Book([due(1)], RICH, {ALICE: 41}, last_epoch=7), 100)
    assert [batch.epoch for batch in plan.batches] == [42]


def test_a_receipt_is_proposed_again_only_under_its_unconsumed_epoch() -> None:
    assert batches(due(1, pinned=5), due(2, BOB), last_epoch=7) == {5: [receipt(1)], 8: [receipt(2)]}


def test_new_receipts_of_a_pinned_buyer_join_the_pinned_epoch() -> None:
    assert batches(due(1, pinned=5), due(2), last_epoch=7) == {5: [receipt(1), receipt(2)]}


def test_a_receipt_pinned_to_a_lower_epoch_waits_for_the_higher_one_to_consume_it() -> None:
    assert batches(due(1, pinned=5), due(2, pinned=6), last_epoch=7) == {6: [receipt(2)]}


def test_an_epoch_ahead_of_the_clock_waits() -> None:
    assert batches(due(1), last_epoch=99, latest_epoch=99) == {}
    assert batches(due(1), last_epoch=98, latest_epoch=99) == {99: [receipt(1)]}


def test_a_buyer_without_money_is_left_out_with_the_reason() -> None:
    plan = plan_batches(Book([due(1), due(2, amount=3), due(3, BOB)], {ALICE: 12, BOB: 0}, NOBODY_YET), 100)
    assert [task.receipt for task in plan.batches[0].tasks] == [receipt(1)]
    assert {(one.receipt, one.reason) for one in plan.left_out} == {
        (receipt(2), Reason.BALANCE_TOO_SMALL),
        (receipt(3), Reason.BALANCE_TOO_SMALL),
    }


def test_what_does_not_fit_the_batch_waits_for_the_next() -> None:
    assert batches(*(due(number) for number in range(9)), maximum=4) == {1: [receipt(at) for at in range(4)]}


def test_at_most_255_nodes_fit_a_batch() -> None:
    nodes = [to_checksum_address(number.to_bytes(20, "big")) for number in range(1, 300)]
    plan = plan_batches(Book([due(at, node=node) for at, node in enumerate(nodes)], RICH, NOBODY_YET), 1000)
    assert len(plan.batches[0].nodes()) == 255
    assert pack(plan.batches[0])


def test_an_amount_over_eight_bytes_goes_by_statement_at_once() -> None:
    large = due(1, amount=LARGEST_NETTED_AMOUNT + 1)
    assert batches(large, limits={ALICE: 1 << 100}) == {}
    assert may_settle_bilaterally(large, misses_needed=2)


def test_a_silent_party_takes_all_its_receipts_out_under_the_same_epoch() -> None:
    (batch,) = plan_batches(
        Book([due(1), due(2, BOB), due(3, BOB, OTHER)], RICH, NOBODY_YET, last_epoch=3), 100
    ).batches
    smaller = drop(batch, {BOB})
    assert smaller is not None
    assert (smaller.epoch, [task.receipt for task in smaller.tasks]) == (batch.epoch, [receipt(1)])
    assert drop(batch, {NODE, OTHER}) is None


def test_a_receipt_goes_bilateral_only_when_no_netting_with_it_can_land() -> None:
    assert not may_settle_bilaterally(due(1, misses=1), misses_needed=2)
    assert not may_settle_bilaterally(due(1, misses=5, pinned=4), misses_needed=2)
    assert may_settle_bilaterally(due(1, misses=2), misses_needed=2)


def test_a_statement_continues_the_pairs_list_and_sum() -> None:
    listed = {(ALICE, NODE): Listed((receipt(1),), 10)}
    (plan,) = plan_statements([due(2, amount=5), due(3, amount=7)], listed, RICH)
    assert plan.receipts == (receipt(1), receipt(2), receipt(3))
    assert (plan.statement.amount, plan.statement.receipts) == (22, 3)
    assert plan.statement.receiptsRoot == receipts_root(list(plan.receipts))


def test_statements_of_one_buyer_share_its_purse() -> None:
    plans = plan_statements([due(1), due(2, node=OTHER)], {}, {ALICE: 15})
    assert [plan.receipts for plan in plans] == [(receipt(1),)]


parties = st.sampled_from([ALICE, BOB])
nodes = st.sampled_from([NODE, OTHER])
some_dues = st.lists(st.tuples(parties, nodes, st.integers(0, 50)), max_size=40)


@given(some_dues, st.integers(0, 500), st.integers(1, 30))
def test_no_buyer_is_ever_asked_for_more_than_it_has(
    drawn: list[tuple[str, str, int]], purse: int, maximum: int
) -> None:
    dues = [due(at, buyer, node, amount) for at, (buyer, node, amount) in enumerate(drawn)]
    plan = plan_batches(Book(dues, {ALICE: purse, BOB: purse}, NOBODY_YET), maximum)
    for batch in plan.batches:
        assert len(batch.tasks) <= maximum
        for buyer in batch.buyers():
            assert sum(task.amount for task in batch.tasks if task.buyer == buyer) <= purse
