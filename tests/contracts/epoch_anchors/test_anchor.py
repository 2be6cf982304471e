"""EpochAnchors.anchor."""

from brownie import chain

from tests.contracts.conftest import OPERATOR_BOND, UNBONDING_SECONDS
from tests.contracts.epoch_anchors.conftest import EPOCH, URI, honest_clearing, reverts, some_hash
from tests.contracts.signing import values

MOST_GAS = 60_000


def _clearing(operation, epoch=EPOCH):
    orders = [some_hash(f"order {number}") for number in range(5)]
    return honest_clearing(epoch, orders, [operation.lease()]).anchor()


def test_anchor_is_stored_and_announced_whole(operation, operator):
    anchor = _clearing(operation)
    receipt = operation.anchor(anchor)
    assert operation.contract.anchorOf(operator, EPOCH) == anchor.id()
    shown = receipt.events["Anchored"]
    assert (shown["operator"], shown["epoch"], shown["uri"]) == (operator, EPOCH, URI)
    assert tuple(str(value) for value in shown["anchor"]) == tuple(str(value) for value in values(anchor))
    assert operation.contract.operatorOf(operator)[3] == EPOCH


def test_whole_transaction_costs_at_most_sixty_thousand_gas(operation):
    costs = [operation.anchor(_clearing(operation, epoch)).gas_used for epoch in (2**20, 2**20 + 1)]
    assert max(costs) <= MOST_GAS, costs


def test_later_anchor_of_an_earlier_or_the_same_epoch_is_refused(operation, operator):
    operation.anchor(_clearing(operation))
    for epoch in (0, EPOCH - 1, EPOCH):
        with reverts("EpochNotAscending", operator, epoch, EPOCH):
            operation.anchor(_clearing(operation, epoch))


def test_stranger_without_bond_anchors_nothing(operation, mallory):
    with reverts("NotBonded", mallory):
        operation.contract.anchor(values(_clearing(operation)), URI, {"from": mallory})


def test_leaving_operator_keeps_its_promises_until_it_withdraws(operation, operator):
    operation.contract.unbond({"from": operator})
    operation.anchor(_clearing(operation))
    chain.sleep(UNBONDING_SECONDS)
    operation.contract.withdrawBond({"from": operator})
    with reverts("NotBonded", operator):
        operation.anchor(_clearing(operation, EPOCH + 1))
    operation.bond()
    with reverts("EpochNotAscending", operator, EPOCH, EPOCH):
        operation.anchor(_clearing(operation))
    assert operation.bonded() == OPERATOR_BOND


def test_paused_contract_still_takes_anchors(operation, operator, pauser):
    operation.contract.pause({"from": pauser})
    operation.anchor(_clearing(operation))
    assert operation.contract.anchorOf(operator, EPOCH) == _clearing(operation).id()
