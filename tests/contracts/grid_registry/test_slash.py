"""GridRegistry.slash: the only way by which an owner loses stake."""

import pytest

from suanli.protocol.states import SlashReason
from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.reverts import reverts


@pytest.fixture
def by_court(suanli, impersonate):
    return impersonate(suanli.court)


def test_slash_moves_locked_stake_to_the_named_account(suanli, bob, carols_node, by_court):
    suanli.registry.lock(carols_node, 30, by_court)
    receipt = suanli.registry.slash(carols_node, 20, True, bob, SlashReason.CLAIM_FALSE.value, by_court)
    assert receipt.return_value == 20
    assert suanli.stake(carols_node) == (STAKE - 20, 10, STAKE - 30)
    assert suanli.balance(bob) == FUNDS + 20
    assert dict(receipt.events["NodeSlashed"]) == {
        "node": carols_node,
        "to": bob,
        "amount": 20,
        "locked": 10,
        "reason": SlashReason.CLAIM_FALSE,
    }


def test_slash_of_free_stake_leaves_the_locked_part(suanli, bob, carols_node, by_court):
    suanli.registry.lock(carols_node, 30, by_court)
    suanli.registry.slash(carols_node, 20, False, bob, SlashReason.VERDICT_MISSING.value, by_court)
    assert suanli.stake(carols_node) == (STAKE - 20, 30, STAKE - 50)


@pytest.mark.parametrize(("from_locked", "taken"), [(True, 30), (False, STAKE - 30)])
def test_slash_takes_no_more_than_is_there(suanli, bob, carols_node, by_court, from_locked, taken):
    suanli.registry.lock(carols_node, 30, by_court)
    receipt = suanli.registry.slash(carols_node, 2**88 - 1, from_locked, bob, 0, by_court)
    assert receipt.return_value == taken
    assert suanli.balance(bob) == FUNDS + taken
    assert suanli.stake(carols_node)[0] == STAKE - taken


def test_slash_touches_no_other_nodes_stake(suanli, bob, carols_node, daves_node, by_court):
    suanli.registry.slash(carols_node, 2**88 - 1, False, bob, 0, by_court)
    assert suanli.stake(daves_node) == (STAKE, 0, STAKE)
    assert suanli.balance(suanli.registry) == STAKE


def test_unbonding_stake_is_slashed(suanli, bob, carol, carols_node, by_court):
    suanli.registry.disconnect(carols_node, {"from": carol})
    suanli.registry.slash(carols_node, 7, False, bob, SlashReason.VERDICT_WRONG.value, by_court)
    assert suanli.balance(bob) == FUNDS + 7


def test_nobody_but_the_court_slashes(suanli, carols_node, dave, governor, impersonate):
    for caller in (dave, governor, suanli.settlement, suanli.authority):
        with reverts("NotCourt", caller):
            suanli.registry.slash(carols_node, 1, False, dave, 0, impersonate(caller))
