"""EpochAnchors.proveNotAnchored."""

import pytest
from brownie import chain

from suanli.protocol.anchoring import FaultReason
from tests.contracts.clock import next_block_at
from tests.contracts.epoch_anchors.conftest import EPOCH, book_anchor, refusal, reverts, tampered
from tests.contracts.signing import values


@pytest.fixture
def grace(operation):
    """Seconds within which a promised epoch must be anchored."""
    return int(operation.contract.anchorGraceSeconds())


def _prove(operation, promise, order=None, signature=None):
    return operation.contract.proveNotAnchored(
        operation.operator,
        values(promise),
        signature or operation.signed(promise),
        values(order or operation.order()),
        {"from": operation.reporter},
    )


def test_promise_of_an_epoch_that_never_came_costs_the_bond(operation, operator, alice, grace):
    promise = operation.promise()
    chain.sleep(grace + 10)
    receipt = _prove(operation, promise)
    assert dict(receipt.events["NotAnchoredProved"]) == {
        "operator": operator,
        "epoch": EPOCH,
        "order": promise.order,
    }
    operation.check_slashed(receipt, FaultReason.NOT_ANCHORED, alice)
    operation.bond()
    assert refusal(lambda: _prove(operation, promise)) == "PromiseBeforeBond"


def test_operator_may_anchor_until_the_last_second_of_the_grace(operation, operator, grace):
    promise = operation.promise(receivedAt=chain[-1].timestamp)
    due_at = promise.receivedAt + grace
    next_block_at(due_at)
    with reverts("AnchorNotMissing", operator, EPOCH, due_at):
        _prove(operation, promise)
    next_block_at(due_at + 1)
    _prove(operation, promise)


def test_operator_that_anchored_the_epoch_has_kept_this_part(operation, operator, grace):
    promise = operation.promise()
    operation.anchor(book_anchor([promise.order]))
    chain.sleep(grace + 10)
    with reverts("AnchorNotMissing", operator, EPOCH, promise.receivedAt + grace):
        _prove(operation, promise)


def test_promise_from_before_the_bond_does_not_stand_under_it(operation, operator, grace):
    bonded_at = operation.contract.operatorOf(operator)[1]
    early = operation.promise(receivedAt=bonded_at - 1)
    chain.sleep(grace + 10)
    with reverts("PromiseBeforeBond", bonded_at - 1, bonded_at):
        _prove(operation, early)
    _prove(operation, operation.promise(receivedAt=bonded_at))


def test_promise_or_order_changed_in_any_field_convicts_nobody(operation, operator, grace):
    order, promise = operation.order(), operation.promise()
    chain.sleep(grace + 10)
    for changed in tampered(promise):
        error = ("InvalidSignature", operator)
        if changed.order != promise.order:
            error = ("OrderMismatch", order.id(), changed.order)
        with reverts(*error):
            _prove(operation, changed, order, operation.signed(promise))
    for changed in tampered(order):
        with reverts("OrderMismatch", changed.id(), order.id()):
            _prove(operation, promise, changed)


def test_promise_signed_by_another_convicts_nobody(operation, operator, mallory, grace):
    promise = operation.promise()
    chain.sleep(grace + 10)
    with reverts("InvalidSignature", operator):
        _prove(operation, promise, signature=operation.signed(promise, mallory))
