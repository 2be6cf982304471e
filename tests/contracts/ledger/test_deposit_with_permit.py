"""Ledger.depositWithPermit."""

import pytest

from tests.contracts.reverts import reverts
from tests.contracts.signing import NEVER, key_of

AMOUNT = 700


@pytest.fixture
def permit(suanli):
    """Signs an EIP-2612 permit for the Ledger; what depositWithPermit and permit take after the addresses."""

    def _permit(owner, amount=AMOUNT, deadline=NEVER, nonce=0):
        domain = {
            "name": "Suanli Test Credit",
            "version": "1",
            "chainId": suanli.domain.chain_id,
            "verifyingContract": suanli.token.address,
        }
        names = ("owner address", "spender address", "value uint256", "nonce uint256", "deadline uint256")
        types = {"Permit": [dict(zip(("name", "type"), name.split(), strict=True)) for name in names]}
        message = {
            "owner": owner.address,
            "spender": suanli.ledger.address,
            "value": amount,
            "nonce": nonce,
            "deadline": deadline,
        }
        signature = key_of(owner).sign_typed_data(domain, types, message)
        return amount, deadline, signature.v, signature.r.to_bytes(32, "big"), signature.s.to_bytes(32, "big")

    return _permit


@pytest.fixture
def alice_has_tokens(suanli, alice):
    suanli.token.faucet(alice, 10 * AMOUNT, {"from": suanli.relayer})


def test_relayer_deposits_by_the_owners_permit(suanli, alice, permit, alice_has_tokens, relayer):
    before = suanli.balance(alice)
    receipt = suanli.ledger.depositWithPermit(alice, *permit(alice), {"from": relayer})
    assert suanli.balance(alice) == before + AMOUNT
    assert suanli.token.allowance(alice, suanli.ledger) == 0
    assert dict(receipt.events["Deposited"]) == {"account": alice, "payer": alice, "amount": AMOUNT}


def test_front_run_permit_does_not_block_the_deposit(
    suanli, alice, permit, alice_has_tokens, mallory, relayer
):
    signature = permit(alice)
    suanli.token.permit(alice, suanli.ledger, *signature, {"from": mallory})
    before = suanli.balance(alice)
    suanli.ledger.depositWithPermit(alice, *signature, {"from": relayer})
    assert suanli.balance(alice) == before + AMOUNT


def test_replayed_permit_reverts(suanli, alice, permit, alice_has_tokens, relayer):
    signature = permit(alice)
    suanli.ledger.depositWithPermit(alice, *signature, {"from": relayer})
    with reverts("PermitRefused", alice, AMOUNT, 0):
        suanli.ledger.depositWithPermit(alice, *signature, {"from": relayer})


def test_expired_permit_reverts(suanli, alice, permit, alice_has_tokens, relayer):
    with reverts("PermitRefused", alice, AMOUNT, 0):
        suanli.ledger.depositWithPermit(alice, *permit(alice, deadline=1), {"from": relayer})


def test_permit_of_another_account_reverts(suanli, alice, mallory, permit, alice_has_tokens):
    with reverts("PermitRefused", alice, AMOUNT, 0):
        suanli.ledger.depositWithPermit(alice, *permit(mallory), {"from": mallory})


def test_stranger_cannot_deposit_an_unlimited_allowance(suanli, alice, mallory, permit, alice_has_tokens):
    suanli.token.approve(suanli.ledger, 2**256 - 1, {"from": alice})
    with reverts("PermitRefused", alice, AMOUNT, 2**256 - 1):
        suanli.ledger.depositWithPermit(alice, *permit(mallory), {"from": mallory})
