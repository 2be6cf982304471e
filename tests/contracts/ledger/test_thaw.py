"""Ledger.thaw."""

from brownie import chain

from tests.contracts.conftest import FUNDS, THAW_SECONDS


def test_thaw_notes_the_amount_and_when_it_is_ready(suanli, alice):
    receipt = suanli.ledger.thaw(300, {"from": alice})
    ready_at = receipt.timestamp + THAW_SECONDS
    assert suanli.thawing(alice) == (300, ready_at)
    assert dict(receipt.events["ThawStarted"]) == {"account": alice, "amount": 300, "readyAt": ready_at}


def test_thawing_money_stays_in_the_balance(suanli, alice):
    suanli.ledger.thaw(300, {"from": alice})
    assert suanli.balance(alice) == FUNDS


def test_second_thaw_replaces_the_first_and_waits_anew(suanli, alice):
    suanli.ledger.thaw(300, {"from": alice})
    chain.sleep(1000)
    receipt = suanli.ledger.thaw(200, {"from": alice})
    assert suanli.thawing(alice) == (200, receipt.timestamp + THAW_SECONDS)


def test_thaw_of_nothing_cancels(suanli, alice):
    suanli.ledger.thaw(300, {"from": alice})
    suanli.ledger.thaw(0, {"from": alice})
    assert suanli.thawing(alice) == (0, 0)
