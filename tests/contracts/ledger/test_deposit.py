"""Ledger.deposit."""

from tests.contracts.reverts import reverts

ZERO = "0x" + "00" * 20


def test_deposit_credits_the_named_account_and_takes_the_payers_tokens(suanli, alice, relayer):
    suanli.token.faucet(relayer, 500, {"from": relayer})
    before, held = suanli.balance(alice), suanli.token.balanceOf(suanli.ledger)
    receipt = suanli.ledger.deposit(alice, 500, {"from": relayer})
    assert suanli.balance(alice) == before + 500
    assert suanli.token.balanceOf(suanli.ledger) == held + 500
    assert suanli.token.balanceOf(relayer) == 0
    assert dict(receipt.events["Deposited"]) == {"account": alice, "payer": relayer, "amount": 500}


def test_deposit_of_nothing_reverts(suanli, alice, relayer):
    with reverts("InvalidAmount", 0):
        suanli.ledger.deposit(alice, 0, {"from": relayer})


def test_deposit_above_128_bits_reverts(suanli, alice, relayer):
    with reverts("InvalidAmount", 2**128):
        suanli.ledger.deposit(alice, 2**128, {"from": relayer})


def test_deposit_for_the_zero_address_reverts(suanli, relayer):
    with reverts("InvalidAddress", ZERO):
        suanli.ledger.deposit(ZERO, 1, {"from": relayer})
