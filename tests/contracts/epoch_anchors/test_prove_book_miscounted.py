"""EpochAnchors.proveBookMiscounted."""

import pytest

from suanli.protocol.anchoring import FaultReason
from tests.contracts.epoch_anchors.conftest import EPOCH, book_anchor, leaf, reverts, some_hash, tampered
from tests.contracts.signing import values

BOOK = sorted(some_hash(f"order {number}") for number in range(5))
LAST = len(BOOK) - 1


def _prove(operation, anchored, shown):
    return operation.contract.proveBookMiscounted(
        operation.operator, values(anchored), shown, {"from": operation.reporter}
    )


@pytest.mark.parametrize("count", [0, 4, 6, 8, 2**32 - 1])
def test_last_leaf_shows_a_false_count_and_costs_the_bond(operation, operator, count):
    anchored = book_anchor(BOOK, count)
    operation.anchor(anchored)
    receipt = _prove(operation, anchored, leaf(BOOK, LAST))
    assert dict(receipt.events["BookMiscountedProved"]) == {
        "operator": operator,
        "epoch": EPOCH,
        "index": LAST,
        "orders": count,
    }
    operation.check_slashed(receipt, FaultReason.BOOK_MISCOUNTED)
    operation.bond()
    fault = "0x" + EPOCH.to_bytes(32, "big").hex()
    with reverts("FaultAlreadyProved", operator, int(FaultReason.BOOK_MISCOUNTED), fault):
        _prove(operation, anchored, leaf(BOOK, LAST))


def test_honest_count_is_not_convicted_by_any_leaf(operation):
    anchored = book_anchor(BOOK)
    operation.anchor(anchored)
    for index in range(len(BOOK)):
        with reverts("BookCounted", index, len(BOOK)):
            _prove(operation, anchored, leaf(BOOK, index))


def test_leaf_or_anchor_changed_in_anything_convicts_nobody(operation, operator):
    anchored = book_anchor(BOOK)
    operation.anchor(anchored)
    _, hash_, proof = leaf(BOOK, 1)
    for changed in ((9, hash_, proof), (1, BOOK[2], proof), (1, hash_, proof[1:])):
        with reverts("LeafInvalid", anchored.bookRoot, changed[0], changed[1]):
            _prove(operation, anchored, changed)
    for changed in tampered(anchored):
        stored = anchored.id() if changed.epoch == EPOCH else "0x" + "0" * 64
        with reverts("AnchorUnknown", operator, changed.epoch, changed.id(), stored):
            _prove(operation, changed, leaf(BOOK, LAST))
