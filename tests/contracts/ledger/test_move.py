"""Ledger.move: how modules move money."""

import pytest

from tests.contracts.conftest import FUNDS
from tests.contracts.reverts import reverts

ZERO = "0x" + "00" * 20


@pytest.fixture
def by_module(suanli, impersonate):
    return impersonate(suanli.bidding)


@pytest.mark.parametrize("module", ["registry", "settlement", "bidding", "anchors", "court"])
def test_every_module_of_the_deployment_moves_money(suanli, alice, bob, impersonate, module):
    receipt = suanli.ledger.move(alice, bob, 5, impersonate(getattr(suanli, module)))
    assert (suanli.balance(alice), suanli.balance(bob)) == (FUNDS - 5, FUNDS + 5)
    assert dict(receipt.events["Moved"]) == {"from": alice, "to": bob, "amount": 5}


def test_stranger_and_the_authority_move_nothing(suanli, alice, mallory, governor, pauser, impersonate):
    for caller in (mallory, governor, pauser, suanli.authority, alice):
        with reverts("NotModule", caller):
            suanli.ledger.move(alice, mallory, 1, impersonate(caller))


def test_move_above_the_balance_reverts(suanli, alice, bob, by_module):
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        suanli.ledger.move(alice, bob, FUNDS + 1, by_module)


def test_move_may_take_the_last_atom(suanli, alice, bob, by_module):
    suanli.ledger.move(alice, bob, FUNDS, by_module)
    assert (suanli.balance(alice), suanli.balance(bob)) == (0, 2 * FUNDS)


def test_move_to_itself_changes_nothing_and_still_needs_the_money(suanli, alice, by_module):
    suanli.ledger.move(alice, alice, FUNDS, by_module)
    assert suanli.balance(alice) == FUNDS
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        suanli.ledger.move(alice, alice, FUNDS + 1, by_module)


def test_move_to_the_zero_address_reverts(suanli, alice, by_module):
    with reverts("InvalidAddress", ZERO):
        suanli.ledger.move(alice, ZERO, 0, by_module)


def test_move_keeps_both_epochs(suanli, alice, bob, by_module):
    suanli.settlement.advanceEpoch(7, {"from": alice})
    suanli.settlement.advanceEpoch(9, {"from": bob})
    suanli.ledger.move(alice, bob, 5, by_module)
    assert (suanli.epoch(alice), suanli.epoch(bob)) == (7, 9)


def test_move_cannot_exceed_128_bits(contracts, deploy, relayer, alice, bob, impersonate):
    token = contracts.ReentrantToken.deploy({"from": relayer})
    suanli = deploy(token=token)
    token.mint(relayer, 2**129, {"from": relayer})
    suanli.ledger.deposit(alice, 2**128 - 1, {"from": relayer})
    suanli.ledger.deposit(bob, 1, {"from": relayer})
    with reverts("BalanceTooLarge", 2**128):
        suanli.ledger.move(bob, alice, 1, impersonate(suanli.bidding))
