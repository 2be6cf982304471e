"""GridRegistry.lock and .unlock: stake that answers for an open claim or verdict."""

import pytest

from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.reverts import reverts


@pytest.fixture
def by_court(suanli, impersonate):
    return impersonate(suanli.court)


def test_court_locks_free_stake_and_frees_it(suanli, carol, carols_node, by_court):
    receipt = suanli.registry.lock(carols_node, 30, by_court)
    assert suanli.stake(carols_node) == (STAKE, 30, STAKE - 30)
    assert dict(receipt.events["StakeLocked"]) == {"node": carols_node, "amount": 30, "locked": 30}
    receipt = suanli.registry.unlock(carols_node, 10, by_court)
    assert suanli.stake(carols_node) == (STAKE, 20, STAKE - 20)
    assert dict(receipt.events["StakeUnlocked"]) == {"node": carols_node, "amount": 10, "locked": 20}
    assert suanli.balance(carol) == FUNDS - STAKE


def test_more_than_the_free_stake_is_not_locked(suanli, carols_node, by_court):
    suanli.registry.lock(carols_node, STAKE, by_court)
    with reverts("FreeStakeTooSmall", carols_node, 0, 1):
        suanli.registry.lock(carols_node, 1, by_court)


def test_more_than_the_locked_stake_is_not_unlocked(suanli, carols_node, by_court):
    suanli.registry.lock(carols_node, 5, by_court)
    with reverts("LockedStakeTooSmall", carols_node, 5, 6):
        suanli.registry.unlock(carols_node, 6, by_court)


def test_unbonding_stake_can_still_be_locked(suanli, carol, carols_node, by_court):
    suanli.registry.disconnect(carols_node, {"from": carol})
    suanli.registry.lock(carols_node, 5, by_court)
    assert suanli.stake(carols_node)[1] == 5


def test_unknown_node_has_nothing_to_lock(suanli, mallory, by_court):
    with reverts("FreeStakeTooSmall", mallory, 0, 1):
        suanli.registry.lock(mallory, 1, by_court)


def test_nobody_but_the_court_locks(suanli, carols_node, carol, governor, impersonate):
    for caller in (carol, governor, suanli.settlement, suanli.bidding):
        for function in (suanli.registry.lock, suanli.registry.unlock):
            with reverts("NotCourt", caller):
                function(carols_node, 1, impersonate(caller))
