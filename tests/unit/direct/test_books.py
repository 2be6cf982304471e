"""Which leaves convict an operator: found for every book that is crooked, for none that is straight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.direct.books import miscounted_leaf, neighbours, unsorted_leaves
from suanli.protocol.anchoring import NOTHING, root_of
from suanli.protocol.errors import ClientError
from suanli.protocol.merkle import MerkleTree
from suanli.protocol.messages import EpochAnchor
from suanli.protocol.reasons import Reason

IDS = ["0x" + number.to_bytes(32, "big").hex() for number in range(1, 40)]


def anchor(orders: list[str], count: int | None = None) -> EpochAnchor:
    """An anchor over a book, with its own or another count."""
    return EpochAnchor(
        epoch=1,
        bookRoot=root_of(orders),
        matchRoot=NOTHING,
        prices=NOTHING,
        orders=len(orders) if count is None else count,
        leases=0,
        evidence=NOTHING,
    )


@given(st.integers(1, 39), st.integers(0, 60))
def test_a_false_count_is_shown_by_a_leaf_that_cannot_lie_there(size: int, count: int) -> None:
    """As `Books.siblings` counts: an odd node moves up without a sibling."""
    orders = IDS[:size]
    if count == size:
        with pytest.raises(ClientError):
            miscounted_leaf(orders, anchor(orders, count))
        return
    index, _, proof = miscounted_leaf(orders, anchor(orders, count))
    honest = len(MerkleTree(IDS[:1] * count).proof(index)) if index < count else None
    assert honest is None or honest != len(proof)


@given(st.permutations(IDS[:9]))
def test_a_book_out_of_order_is_shown_by_two_leaves(orders: list[str]) -> None:
    if orders == sorted(orders):
        with pytest.raises(ClientError):
            unsorted_leaves(orders, anchor(orders))
        return
    first, second = unsorted_leaves(orders, anchor(orders))
    assert first[0] < second[0]
    assert first[1] > second[1]


def test_what_is_in_the_book_was_not_left_out_and_another_book_convicts_nobody() -> None:
    with pytest.raises(ClientError) as refusal:
        neighbours(IDS[:3], anchor(IDS[:3]), IDS[1])
    assert refusal.value.reason is Reason.EVIDENCE_CONTRADICTS
    with pytest.raises(ClientError) as refusal:
        neighbours(IDS[:3], anchor(IDS[:4]), IDS[9])
    assert refusal.value.reason is Reason.HASH_MISMATCH
    assert neighbours([], anchor([]), IDS[0]) == []
    assert [leaf[0] for leaf in neighbours([IDS[0], IDS[2]], anchor([IDS[0], IDS[2]]), IDS[1])] == [0, 1]
