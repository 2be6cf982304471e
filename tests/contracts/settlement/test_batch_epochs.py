"""Settlement.advanceEpoch and batches' epochs: what can land once, and what never any more."""

import pytest
from brownie import chain
from brownie.exceptions import VirtualMachineError

from tests.contracts.conftest import FUNDS
from tests.contracts.reverts import reverts


def test_replayed_batch_reverts(settle, batch):
    settle(batch)
    with pytest.raises(VirtualMachineError, match="AlreadyPaid"):
        settle(batch)


def test_two_variants_of_one_epoch_cannot_both_land(suanli, settle, batch_of, alice, bob, carols_node):
    whole = batch_of((alice, carols_node, 1000), (bob, carols_node, 500), epoch=3)
    without_bob = batch_of((alice, carols_node, 1000), epoch=3)
    settle(without_bob)
    with reverts("EpochUsed", alice, 3, 3):
        settle(whole)
    assert (suanli.balance(alice), suanli.balance(bob)) == (FUNDS - 1000, FUNDS)


def test_older_epoch_cannot_land_after_a_later_one(settle, batch_of, alice, carols_node):
    settle(batch_of((alice, carols_node, 1000), epoch=5))
    with reverts("EpochUsed", alice, 4, 5):
        settle(batch_of((alice, carols_node, 1000), epoch=4))


def test_epochs_may_be_left_out(suanli, settle, batch_of, alice, carols_node):
    settle(batch_of((alice, carols_node, 1000), epoch=5))
    settle(batch_of((alice, carols_node, 1000), epoch=900))
    assert suanli.epoch(alice) == 900


def test_epoch_zero_never_lands(settle, batch_of, alice, carols_node):
    with reverts("EpochUsed", alice, 0, 0):
        settle(batch_of((alice, carols_node, 1000), epoch=0))


def test_buyers_with_different_epochs_need_one_above_all(settle, batch_of, alice, bob, carols_node):
    settle(batch_of((bob, carols_node, 1000), epoch=7))
    with reverts("EpochUsed", bob, 7, 7):
        settle(batch_of((alice, carols_node, 1000), (bob, carols_node, 1000), epoch=7))
    settle(batch_of((alice, carols_node, 1000), (bob, carols_node, 1000), epoch=8))


def test_epoch_ahead_of_the_clock_reverts(settle, batch_of, alice, carols_node):
    later = chain.time() + 3600
    with pytest.raises(VirtualMachineError, match=f"EpochInFuture: {later}, "):
        settle(batch_of((alice, carols_node, 1000), epoch=later))


def test_nobody_can_use_up_all_of_an_accounts_epochs(settle, batch_of, alice, carols_node):
    with pytest.raises(VirtualMachineError, match="EpochInFuture"):
        settle(batch_of((alice, carols_node, 1000), epoch=2**64 - 1))


def test_account_advances_its_own_epoch(suanli, alice):
    receipt = suanli.settlement.advanceEpoch(6, {"from": alice})
    assert (suanli.balance(alice), suanli.epoch(alice)) == (FUNDS, 6)
    assert dict(receipt.events["EpochAdvanced"]) == {"account": alice, "epoch": 6}


def test_advanced_epoch_kills_signed_batches_up_to_it(suanli, settle, batch_of, alice, carols_node):
    suanli.settlement.advanceEpoch(6, {"from": alice})
    with reverts("EpochUsed", alice, 6, 6):
        settle(batch_of((alice, carols_node, 1000), epoch=6))
    settle(batch_of((alice, carols_node, 1000), epoch=7))


def test_epoch_only_advances(suanli, alice):
    suanli.settlement.advanceEpoch(6, {"from": alice})
    with reverts("EpochUsed", alice, 6, 6):
        suanli.settlement.advanceEpoch(6, {"from": alice})


def test_epoch_does_not_advance_into_the_future(suanli, alice):
    later = chain.time() + 3600
    with pytest.raises(VirtualMachineError, match=f"EpochInFuture: {later}, "):
        suanli.settlement.advanceEpoch(later, {"from": alice})
