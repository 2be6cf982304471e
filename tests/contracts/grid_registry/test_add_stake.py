"""GridRegistry.addStake."""

from suanli.protocol.states import NodeState
from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.reverts import reverts


def test_owner_adds_to_the_stake(suanli, carol, carols_node):
    receipt = suanli.registry.addStake(carols_node, 5, {"from": carol})
    assert suanli.stake(carols_node) == (STAKE + 5, 0, STAKE + 5)
    assert suanli.balance(carol) == FUNDS - STAKE - 5
    expected = {"node": carols_node, "owner": carol, "amount": 5, "stake": STAKE + 5}
    assert dict(receipt.events["StakeAdded"]) == expected


def test_stake_of_a_draining_node_can_grow(suanli, carol, carols_node):
    suanli.registry.drain(carols_node, {"from": carol})
    suanli.registry.addStake(carols_node, 5, {"from": carol})
    assert suanli.stake(carols_node)[0] == STAKE + 5


def test_only_the_owner_adds(suanli, carols_node, dave):
    with reverts("NotOwner", carols_node, dave):
        suanli.registry.addStake(carols_node, 5, {"from": dave})


def test_nothing_is_not_added(suanli, carol, carols_node):
    with reverts("NothingAdded", carols_node):
        suanli.registry.addStake(carols_node, 0, {"from": carol})


def test_node_that_leaves_takes_no_more_stake(suanli, carol, carols_node):
    suanli.registry.disconnect(carols_node, {"from": carol})
    with reverts("WrongState", carols_node, NodeState.UNBONDING.value):
        suanli.registry.addStake(carols_node, 5, {"from": carol})


def test_more_than_the_balance_is_not_added(suanli, carol, carols_node):
    with reverts("BalanceTooSmall", carol, FUNDS - STAKE, FUNDS):
        suanli.registry.addStake(carols_node, FUNDS, {"from": carol})


def test_stake_above_88_bits_is_refused(suanli, carol, carols_node):
    with reverts("StakeTooLarge", 2**88):
        suanli.registry.addStake(carols_node, 2**88 - STAKE, {"from": carol})
