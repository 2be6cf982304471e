"""GridRegistry.pause and .unpause: no node connects, and nothing else stops."""

import pytest
from brownie import chain

from tests.contracts.conftest import FUNDS, GOVERNOR_DELAY_SECONDS, UNBONDING_SECONDS
from tests.contracts.reverts import reverts


@pytest.fixture
def paused(suanli, pauser):
    suanli.registry.pause({"from": pauser})


def test_paused_registry_connects_no_node(suanli, paused, bob, mallory):
    with reverts("EnforcedPause"):
        suanli.connect(mallory, bob)


def test_paused_registry_lets_owners_leave(suanli, paused, carol, carols_node, relayer):
    suanli.registry.drain(carols_node, {"from": carol})
    suanli.registry.disconnect(carols_node, {"from": carol})
    chain.sleep(UNBONDING_SECONDS)
    suanli.registry.release(carols_node, {"from": relayer})
    assert suanli.balance(carol) == FUNDS


def test_paused_registry_counts_delegations(suanli, paused, alice, operator):
    suanli.delegate(alice, operator)
    suanli.registry.revoke(operator, {"from": alice})


def test_governor_lets_nodes_connect_again_after_its_delay(suanli, paused, governor, bob, mallory):
    data = suanli.registry.unpause.encode_input()
    suanli.authority.schedule(suanli.registry, data, 0, {"from": governor})
    chain.sleep(GOVERNOR_DELAY_SECONDS)
    suanli.registry.unpause({"from": governor})
    suanli.connect(mallory, bob)
    assert suanli.registry.ownerOf(mallory) == bob


def test_nobody_else_pauses(suanli, mallory, governor):
    for caller in (mallory, governor):
        with reverts("AccessManagedUnauthorized", caller):
            suanli.registry.pause({"from": caller})
