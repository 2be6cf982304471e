"""Ledger.withdraw."""

import re
from pathlib import Path

import pytest
from brownie import chain

from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS, THAW_SECONDS
from tests.contracts.reverts import reverts

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
    suanli.settle_statement(alice, carols_node, FUNDS - 40)
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


def test_contract_that_holds_money_for_others_has_no_way_to_withdraw(suanli):
    """Stakes, bonds and reservations stand in accounts of contracts that never call withdraw."""
    keepers = [suanli.registry, suanli.settlement, suanli.bidding, suanli.anchors, suanli.court]
    for source in Path("contracts").rglob("*.sol"):
        if source.name not in ("Ledger.sol", "ILedger.sol") and source.parent.name != "test":
            code = "\n".join(line.split("//")[0] for line in source.read_text().splitlines())
            assert not re.search(r"\.(withdraw|thaw|safeTransfer|transfer)\(", code), source
    assert None not in keepers
