"""Ledger.pause and .unpause: deposits stop, nothing else does."""

import pytest
from brownie import chain
from brownie.exceptions import VirtualMachineError

from tests.contracts.conftest import FUNDS, GOVERNOR_DELAY_SECONDS, THAW_SECONDS
from tests.contracts.reverts import reverts


@pytest.fixture
def paused(suanli, pauser):
    suanli.ledger.pause({"from": pauser})


def test_paused_ledger_takes_no_deposits(suanli, paused, alice, relayer):
    with reverts("EnforcedPause"):
        suanli.ledger.deposit(alice, 1, {"from": relayer})
    with reverts("EnforcedPause"):
        suanli.ledger.depositWithPermit(alice, 1, 0, 27, b"\1" * 32, b"\1" * 32, {"from": relayer})


def test_paused_ledger_pays_out(suanli, paused, alice):
    suanli.ledger.thaw(FUNDS, {"from": alice})
    chain.sleep(THAW_SECONDS)
    suanli.ledger.withdraw(alice, {"from": alice})
    assert suanli.token.balanceOf(alice) == FUNDS


def test_paused_ledger_settles_and_moves(suanli, paused, alice, bob, carol, carols_node, impersonate):
    suanli.settle_statement(alice, carols_node, 50)
    suanli.ledger.move(alice, bob, 50, impersonate(suanli.court))
    assert suanli.balance(alice) == FUNDS - 100


def test_governor_lets_deposits_go_on_after_its_delay(suanli, paused, alice, governor):
    with pytest.raises(VirtualMachineError, match="AccessManagerNotScheduled"):
        suanli.ledger.unpause({"from": governor})
    suanli.authority.schedule(suanli.ledger, suanli.ledger.unpause.encode_input(), 0, {"from": governor})
    chain.sleep(GOVERNOR_DELAY_SECONDS)
    suanli.ledger.unpause({"from": governor})
    suanli.fund(alice, 1)
    assert suanli.balance(alice) == FUNDS + 1


def test_stranger_and_governor_do_not_pause(suanli, mallory, governor):
    for caller in (mallory, governor):
        with reverts("AccessManagedUnauthorized", caller):
            suanli.ledger.pause({"from": caller})
