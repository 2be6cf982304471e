"""EpochAnchors.proveDoubleSerial."""

from eth_abi import encode
from eth_utils.crypto import keccak

from suanli.protocol.anchoring import FaultReason
from tests.contracts.epoch_anchors.conftest import reverts, tampered
from tests.contracts.signing import values


def _prove(operation, first, first_order, second, second_order, signature=None):
    second_leased = (values(second), signature or operation.signed(second))
    return operation.contract.proveDoubleSerial(
        operation.operator,
        operation.leased(first),
        values(first_order),
        second_leased,
        values(second_order),
        {"from": operation.reporter},
    )


def test_one_serial_in_leases_of_two_orders_of_a_buyer_costs_the_bond(operation, operator, alice):
    orders = operation.order(), operation.order(nonce=12)
    leases = [operation.lease(order) for order in orders]
    receipt = _prove(operation, leases[0], orders[0], leases[1], orders[1])
    assert dict(receipt.events["DoubleSerialProved"]) == {
        "operator": operator,
        "buyer": alice,
        "serial": leases[0].serial,
        "first": leases[0].id(),
        "second": leases[1].id(),
    }
    operation.check_slashed(receipt, FaultReason.DOUBLE_SERIAL)


def test_one_serial_in_two_leases_of_an_order_is_proved_once(operation, operator, alice):
    order = operation.order()
    first, second, third = (operation.lease(order, attempt=attempt) for attempt in range(3))
    _prove(operation, first, order, second, order)
    operation.bond()
    fault = "0x" + keccak(encode(["address", "uint64"], [alice.address, first.serial])).hex()
    with reverts("FaultAlreadyProved", operator, int(FaultReason.DOUBLE_SERIAL), fault):
        _prove(operation, third, order, first, order)


def test_honest_leases_are_no_fault(operation, bob):
    order, others = operation.order(), operation.order(buyer=bob.address)
    lease = operation.lease(order)
    for other, its_order in (
        (lease, order),
        (operation.lease(order, serial=lease.serial + 1), order),
        (operation.lease(others), others),
    ):
        with reverts("NoDoubleSerial", lease.id(), other.id()):
            _prove(operation, lease, order, other, its_order)


def test_lease_or_order_changed_in_any_field_convicts_nobody(operation, operator):
    order = operation.order()
    first, second = operation.lease(order), operation.lease(order, attempt=1)
    for changed in tampered(second):
        error = ("InvalidSignature", operator)
        if changed.order != second.order:
            error = ("OrderMismatch", order.id(), changed.order)
        with reverts(*error):
            _prove(operation, first, order, changed, order, operation.signed(second))
    for changed in tampered(order):
        with reverts("OrderMismatch", changed.id(), order.id()):
            _prove(operation, first, order, second, changed)


def test_lease_signed_by_another_convicts_nobody(operation, operator, mallory):
    order = operation.order()
    second = operation.lease(order, attempt=1)
    with reverts("InvalidSignature", operator):
        _prove(operation, operation.lease(order), order, second, order, operation.signed(second, mallory))
