"""What only Settlement and GridRegistry may do in the Ledger, and what the Ledger checks even of them."""

import brownie
import pytest
from brownie import accounts, chain

from tests.contracts.conftest import FUNDS
from tests.contracts.reverts import reverts


def posting(account, amount: int) -> int:
    """A Posting: 160 bits of account, 96 bits of amount."""
    return int(account.address, 16) << 96 | amount


@pytest.fixture
def impersonate():
    """Sends as a contract, which only a test chain can."""

    def _impersonate(contract):
        for method, rest in (("anvil_impersonateAccount", []), ("anvil_setBalance", [hex(10**20)])):
            brownie.web3.provider.make_request(method, [contract.address, *rest])
        return accounts.at(contract.address, force=True)

    return _impersonate


@pytest.fixture
def as_settlement(impersonate, suanli):
    return {"from": impersonate(suanli.settlement)}


@pytest.fixture
def as_registry(impersonate, suanli):
    return {"from": impersonate(suanli.registry)}


def test_stranger_cannot_use_settlements_functions(suanli, mallory, alice):
    ledger, by_mallory = suanli.ledger, {"from": mallory}
    calls = (
        lambda: ledger.settle(1, [posting(alice, 5)], [posting(mallory, 5)], by_mallory),
        lambda: ledger.pay(alice, mallory, mallory, 5, 0, by_mallory),
        lambda: ledger.advanceEpoch(alice, 1, by_mallory),
    )
    for call in calls:
        with reverts("NotSettlement", mallory):
            call()


def test_stranger_cannot_use_the_registrys_functions(suanli, mallory, alice):
    for function in (suanli.ledger.lockStake, suanli.ledger.releaseStake):
        with reverts("NotRegistry", mallory):
            function(alice, 5, {"from": mallory})


def test_registry_cannot_pay_and_settlement_cannot_stake(suanli, alice, bob, as_settlement, as_registry):
    with reverts("NotSettlement", suanli.registry):
        suanli.ledger.pay(alice, bob, bob, 5, 0, as_registry)
    with reverts("NotRegistry", suanli.settlement):
        suanli.ledger.lockStake(alice, 5, as_settlement)


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


def test_payment_above_the_balance_reverts(suanli, alice, bob, as_settlement):
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        suanli.ledger.pay(alice, bob, bob, FUNDS + 1, 0, as_settlement)


def test_payment_with_a_fee_above_it_reverts(suanli, alice, bob, treasury, as_settlement):
    with reverts("Unbalanced", 5, 6):
        suanli.ledger.pay(alice, bob, treasury, 5, 6, as_settlement)


def test_stake_above_the_balance_reverts(suanli, alice, as_registry):
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        suanli.ledger.lockStake(alice, FUNDS + 1, as_registry)


def test_more_than_the_stake_is_not_released(suanli, alice, as_registry):
    suanli.ledger.lockStake(alice, 5, as_registry)
    with reverts("BalanceTooSmall", alice, 5, 6):
        suanli.ledger.releaseStake(alice, 6, as_registry)


def test_locked_stake_comes_back_whole(suanli, alice, as_registry):
    suanli.ledger.lockStake(alice, 5, as_registry)
    assert (suanli.balance(alice), suanli.ledger.stakeOf(alice)) == (FUNDS - 5, 5)
    suanli.ledger.releaseStake(alice, 5, as_registry)
    assert (suanli.balance(alice), suanli.ledger.stakeOf(alice)) == (FUNDS, 0)
