"""Ledger.settle, .postLines and .advanceEpoch: only for Settlement, and what the Ledger checks even of it."""

import brownie
import pytest
from brownie import chain

from tests.contracts.conftest import FUNDS
from tests.contracts.reverts import reverts


def posting(account, amount: int) -> int:
    """A Posting: 160 bits of account, 96 bits of amount."""
    return int(account.address, 16) << 96 | amount


@pytest.fixture
def as_settlement(impersonate, suanli):
    return impersonate(suanli.settlement)


def test_stranger_cannot_use_settlements_functions(suanli, mallory, alice):
    ledger, by_mallory = suanli.ledger, {"from": mallory}
    calls = (
        lambda: ledger.settle(1, [posting(alice, 5)], [posting(mallory, 5)], by_mallory),
        lambda: ledger.postLines([posting(alice, 5)], [posting(mallory, 5)], by_mallory),
        lambda: ledger.advanceEpoch(alice, 1, by_mallory),
    )
    for call in calls:
        with reverts("NotSettlement", mallory):
            call()


def test_other_modules_cannot_use_settlements_functions(suanli, alice, bob, impersonate):
    for module in (suanli.registry, suanli.bidding, suanli.court):
        sender = impersonate(module)
        with reverts("NotSettlement", module):
            suanli.ledger.settle(1, [posting(alice, 5)], [posting(bob, 5)], sender)
        with reverts("NotSettlement", module):
            suanli.ledger.postLines([posting(alice, 5)], [posting(bob, 5)], sender)
        with reverts("NotSettlement", module):
            suanli.ledger.advanceEpoch(alice, 1, sender)


def test_batch_that_creates_money_reverts(suanli, alice, bob, as_settlement):
    with reverts("Unbalanced", 5, 6):
        suanli.ledger.settle(1, [posting(alice, 5)], [posting(bob, 6)], as_settlement)


def test_batch_that_loses_money_reverts(suanli, alice, bob, as_settlement):
    with reverts("Unbalanced", 5, 4):
        suanli.ledger.settle(1, [posting(alice, 5)], [posting(bob, 4)], as_settlement)


def test_batch_debits_one_account_once(suanli, alice, bob, as_settlement):
    with reverts("EpochUsed", alice, 1, 1):
        suanli.ledger.settle(1, [posting(alice, 5), posting(alice, 5)], [posting(bob, 10)], as_settlement)


def test_batch_of_a_future_epoch_reverts(suanli, alice, bob, as_settlement):
    later = chain.time() + 3600
    with pytest.raises(brownie.exceptions.VirtualMachineError, match=f"EpochInFuture: {later}, "):
        suanli.ledger.settle(later, [posting(alice, 5)], [posting(bob, 5)], as_settlement)


def test_batch_above_the_balance_reverts(suanli, alice, bob, as_settlement):
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        suanli.ledger.settle(1, [posting(alice, FUNDS + 1)], [posting(bob, FUNDS + 1)], as_settlement)


def test_batch_may_take_the_last_atom(suanli, alice, bob, as_settlement):
    suanli.ledger.settle(1, [posting(alice, FUNDS)], [posting(bob, FUNDS)], as_settlement)
    assert (suanli.balance(alice), suanli.epoch(alice)) == (0, 1)
    assert (suanli.balance(bob), suanli.epoch(bob)) == (2 * FUNDS, 0)


@pytest.mark.parametrize("credited", [4, 6])
def test_posting_that_loses_or_creates_money_reverts(suanli, alice, bob, as_settlement, credited):
    with reverts("Unbalanced", 5, credited):
        suanli.ledger.postLines([posting(alice, 5)], [posting(bob, credited)], as_settlement)


def test_posting_above_the_balance_reverts(suanli, alice, bob, as_settlement):
    with reverts("BalanceTooSmall", alice, 0, 1):
        suanli.ledger.postLines(
            [posting(alice, FUNDS), posting(alice, 1)], [posting(bob, FUNDS + 1)], as_settlement
        )


def test_posting_moves_money_silently_and_takes_no_epoch(suanli, alice, bob, carol, as_settlement):
    before = suanli.balance(carol)
    debits = [posting(alice, FUNDS - 1), posting(alice, 1)]
    posted = suanli.ledger.postLines(debits, [posting(bob, 3), posting(carol, FUNDS - 3)], as_settlement)
    assert (suanli.balance(alice), suanli.epoch(alice)) == (0, 0)
    assert (suanli.balance(bob), suanli.balance(carol)) == (FUNDS + 3, before + FUNDS - 3)
    assert len(posted.events) == 0
