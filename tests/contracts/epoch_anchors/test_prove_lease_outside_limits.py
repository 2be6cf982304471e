"""EpochAnchors.proveLeaseOutsideOrder and .proveLeaseOutsideAsk."""

from enum import IntEnum

import pytest

from suanli.protocol.anchoring import FaultReason
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.messages import Prices
from suanli.protocol.units import charge
from tests.contracts.epoch_anchors.conftest import LIMITS, MAXIMUM_PRICES, WHOLE_TASK, reverts, tampered
from tests.contracts.signing import NEVER, values


class Limit(IntEnum):
    """Mirrors IEpochAnchors.sol."""

    NONE = 0
    OPERATOR = 1
    NODE = 2
    TASK = 3
    DEADLINE = 4
    PRICES = 5
    MINIMUM_CHARGE = 6
    CAP = 7


def _above(name: str) -> Prices:
    return MAXIMUM_PRICES.model_copy(update={name: getattr(MAXIMUM_PRICES, name) + 1})


def _below(prices: Prices, name: str) -> Prices:
    return prices.model_copy(update={name: getattr(prices, name) - 1})


OUTSIDE_ORDER = [
    ({"task": 5}, Limit.TASK),
    ({"deadline": NEVER + 1}, Limit.DEADLINE),
    *(({"prices": _above(name)}, Limit.PRICES) for name in Prices.model_fields),
    ({"minimumCharge": WHOLE_TASK + 1}, Limit.MINIMUM_CHARGE),
    ({"cap": WHOLE_TASK + 1}, Limit.CAP),
]


def _outside_order(operation, lease, order, signature=None):
    leased = (values(lease), signature or operation.signed(lease))
    return operation.contract.proveLeaseOutsideOrder(
        operation.operator, leased, values(order), {"from": operation.reporter}
    )


def _outside_ask(operation, lease, ask, signature=None):
    leased = (values(lease), signature or operation.signed(lease))
    return operation.contract.proveLeaseOutsideAsk(
        operation.operator, leased, values(ask), {"from": operation.reporter}
    )


def test_whole_task_costs_what_the_market_reckons():
    assert charge(MAXIMUM_PRICES, usage_at_limits(LIMITS, LIMITS.inputBytes)) == WHOLE_TASK


@pytest.mark.parametrize(("changes", "limit"), OUTSIDE_ORDER)
def test_lease_outside_its_order_costs_the_bond(operation, operator, alice, changes, limit):
    order = operation.order()
    lease = operation.lease(order, **changes)
    receipt = _outside_order(operation, lease, order)
    shown = dict(receipt.events["LeaseOutsideOrderProved"])
    assert shown == {"operator": operator, "lease": lease.id(), "limit": limit}
    operation.check_slashed(receipt, FaultReason.LEASE_OUTSIDE_ORDER, alice)
    operation.bond()
    with reverts("FaultAlreadyProved", operator, int(FaultReason.LEASE_OUTSIDE_ORDER), lease.id()):
        _outside_order(operation, lease, order)


def test_lease_of_an_order_for_another_operator_costs_the_bond(operation, mallory):
    order = operation.order(operator=mallory.address)
    receipt = _outside_order(operation, operation.lease(order), order)
    assert receipt.events["LeaseOutsideOrderProved"]["limit"] == Limit.OPERATOR


def test_lease_over_the_budget_costs_the_bond(operation):
    order = operation.order(budget=WHOLE_TASK - 1)
    receipt = _outside_order(operation, operation.lease(order), order)
    assert receipt.events["LeaseOutsideOrderProved"]["limit"] == Limit.CAP


@pytest.mark.parametrize("name", [*Prices.model_fields, "node", "minimumCharge"])
def test_lease_cheaper_than_its_ask_or_of_another_node_costs_the_bond(operation, operator, dave, name):
    ask = operation.ask()
    changes, limit = {"prices": _below(ask.prices, name) if name in Prices.model_fields else ask.prices}, 5
    if name == "node":
        changes, limit = {"node": dave.address}, Limit.NODE
    if name == "minimumCharge":
        changes, limit = {"minimumCharge": ask.minimumCharge - 1}, Limit.MINIMUM_CHARGE
    lease = operation.lease(**changes)
    receipt = _outside_ask(operation, lease, ask)
    shown = dict(receipt.events["LeaseOutsideAskProved"])
    assert shown == {"operator": operator, "lease": lease.id(), "limit": limit}
    operation.check_slashed(receipt, FaultReason.LEASE_OUTSIDE_ASK, operation.node)
    operation.bond()
    with reverts("FaultAlreadyProved", operator, int(FaultReason.LEASE_OUTSIDE_ASK), lease.id()):
        _outside_ask(operation, lease, ask)


def test_honest_leases_up_to_the_very_limits_are_no_fault(operation):
    order, ask = operation.order(), operation.ask()
    at_limits = {"prices": MAXIMUM_PRICES, "minimumCharge": WHOLE_TASK, "cap": WHOLE_TASK}
    for lease in (
        operation.lease(order),
        operation.lease(order, task=0),
        operation.lease(order, **at_limits),
    ):
        with reverts("LeaseWithinLimits", lease.id()):
            _outside_order(operation, lease, order)
        with reverts("LeaseWithinLimits", lease.id()):
            _outside_ask(operation, lease, ask)


def test_order_with_the_largest_numbers_is_judged_without_overflow(operation):
    most = 2**64 - 1
    prices = Prices(fuel=most, memoryFuel=most, ingress=most, egress=most)
    limits = LIMITS.model_copy(
        update=dict.fromkeys(("fuel", "memoryBytes", "inputBytes", "outputBytes"), most)
    )
    order = operation.order(maximumPrices=prices, limits=limits, budget=2**128 - 1)
    lease = operation.lease(order, prices=prices, minimumCharge=2**100, cap=2**100)
    with reverts("LeaseWithinLimits", lease.id()):
        _outside_order(operation, lease, order)


def test_lease_order_or_ask_changed_in_any_field_convicts_nobody(operation, operator):
    order, ask = operation.order(), operation.ask()
    lease = operation.lease(order, task=order.tasks)
    for changed in tampered(lease):
        error = ("InvalidSignature", operator)
        if changed.order != lease.order:
            error = ("OrderMismatch", order.id(), changed.order)
        with reverts(*error):
            _outside_order(operation, changed, order, operation.signed(lease))
        with reverts("InvalidSignature", operator):
            _outside_ask(operation, changed, ask, operation.signed(lease))
    for changed in tampered(order):
        with reverts("OrderMismatch", changed.id(), order.id()):
            _outside_order(operation, lease, changed)
    for changed in tampered(ask):
        with reverts("AskMismatch", changed.id(), ask.id()):
            _outside_ask(operation, lease, changed)


def test_lease_signed_by_another_convicts_nobody(operation, operator, mallory):
    order = operation.order()
    lease = operation.lease(order, task=order.tasks)
    with reverts("InvalidSignature", operator):
        _outside_order(operation, lease, order, operation.signed(lease, mallory))
