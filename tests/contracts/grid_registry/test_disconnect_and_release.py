"""GridRegistry.disconnect and .release: how a stake comes back."""

import pytest

from suanli.protocol.states import NODE, NodeState
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS, STAKE, UNBONDING_SECONDS
from tests.contracts.reverts import reverts
from tests.contracts.signing import values


@pytest.fixture
def releasable_at(suanli, carol, carols_node):
    """Carol has disconnected her node."""
    return suanli.registry.disconnect(carols_node, {"from": carol}).timestamp + UNBONDING_SECONDS


def test_disconnect_starts_the_unbonding_time(suanli, carols_node, carol, releasable_at):
    record = suanli.registry.nodeOf(carols_node)
    assert tuple(record) == (carol, NodeState.UNBONDING, STAKE, releasable_at)
    assert suanli.balance(carol) == FUNDS - STAKE


def test_draining_node_can_be_disconnected(suanli, carol, carols_node):
    suanli.registry.drain(carols_node, {"from": carol})
    receipt = suanli.registry.disconnect(carols_node, {"from": carol})
    assert dict(receipt.events["NodeDisconnected"]) == {
        "node": carols_node,
        "releasableAt": receipt.timestamp + UNBONDING_SECONDS,
    }


def test_only_the_owner_disconnects(suanli, carols_node, dave):
    for caller in (dave, carols_node):
        with reverts("NotOwner", carols_node, caller):
            suanli.registry.disconnect(carols_node, {"from": caller})


def test_second_disconnect_does_not_start_the_time_anew(suanli, carol, carols_node, releasable_at):
    with reverts("WrongState", carols_node, NodeState.UNBONDING.value):
        suanli.registry.disconnect(carols_node, {"from": carol})


def test_anyone_releases_the_stake_to_its_owner(suanli, carol, carols_node, mallory, releasable_at):
    next_block_at(releasable_at)
    receipt = suanli.registry.release(carols_node, {"from": mallory})
    assert (suanli.balance(carol), suanli.stake(carols_node)) == (FUNDS, (0, 0, 0))
    assert dict(receipt.events["NodeReleased"]) == {"node": carols_node, "owner": carol, "stake": STAKE}
    assert tuple(suanli.registry.nodeOf(carols_node))[:3] == (carol, NodeState.RELEASED, 0)


def test_release_before_its_time_reverts(suanli, carols_node, releasable_at):
    next_block_at(releasable_at - 1)
    with reverts("StillUnbonding", releasable_at):
        suanli.registry.release(carols_node, {"from": suanli.relayer})


def test_connected_node_is_not_released(suanli, carols_node):
    with reverts("WrongState", carols_node, NodeState.CONNECTED.value):
        suanli.registry.release(carols_node, {"from": suanli.relayer})


def test_stake_is_not_released_while_a_part_is_locked(suanli, carol, carols_node, impersonate, releasable_at):
    by_court = impersonate(suanli.court)
    suanli.registry.lock(carols_node, 1, by_court)
    next_block_at(releasable_at)
    with reverts("StakeStillLocked", carols_node, 1):
        suanli.registry.release(carols_node, {"from": suanli.relayer})
    suanli.registry.unlock(carols_node, 1, by_court)
    suanli.registry.release(carols_node, {"from": suanli.relayer})
    assert suanli.balance(carol) == FUNDS


def test_release_returns_what_was_not_slashed(suanli, carol, carols_node, dave, impersonate, releasable_at):
    suanli.registry.slash(carols_node, 7, False, dave, 0, impersonate(suanli.court))
    next_block_at(releasable_at)
    suanli.registry.release(carols_node, {"from": suanli.relayer})
    assert suanli.balance(carol) == FUNDS - 7


def test_released_node_stays_in_the_list(suanli, carols_node, releasable_at):
    next_block_at(releasable_at)
    suanli.registry.release(carols_node, {"from": suanli.relayer})
    assert suanli.registry.nodeCount() == 2
    assert suanli.registry.nodeAt(0)[0] == carols_node


def test_stake_is_released_once(suanli, carols_node, releasable_at):
    next_block_at(releasable_at)
    suanli.registry.release(carols_node, {"from": suanli.relayer})
    with reverts("WrongState", carols_node, NodeState.RELEASED.value):
        suanli.registry.release(carols_node, {"from": suanli.relayer})


def test_released_node_key_never_connects_again(suanli, carol, carols_node, releasable_at):
    next_block_at(releasable_at)
    suanli.registry.release(carols_node, {"from": suanli.relayer})
    terms = suanli.terms(carols_node, carol)
    signatures = suanli.signed(carol, terms), suanli.signed(carols_node, terms)
    with reverts("WrongState", carols_node, NodeState.RELEASED.value):
        suanli.registry.connect(values(terms), *signatures, {"from": suanli.relayer})


def test_release_of_one_node_leaves_the_owners_other_stake(
    suanli, carol, carols_node, operator, releasable_at
):
    suanli.connect(operator, carol)
    next_block_at(releasable_at)
    suanli.registry.release(carols_node, {"from": suanli.relayer})
    assert suanli.stake(operator) == (STAKE, 0, STAKE)
    assert suanli.balance(suanli.registry) == 2 * STAKE


def test_contract_and_protocol_agree_on_what_may_follow(suanli, carol, carols_node):
    """Tries every owner's function in every state and compares with the protocol's table."""
    functions = {
        NodeState.CONNECTED: suanli.registry.resume,
        NodeState.DRAINING: suanli.registry.drain,
        NodeState.UNBONDING: suanli.registry.disconnect,
    }
    for path in ((), (suanli.registry.drain,), (suanli.registry.disconnect,)):
        for step in path:
            step(carols_node, {"from": carol})
        state = NodeState(suanli.registry.nodeOf(carols_node)[1])
        for target, function in functions.items():
            if target not in NODE[state]:
                with reverts("WrongState", carols_node, state.value):
                    function(carols_node, {"from": carol})
            else:
                function.call(carols_node, {"from": carol})
