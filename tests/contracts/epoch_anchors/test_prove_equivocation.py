"""EpochAnchors.proveEquivocation and .proveAnchorDiffers."""

import pytest

from suanli.protocol.anchoring import FaultReason
from tests.contracts.epoch_anchors.conftest import EPOCH, book_anchor, refusal, reverts, some_hash, tampered
from tests.contracts.signing import values

FIRST = book_anchor([some_hash("first")])
SECOND = book_anchor([some_hash("second")])


def _prove(operation, first, second, *, signatures=None):
    one, other = signatures or (operation.signed(first), operation.signed(second))
    return operation.contract.proveEquivocation(
        operation.operator, values(first), one, values(second), other, {"from": operation.reporter}
    )


def _prove_differs(operation, anchor, signature=None):
    return operation.contract.proveAnchorDiffers(
        operation.operator,
        values(anchor),
        signature or operation.signed(anchor),
        {"from": operation.reporter},
    )


def test_two_signed_anchors_of_one_epoch_cost_the_bond(operation, operator):
    receipt = _prove(operation, FIRST, SECOND)
    assert dict(receipt.events["EquivocationProved"]) == {
        "operator": operator,
        "epoch": EPOCH,
        "first": FIRST.id(),
        "second": SECOND.id(),
    }
    operation.check_slashed(receipt, FaultReason.EQUIVOCATION)


def test_signed_anchor_other_than_the_stored_one_costs_the_bond(operation, operator):
    operation.anchor(FIRST)
    receipt = _prove_differs(operation, SECOND)
    assert receipt.events["EquivocationProved"]["first"] == FIRST.id()
    operation.check_slashed(receipt, FaultReason.EQUIVOCATION)


def test_equivocation_of_an_epoch_is_proved_once_by_whatever_proof(operation, operator):
    operation.anchor(FIRST)
    _prove(operation, FIRST, SECOND)
    operation.bond()
    fault = "0x" + EPOCH.to_bytes(32, "big").hex()
    assert operation.contract.isProved(operator, FaultReason.EQUIVOCATION, fault)
    for proof in (lambda: _prove(operation, SECOND, FIRST), lambda: _prove_differs(operation, SECOND)):
        with reverts("FaultAlreadyProved", operator, int(FaultReason.EQUIVOCATION), fault):
            proof()


def test_one_anchor_shown_twice_is_no_equivocation(operation):
    operation.anchor(FIRST)
    for proof in (lambda: _prove(operation, FIRST, FIRST), lambda: _prove_differs(operation, FIRST)):
        with reverts("NoEquivocation", FIRST.id(), FIRST.id()):
            proof()


def test_anchors_of_two_epochs_are_no_equivocation(operation):
    later = SECOND.model_copy(update={"epoch": EPOCH + 1})
    with reverts("NoEquivocation", FIRST.id(), later.id()):
        _prove(operation, FIRST, later)


def test_signed_anchor_of_an_epoch_that_was_not_anchored_proves_nothing_yet(operation, operator):
    with reverts("AnchorUnknown", operator, EPOCH, FIRST.id(), "0x" + "0" * 64):
        _prove_differs(operation, FIRST)


def test_anchor_changed_in_any_field_is_not_the_operators(operation, operator):
    for changed in tampered(SECOND):
        signatures = operation.signed(FIRST), operation.signed(SECOND)
        with reverts("InvalidSignature", operator):
            _prove(operation, FIRST, changed, signatures=signatures)


def test_anchor_signed_by_another_convicts_nobody(operation, operator, mallory):
    with reverts("InvalidSignature", operator):
        _prove(
            operation, FIRST, SECOND, signatures=(operation.signed(FIRST), operation.signed(SECOND, mallory))
        )
    operation.anchor(FIRST)
    with reverts("InvalidSignature", operator):
        _prove_differs(operation, SECOND, operation.signed(SECOND, mallory))


@pytest.mark.parametrize("length", [0, 63, 66])
def test_malformed_signature_convicts_nobody(operation, length):
    signatures = operation.signed(FIRST), b"\x01" * length
    assert refusal(lambda: _prove(operation, FIRST, SECOND, signatures=signatures)) == "InvalidSignature"
