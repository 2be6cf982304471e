"""EpochAnchors.proveBookUnsorted."""

from suanli.protocol.anchoring import FaultReason
from tests.contracts.epoch_anchors.conftest import EPOCH, book_anchor, leaf, reverts, some_hash, tampered
from tests.contracts.signing import values

SORTED = sorted(some_hash(f"order {number}") for number in range(5))
SWAPPED = [SORTED[0], SORTED[2], SORTED[1], *SORTED[3:]]


def _prove(operation, anchored, first, second):
    return operation.contract.proveBookUnsorted(
        operation.operator, values(anchored), first, second, {"from": operation.reporter}
    )


def test_two_orders_that_do_not_ascend_cost_the_bond(operation, operator):
    anchored = book_anchor(SWAPPED)
    operation.anchor(anchored)
    receipt = _prove(operation, anchored, leaf(SWAPPED, 1), leaf(SWAPPED, 2))
    assert dict(receipt.events["BookUnsortedProved"]) == {
        "operator": operator,
        "epoch": EPOCH,
        "first": 1,
        "second": 2,
    }
    operation.check_slashed(receipt, FaultReason.BOOK_UNSORTED)
    operation.bond()
    fault = "0x" + EPOCH.to_bytes(32, "big").hex()
    with reverts("FaultAlreadyProved", operator, int(FaultReason.BOOK_UNSORTED), fault):
        _prove(operation, anchored, leaf(SWAPPED, 1), leaf(SWAPPED, 2))


def test_order_that_stands_twice_does_not_ascend(operation):
    twice = [SORTED[0], SORTED[1], SORTED[1]]
    anchored = book_anchor(twice)
    operation.anchor(anchored)
    operation.check_slashed(
        _prove(operation, anchored, leaf(twice, 1), leaf(twice, 2)), FaultReason.BOOK_UNSORTED
    )


def test_honest_book_ascends_whatever_is_shown(operation):
    anchored = book_anchor(SORTED)
    operation.anchor(anchored)
    for first, second in ((0, 1), (1, 0), (3, 3), (4, 0), (0, 4)):
        with reverts("BookSorted", SORTED[first], SORTED[second]):
            _prove(operation, anchored, leaf(SORTED, first), leaf(SORTED, second))


def test_leaf_or_anchor_changed_in_anything_convicts_nobody(operation, operator):
    anchored = book_anchor(SWAPPED)
    operation.anchor(anchored)
    first, second = leaf(SWAPPED, 1), leaf(SWAPPED, 2)
    for changed in ((0, *first[1:]), (1, SORTED[4], first[2]), (1, first[1], first[2][1:])):
        with reverts("LeafInvalid", anchored.bookRoot, changed[0], changed[1]):
            _prove(operation, anchored, changed, second)
    with reverts("LeafInvalid", anchored.bookRoot, 3, second[1]):
        _prove(operation, anchored, first, (3, *second[1:]))
    for changed in tampered(anchored):
        stored = anchored.id() if changed.epoch == EPOCH else "0x" + "0" * 64
        with reverts("AnchorUnknown", operator, changed.epoch, changed.id(), stored):
            _prove(operation, changed, first, second)
