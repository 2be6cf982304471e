"""Anchors: what their leaves prove, that they prove nothing against an honest book, and that lies show."""

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from suanli.protocol.anchoring import (
    NOTHING,
    AnchoredClearing,
    BookLeaf,
    anchored_clearing,
    is_miscounted,
    is_unsorted,
    leaf_of,
    leaves_out,
    neighbours_of,
    root_of,
    siblings,
)
from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import MerkleTree
from suanli.protocol.messages import EpochAnchor, Lease, Prices
from suanli.protocol.reasons import Reason
from tests.unit.protocol.strategies import hashes, structs

books = st.lists(hashes, unique=True, max_size=20).map(sorted)
full_books = st.lists(hashes, unique=True, min_size=1, max_size=20).map(sorted)


def _anchor(orders: list[str], count: int | None = None) -> EpochAnchor:
    return (
        anchored_clearing(7, NOTHING, NOTHING, orders, [])
        .anchor()
        .model_copy(update={"bookRoot": root_of(orders), "orders": len(orders) if count is None else count})
    )


def _leaves(orders: list[str]) -> list[BookLeaf]:
    tree = MerkleTree(orders)
    return [BookLeaf(index, order, tuple(tree.proof(index))) for index, order in enumerate(orders)]


@given(books, hashes)
def test_buyer_shows_that_a_book_leaves_the_order_out(orders: list[str], order: str) -> None:
    if order in orders:
        orders.remove(order)
    assert leaves_out(_anchor(orders), order, neighbours_of(orders, order))


@given(full_books, st.data())
def test_no_leaves_show_that_an_honest_book_leaves_out_what_it_has(
    orders: list[str], data: st.DataObject
) -> None:
    order = data.draw(st.sampled_from(orders))
    leaves = _leaves(orders)
    chosen = data.draw(st.lists(st.sampled_from(leaves), max_size=2))
    assert not leaves_out(_anchor(orders), order, chosen)
    with pytest.raises(ProtocolError) as refused:
        neighbours_of(orders, order)
    assert refused.value.reason is Reason.DOCUMENT_MALFORMED


@given(st.lists(hashes, unique=True, min_size=3, max_size=20).map(sorted), st.data())
def test_leaves_around_a_booked_order_do_not_show_it_left_out(orders: list[str], data: st.DataObject) -> None:
    leaves, place = _leaves(orders), data.draw(st.integers(1, len(orders) - 2))
    assert not leaves_out(_anchor(orders), orders[place], [leaves[place - 1], leaves[place + 1]])


@given(full_books, st.data())
def test_auditor_finds_each_order_under_the_root_and_no_other(orders: list[str], data: st.DataObject) -> None:
    order, other = data.draw(st.sampled_from(orders)), data.draw(hashes)
    assert leaf_of(orders, order).is_under(root_of(orders))
    if other not in orders:
        with pytest.raises(ProtocolError) as refused:
            leaf_of(orders, other)
        assert refused.value.reason is Reason.NOT_FOUND


@given(full_books, st.data())
def test_honest_book_is_neither_unsorted_nor_miscounted(orders: list[str], data: st.DataObject) -> None:
    first, second = (data.draw(st.sampled_from(_leaves(orders))) for _ in range(2))
    assert not is_unsorted(_anchor(orders), first, second)
    assert not is_miscounted(_anchor(orders), first)


@given(st.lists(hashes, min_size=2, max_size=20))
def test_two_leaves_show_any_book_that_does_not_ascend(orders: list[str]) -> None:
    anchor, leaves = _anchor(orders), _leaves(orders)
    ascends = all(one < other for one, other in itertools.pairwise(orders))
    pairs = itertools.pairwise(leaves)
    assert any(is_unsorted(anchor, one, other) for one, other in pairs) is not ascends


@given(full_books, st.integers(0, 40) | st.integers(0, 2**32 - 1))
def test_some_leaf_shows_every_false_count(orders: list[str], count: int) -> None:
    anchor = _anchor(orders, count)
    assert any(is_miscounted(anchor, leaf) for leaf in _leaves(orders)) is (count != len(orders))


@pytest.mark.parametrize("size", range(1, 70))
def test_siblings_are_those_of_the_tree(size: int) -> None:
    leaves = _leaves([f"0x{index:064x}" for index in range(size)])
    assert [siblings(leaf.index, size) for leaf in leaves] == [len(leaf.proof) for leaf in leaves]


@given(st.lists(hashes, max_size=5), st.lists(structs(Lease), max_size=5), st.randoms())
def test_anchor_does_not_depend_on_the_order_of_rows(
    orders: list[str], leases: list[Lease], random: Random
) -> None:
    first = anchored_clearing(3, NOTHING, NOTHING, orders, leases)
    random.shuffle(orders)
    random.shuffle(leases)
    second = anchored_clearing(3, NOTHING, NOTHING, orders, leases)
    assert first.anchor() == second.anchor()
    assert AnchoredClearing.parse(first.canonical()).anchor() == first.anchor()


def test_anchor_of_an_idle_epoch_has_no_roots() -> None:
    anchor = anchored_clearing(3, NOTHING, NOTHING, [], []).anchor()
    assert (anchor.bookRoot, anchor.matchRoot, anchor.prices) == (NOTHING, NOTHING, NOTHING)
    assert (anchor.orders, anchor.leases) == (0, 0)


@given(structs(Lease), structs(Prices))
def test_auditor_notices_a_changed_price(lease: Lease, prices: Prices) -> None:
    honest = anchored_clearing(3, NOTHING, NOTHING, [], [lease])
    changed = honest.model_copy(update={"prices": (prices,)})
    assert (changed.anchor().prices == honest.anchor().prices) is (prices == lease.prices)


@given(st.lists(hashes, min_size=2, max_size=5, unique=True))
def test_evidence_with_orders_out_of_order_is_refused(orders: list[str]) -> None:
    with pytest.raises(ValidationError):
        AnchoredClearing(
            epoch=1,
            clearing=NOTHING,
            book=NOTHING,
            orders=tuple(sorted(orders, reverse=True)),
            leases=(),
            prices=(),
        )
