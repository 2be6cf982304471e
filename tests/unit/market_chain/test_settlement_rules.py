"""Who is paid together with whom, and who must wait."""

from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from market.core.settlement import (
    LARGEST_NETTED_AMOUNT,
    MOST_WORDS,
    Book,
    Due,
    Plan,
    drop,
    plan_batch,
    plan_statements,
    reserve,
    settles_bilaterally,
)
from suanli.protocol.merkle import receipts_root
from suanli.protocol.netting import pack, unpack
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import marks_hash, marks_of

ALICE, BOB, NODE, OTHER, OWNER = (to_checksum_address(bytes([number]) * 20) for number in range(1, 6))
RICH = {ALICE: 10**12, BOB: 10**12}
NOBODY_YET = {ALICE: 0, BOB: 0}


def receipt(number: int) -> str:
    return "0x" + number.to_bytes(32, "big").hex()


def due(
    number: int,
    buyer: str = ALICE,
    node: str = NODE,
    amount: int = 10,
    serial: int | None = None,
    misses: int = 0,
) -> Due:
    return Due(receipt(number), buyer, node, OWNER, number if serial is None else serial, amount, misses)


def planned(*dues: Due, limits: dict[str, int] = RICH, maximum: int = 100, **book: int) -> Plan:
    return plan_batch(Book(dues, limits, NOBODY_YET, **book), maximum)


def receipts(plan: Plan) -> list[str]:
    return [] if plan.batch is None else [task.receipt for task in plan.batch.tasks]


def test_receipts_of_all_buyers_share_one_batch_of_a_fresh_epoch() -> None:
    plan = planned(due(1), due(2, BOB, OTHER), last_epoch=7)
    assert plan.batch is not None
    assert (plan.batch.epoch, receipts(plan)) == (8, [receipt(1), receipt(2)])
    assert plan.batch.payees == {NODE: OWNER, OTHER: OWNER}


def test_a_fresh_epoch_exceeds_what_a_buyer_consumed_on_its_own() -> None:
    plan = plan_batch(Book([due(1)], RICH, {ALICE: 41}, last_epoch=7), 100)
    assert plan.batch is not None
    assert plan.batch.epoch == 42


def test_an_epoch_ahead_of_the_clock_waits() -> None:
    assert planned(due(1), last_epoch=99, latest_epoch=99).batch is None
    assert receipts(planned(due(1), last_epoch=98, latest_epoch=99)) == [receipt(1)]


def test_a_buyer_without_money_is_left_out_with_the_reason() -> None:
    plan = planned(due(1), due(2, amount=3), due(3, BOB), limits={ALICE: 12, BOB: 0})
    assert receipts(plan) == [receipt(1)]
    assert {(one.receipt, one.reason) for one in plan.left_out} == {
        (receipt(2), Reason.BALANCE_TOO_SMALL),
        (receipt(3), Reason.BALANCE_TOO_SMALL),
    }


def test_what_does_not_fit_the_batch_waits_for_the_next() -> None:
    plan = planned(*(due(number) for number in range(9)), maximum=4)
    assert receipts(plan) == [receipt(at) for at in range(4)]


def test_at_most_255_nodes_fit_a_batch() -> None:
    nodes = [to_checksum_address(number.to_bytes(20, "big")) for number in range(1, 300)]
    plan = planned(*(due(at, node=node) for at, node in enumerate(nodes)), maximum=1000)
    assert plan.batch is not None
    assert len(plan.batch.nodes()) == 255
    assert pack(plan.batch)


def test_serials_out_of_the_oldest_receipts_reach_wait_for_a_later_batch() -> None:
    first = due(1, serial=300)
    last_in_reach = due(2, BOB, serial=255 * 256 + 255)
    beyond = due(3, serial=256 * 256)
    before = due(4, serial=255)
    plan = planned(first, last_in_reach, beyond, before, due(5, node=OTHER, serial=1 << 40))
    assert receipts(plan) == [receipt(1), receipt(2), receipt(5)]
    assert plan.batch is not None
    words = unpack(pack(plan.batch)).words
    assert words == {NODE: range(1, 256), OTHER: range(1 << 32, (1 << 32) + 1)}


def test_scattered_serials_are_spread_over_batches_that_fit_a_transaction() -> None:
    scattered = [due(at, serial=at * 256) for at in range(200)]
    scattered += [due(1000 + at, node=OTHER, serial=at * 256) for at in range(200)]
    assert len(receipts(planned(*scattered, maximum=1000))) == MOST_WORDS


def test_an_amount_over_eight_bytes_goes_by_statement_at_once() -> None:
    large = due(1, amount=LARGEST_NETTED_AMOUNT + 1)
    assert planned(large, limits={ALICE: 1 << 100}).batch is None
    assert settles_bilaterally(large, misses_needed=2)


def test_a_silent_party_takes_all_its_receipts_out_under_the_same_epoch() -> None:
    dues = [due(1), due(2, BOB), due(3, BOB, OTHER)]
    smaller = drop(4, dues, {BOB})
    assert smaller is not None
    assert (smaller.epoch, [task.receipt for task in smaller.tasks]) == (4, [receipt(1)])
    assert smaller.payees == {NODE: OWNER}
    assert drop(4, dues, {NODE, OTHER}) is None


def test_a_receipt_goes_bilateral_after_enough_misses_unless_it_costs_nothing() -> None:
    assert not settles_bilaterally(due(1, misses=1), misses_needed=2)
    assert settles_bilaterally(due(1, misses=2), misses_needed=2)
    assert not settles_bilaterally(due(1, amount=0, misses=9), misses_needed=2)


def test_a_statement_pays_its_own_list_to_the_nodes_owner() -> None:
    (plan,) = plan_statements([due(2, amount=5, serial=200), due(3, amount=7, serial=4)], RICH)
    assert plan.receipts == (receipt(2), receipt(3))
    assert (plan.statement.amount, plan.statement.receipts, plan.statement.payee) == (12, 2, OWNER)
    assert plan.statement.receiptsRoot == receipts_root([receipt(2), receipt(3)])
    assert plan.statement.marks == marks_hash(marks_of([4, 200]))


def test_each_statement_is_over_one_word_of_one_pair() -> None:
    dues = [due(1, serial=4), due(2, serial=256), due(3, BOB, serial=5), due(4, node=OTHER, serial=4)]
    plans = plan_statements([*dues, due(5, serial=255)], RICH)
    listed = [plan.receipts for plan in plans]
    assert listed == [(receipt(1), receipt(5)), (receipt(2),), (receipt(3),), (receipt(4),)]


def test_statements_of_one_buyer_share_its_purse() -> None:
    plans = plan_statements([due(1), due(2, node=OTHER)], {ALICE: 15})
    assert [plan.receipts for plan in plans] == [(receipt(1),)]


def test_a_reservation_pays_its_own_orders_receipts_as_far_as_it_goes() -> None:
    mine, theirs = "0x" + "aa" * 32, "0x" + "bb" * 32
    dues = [due(1), due(2, amount=7), due(3, amount=2), due(4), due(5, amount=0)]
    orders = {receipt(number): mine for number in (1, 2, 3, 5)} | {receipt(4): theirs}
    marked = reserve(dues, orders, {mine: 12})
    assert [one.reservation for one in marked] == [mine, None, mine, None, None]
    assert [settles_bilaterally(one, 2) for one in marked] == [True, False, True, False, False]


def test_what_a_reservation_pays_has_statements_of_its_own_and_spares_the_account() -> None:
    order = "0x" + "aa" * 32
    dues = reserve([due(1), due(2)], {receipt(1): order, receipt(2): "0x" + "bb" * 32}, {order: 10})
    plans = plan_statements(dues, {ALICE: 10})
    assert [(plan.receipts, plan.reservation) for plan in plans] == [
        ((receipt(1),), order),
        ((receipt(2),), None),
    ]


parties = st.sampled_from([ALICE, BOB])
nodes = st.sampled_from([NODE, OTHER])
some_dues = st.lists(st.tuples(parties, nodes, st.integers(0, 50), st.integers(0, 1 << 18)), max_size=40)


@given(some_dues, st.integers(0, 500), st.integers(1, 30))
def test_every_plan_can_be_packed_and_asks_no_buyer_for_more_than_it_has(
    drawn: list[tuple[str, str, int, int]], purse: int, maximum: int
) -> None:
    serials = {(node, serial): (buyer, amount) for buyer, node, amount, serial in drawn}
    dues = [
        due(at, buyer, node, amount, serial)
        for at, ((node, serial), (buyer, amount)) in enumerate(serials.items())
    ]
    batch = planned(*dues, limits={ALICE: purse, BOB: purse}, maximum=maximum).batch
    if batch is None:
        assert not dues or all(one.amount > purse for one in dues)
        return
    assert unpack(pack(batch)).payees == batch.payees
    assert len(batch.tasks) <= maximum
    for buyer in batch.buyers():
        assert sum(task.amount for task in batch.tasks if task.buyer == buyer) <= purse
