"""Tokens that misbehave: none can make the books exceed the tokens held."""

import pytest
from brownie import chain

from tests.contracts.conftest import THAW_SECONDS
from tests.contracts.reverts import reverts


def test_fee_on_transfer_token_is_refused(contracts, deploy, relayer, alice):
    token = contracts.FeeToken.deploy({"from": relayer})
    suanli = deploy(token=token)
    token.mint(relayer, 1000, {"from": relayer})
    with reverts("TransferMismatch", 1000, 999):
        suanli.ledger.deposit(alice, 1000, {"from": relayer})


def test_token_without_permit_is_deposited_by_allowance_only(contracts, deploy, relayer, alice):
    token = contracts.FeeToken.deploy({"from": relayer})
    suanli = deploy(token=token)
    with reverts("PermitRefused", alice, 5, 0):
        suanli.ledger.depositWithPermit(alice, 5, 2**40, 27, b"\1" * 32, b"\1" * 32, {"from": relayer})


@pytest.fixture
def reentrant(contracts, deploy, relayer):
    token = contracts.ReentrantToken.deploy({"from": relayer})
    suanli = deploy(token=token, thaw_seconds=0)
    token.mint(relayer, 10_000, {"from": relayer})
    return suanli


def test_token_cannot_deposit_in_the_middle_of_a_deposit(reentrant, relayer, alice):
    again = reentrant.ledger.deposit.encode_input(alice, 1)
    reentrant.token.arm(reentrant.ledger, again, {"from": relayer})
    with reverts("ReentrancyGuardReentrantCall"):
        reentrant.ledger.deposit(alice, 100, {"from": relayer})


def test_token_cannot_withdraw_in_the_middle_of_a_withdrawal(reentrant, relayer, alice):
    reentrant.ledger.deposit(alice, 100, {"from": relayer})
    reentrant.ledger.thaw(100, {"from": alice})
    reentrant.token.arm(reentrant.ledger, reentrant.ledger.withdraw.encode_input(alice), {"from": relayer})
    with reverts("ReentrancyGuardReentrantCall"):
        reentrant.ledger.withdraw(alice, {"from": alice})


def test_balance_cannot_exceed_128_bits(contracts, deploy, relayer, alice):
    token = contracts.ReentrantToken.deploy({"from": relayer})
    suanli = deploy(token=token)
    token.mint(relayer, 2**129, {"from": relayer})
    suanli.ledger.deposit(alice, 2**128 - 1, {"from": relayer})
    with reverts("BalanceTooLarge", 2**128):
        suanli.ledger.deposit(alice, 1, {"from": relayer})


def test_gift_of_tokens_belongs_to_nobody(suanli, relayer, alice):
    suanli.token.faucet(suanli.ledger, 77, {"from": relayer})
    suanli.ledger.thaw(2**128 - 1, {"from": alice})
    owed = suanli.balance(alice)
    held = suanli.token.balanceOf(suanli.ledger)
    chain.sleep(THAW_SECONDS)
    suanli.ledger.withdraw(alice, {"from": alice})
    assert suanli.token.balanceOf(suanli.ledger) == held - owed
