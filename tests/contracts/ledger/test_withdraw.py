"""Ledger.withdraw."""

import pytest
from brownie import chain

from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS, THAW_SECONDS
from tests.contracts.reverts import reverts
from tests.contracts.signing import values

ZERO = "0x" + "00" * 20


@pytest.fixture
def thawed(suanli, alice):
    """Alice's 300 atoms are ready."""
    suanli.ledger.thaw(300, {"from": alice})
    chain.sleep(THAW_SECONDS)


def test_withdraw_pays_what_thawed_to_the_named_address(suanli, alice, bob, thawed):
    receipt = suanli.ledger.withdraw(bob, {"from": alice})
    assert suanli.token.balanceOf(bob) == 300
    assert suanli.balance(alice) == FUNDS - 300
    assert suanli.thawing(alice) == (0, 0)
    assert dict(receipt.events["Withdrawn"]) == {"account": alice, "to": bob, "amount": 300}


def test_withdraw_keeps_the_accounts_epoch(suanli, alice, thawed):
    suanli.settlement.advanceEpoch(7, {"from": alice})
    suanli.ledger.withdraw(alice, {"from": alice})
    assert suanli.epoch(alice) == 7


def test_withdraw_before_thaw_reverts(suanli, alice):
    receipt = suanli.ledger.thaw(300, {"from": alice})
    next_block_at(receipt.timestamp + THAW_SECONDS - 1)
    with reverts("StillThawing", receipt.timestamp + THAW_SECONDS):
        suanli.ledger.withdraw(alice, {"from": alice})


def test_withdraw_at_the_very_second_pays(suanli, alice):
    receipt = suanli.ledger.thaw(300, {"from": alice})
    next_block_at(receipt.timestamp + THAW_SECONDS)
    suanli.ledger.withdraw(alice, {"from": alice})
    assert suanli.token.balanceOf(alice) == 300


def test_withdraw_without_thaw_reverts(suanli, bob):
    with reverts("NothingThawing", bob):
        suanli.ledger.withdraw(bob, {"from": bob})


def test_withdraw_twice_reverts(suanli, alice, thawed):
    suanli.ledger.withdraw(alice, {"from": alice})
    with reverts("NothingThawing", alice):
        suanli.ledger.withdraw(alice, {"from": alice})


def test_withdraw_pays_what_payments_left_of_it(suanli, alice, carols_node):
    suanli.ledger.thaw(FUNDS, {"from": alice})
    statement = suanli.statement(alice, carols_node, FUNDS - 40)
    signatures = suanli.signed(alice, statement), suanli.signed(carols_node, statement)
    suanli.settlement.settleStatement(values(statement), *signatures, {"from": suanli.relayer})
    chain.sleep(THAW_SECONDS)
    suanli.ledger.withdraw(alice, {"from": alice})
    assert suanli.token.balanceOf(alice) == 40
    assert suanli.balance(alice) == 0


def test_withdraw_to_nobody_reverts(suanli, alice, thawed):
    with reverts("InvalidAddress", ZERO):
        suanli.ledger.withdraw(ZERO, {"from": alice})


def test_withdraw_into_the_ledger_itself_reverts(suanli, alice, thawed):
    with reverts("InvalidAddress", suanli.ledger):
        suanli.ledger.withdraw(suanli.ledger, {"from": alice})
