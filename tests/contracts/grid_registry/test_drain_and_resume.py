"""GridRegistry.drain and .resume."""

from suanli.protocol.states import NodeState
from tests.contracts.reverts import reverts


def state(suanli, node) -> NodeState:
    return NodeState(suanli.registry.nodeOf(node)[1])


def test_owner_drains_and_resumes_a_node(suanli, carol, carols_node):
    receipt = suanli.registry.drain(carols_node, {"from": carol})
    assert state(suanli, carols_node) is NodeState.DRAINING
    assert dict(receipt.events["NodeDrained"]) == {"node": carols_node}
    receipt = suanli.registry.resume(carols_node, {"from": carol})
    assert state(suanli, carols_node) is NodeState.CONNECTED
    assert dict(receipt.events["NodeResumed"]) == {"node": carols_node}


def test_drain_keeps_owner_and_stake(suanli, carol, carols_node):
    before = suanli.registry.nodeOf(carols_node)
    suanli.registry.drain(carols_node, {"from": carol})
    after = suanli.registry.nodeOf(carols_node)
    assert (before[0], before[2]) == (after[0], after[2])


def test_only_the_owner_drains_or_resumes(suanli, carols_node, dave):
    for function in (suanli.registry.drain, suanli.registry.resume):
        for caller in (dave, carols_node):
            with reverts("NotOwner", carols_node, caller):
                function(carols_node, {"from": caller})


def test_drained_node_is_not_drained_again(suanli, carol, carols_node):
    suanli.registry.drain(carols_node, {"from": carol})
    with reverts("WrongState", carols_node, NodeState.DRAINING.value):
        suanli.registry.drain(carols_node, {"from": carol})


def test_connected_node_is_not_resumed(suanli, carol, carols_node):
    with reverts("WrongState", carols_node, NodeState.CONNECTED.value):
        suanli.registry.resume(carols_node, {"from": carol})


def test_unknown_node_has_no_owner_to_drain_it(suanli, mallory):
    with reverts("NotOwner", mallory, mallory):
        suanli.registry.drain(mallory, {"from": mallory})
