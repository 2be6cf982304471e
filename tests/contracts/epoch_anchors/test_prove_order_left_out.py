"""EpochAnchors.proveOrderLeftOut."""

import pytest

from suanli.protocol.anchoring import FaultReason, neighbours_of
from tests.contracts.epoch_anchors.conftest import (
    EPOCH,
    as_tuple,
    book_anchor,
    honest_clearing,
    leaf,
    refusal,
    reverts,
    some_hash,
    tampered,
)
from tests.contracts.signing import values

OTHERS = sorted(some_hash(f"order {number}") for number in range(6))


def _prove(operation, order, anchored, neighbours, promise=None, signature=None):
    promise = promise or operation.promise(order, receivedAt=1)
    return operation.contract.proveOrderLeftOut(
        operation.operator,
        values(promise),
        signature or operation.signed(promise),
        values(order),
        values(anchored),
        neighbours,
        {"from": operation.reporter},
    )


def _order_at(operation, place):
    """An order whose id falls before number `place` of the others."""
    bounds = ["0x" + "0" * 64, *OTHERS, "0x" + "f" * 64]
    return next(
        order
        for order in (operation.order(nonce=nonce) for nonce in range(10_000))
        if bounds[place] < order.id() < bounds[place + 1]
    )


@pytest.mark.parametrize("place", [0, 3, 6])
def test_promised_order_that_the_book_lacks_costs_the_bond(operation, operator, alice, place):
    order = _order_at(operation, place)
    anchored = honest_clearing(EPOCH, OTHERS).anchor()
    operation.anchor(anchored)
    neighbours = [as_tuple(one) for one in neighbours_of(OTHERS, order.id())]
    receipt = _prove(operation, order, anchored, neighbours)
    assert dict(receipt.events["OrderLeftOutProved"]) == {
        "operator": operator,
        "epoch": EPOCH,
        "order": order.id(),
    }
    operation.check_slashed(receipt, FaultReason.ORDER_LEFT_OUT, alice)
    operation.bond()
    again = lambda: _prove(operation, order, anchored, neighbours)  # noqa: E731
    assert refusal(again) == "FaultAlreadyProved"


def test_empty_book_leaves_every_promised_order_out(operation, alice):
    anchored = honest_clearing(EPOCH, []).anchor()
    operation.anchor(anchored)
    receipt = _prove(operation, operation.order(), anchored, [])
    operation.check_slashed(receipt, FaultReason.ORDER_LEFT_OUT, alice)


def test_honest_book_is_not_convicted_by_any_leaves(operation):
    order = _order_at(operation, 3)
    book = sorted([*OTHERS, order.id()])
    anchored = honest_clearing(EPOCH, book).anchor()
    operation.anchor(anchored)
    shown = [leaf(book, index) for index in range(len(book))]
    choices = [[], [shown[0]], [shown[2]], [shown[3]], [shown[4]], [shown[-1]]]
    choices += [[shown[2], shown[4]], [shown[2], shown[3]], [shown[3], shown[4]], [shown[4], shown[2]]]
    choices += [[shown[2], shown[3], shown[4]]]
    for neighbours in choices:
        with reverts("OrderNotLeftOut", order.id()):
            _prove(operation, order, anchored, neighbours)


def test_leaf_changed_in_anything_is_not_under_the_root(operation):
    order = _order_at(operation, 3)
    anchored = honest_clearing(EPOCH, OTHERS).anchor()
    operation.anchor(anchored)
    lower, upper = (as_tuple(one) for one in neighbours_of(OTHERS, order.id()))
    index, hash_, proof = lower
    for changed in (
        (index + 1, hash_, proof),
        (index, some_hash("other"), proof),
        (index, hash_, proof[:-1]),
        (index, hash_, [*proof, hash_]),
        (index, hash_, [some_hash("other"), *proof[1:]]),
    ):
        with reverts("LeafInvalid", anchored.bookRoot, changed[0], changed[1]):
            _prove(operation, order, anchored, [changed, upper])


def test_anchor_other_than_the_stored_one_convicts_nobody(operation, operator):
    order = operation.order()
    stored = honest_clearing(EPOCH, [order.id()]).anchor()
    empty = honest_clearing(EPOCH, []).anchor()
    with reverts("AnchorUnknown", operator, EPOCH, empty.id(), "0x" + "0" * 64):
        _prove(operation, order, empty, [])
    operation.anchor(stored)
    for changed in (empty, *tampered(stored)):
        with reverts("AnchorUnknown", operator, EPOCH, changed.id(), stored.id()):
            _prove(operation, order, changed, [])


def test_book_of_another_epoch_convicts_nobody(operation, operator):
    order = operation.order()
    later = book_anchor(OTHERS, epoch=EPOCH + 1)
    operation.anchor(later)
    with reverts("AnchorUnknown", operator, EPOCH, later.id(), "0x" + "0" * 64):
        _prove(operation, order, later, [])


def test_promise_or_order_changed_in_any_field_convicts_nobody(operation, operator):
    order = operation.order()
    promise = operation.promise(order, receivedAt=1)
    anchored = honest_clearing(EPOCH, []).anchor()
    operation.anchor(anchored)
    for changed in tampered(promise):
        error = ("InvalidSignature", operator)
        if changed.order != promise.order:
            error = ("OrderMismatch", order.id(), changed.order)
        with reverts(*error):
            _prove(operation, order, anchored, [], changed, operation.signed(promise))
    for changed in tampered(order):
        with reverts("OrderMismatch", changed.id(), order.id()):
            _prove(operation, changed, anchored, [], promise)
