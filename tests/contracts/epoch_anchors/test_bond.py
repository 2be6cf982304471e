"""EpochAnchors.bond, .unbond and .withdrawBond."""

from brownie import chain

from suanli.protocol.anchoring import FaultReason
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import OPERATOR_BOND, UNBONDING_SECONDS
from tests.contracts.epoch_anchors.conftest import reverts
from tests.contracts.signing import values


def test_bond_moves_from_the_operators_account_into_the_contracts(suanli, operation, operator):
    assert suanli.balance(operator) == 2 * OPERATOR_BOND
    assert suanli.balance(operation.contract) == OPERATOR_BOND
    amount, bonded_at, releasable_at, last_epoch = operation.contract.operatorOf(operator)
    assert (amount, bonded_at, releasable_at, last_epoch) == (OPERATOR_BOND, chain[-1].timestamp, 0, 0)


def test_operator_without_money_cannot_bond(suanli, mallory):
    with reverts("BalanceTooSmall", mallory, 0, OPERATOR_BOND):
        suanli.anchors.bond({"from": mallory})


def test_operator_bonds_once(operation, operator):
    with reverts("AlreadyBonded", operator):
        operation.bond()


def test_bond_comes_back_after_its_time_and_not_a_second_earlier(suanli, operation, operator):
    receipt = operation.contract.unbond({"from": operator})
    releasable_at = receipt.timestamp + UNBONDING_SECONDS
    assert dict(receipt.events["UnbondingStarted"]) == {"operator": operator, "releasableAt": releasable_at}
    next_block_at(releasable_at - 1)
    with reverts("StillUnbonding", releasable_at):
        operation.contract.withdrawBond({"from": operator})
    next_block_at(releasable_at)
    receipt = operation.contract.withdrawBond({"from": operator})
    assert dict(receipt.events["BondWithdrawn"]) == {"operator": operator, "amount": OPERATOR_BOND}
    assert suanli.balance(operator) == 3 * OPERATOR_BOND
    with reverts("NotBonded", operator):
        operation.contract.withdrawBond({"from": operator})


def test_bond_is_not_withdrawn_without_unbonding_nor_unbonded_twice(operation, operator):
    with reverts("NotUnbonding", operator):
        operation.contract.withdrawBond({"from": operator})
    releasable_at = operation.contract.unbond({"from": operator}).timestamp + UNBONDING_SECONDS
    with reverts("AlreadyUnbonding", operator, releasable_at):
        operation.contract.unbond({"from": operator})


def test_bond_on_its_way_out_stays_when_the_operator_bonds_again(suanli, operation, operator):
    bonded_at = operation.contract.operatorOf(operator)[1]
    operation.contract.unbond({"from": operator})
    operation.bond()
    assert suanli.balance(operator) == 2 * OPERATOR_BOND
    amount, since, releasable_at, _ = operation.contract.operatorOf(operator)
    assert (amount, since, releasable_at) == (OPERATOR_BOND, bonded_at, 0)


def test_leaving_operator_answers_for_its_faults(operation, operator, mallory, alice):
    operation.contract.unbond({"from": operator})
    order = operation.order()
    leased = operation.leased(operation.lease(order, task=order.tasks))
    receipt = operation.contract.proveLeaseOutsideOrder(operator, leased, values(order), {"from": mallory})
    operation.check_slashed(receipt, FaultReason.LEASE_OUTSIDE_ORDER, alice)
    with reverts("NotBonded", operator):
        operation.contract.withdrawBond({"from": operator})


def test_pause_stops_bonding_and_no_way_out(suanli, operation, operator, pauser):
    operation.contract.pause({"from": pauser})
    operation.contract.unbond({"from": operator})
    with reverts("EnforcedPause"):
        operation.bond()
    chain.sleep(UNBONDING_SECONDS)
    operation.contract.withdrawBond({"from": operator})
    assert suanli.balance(operator) == 3 * OPERATOR_BOND
