"""Bidding.cancel, .cancelBySignature and .cancelForNode."""

import pytest

from suanli.protocol.messages import Cancellation
from tests.contracts.clock import next_block_at
from tests.contracts.reverts import reverts
from tests.contracts.signing import full_length, malleable_twin, values

ZERO = "0x" + "00" * 20


def test_account_cancels_by_its_own_call(suanli, alice):
    receipt = suanli.bidding.cancel(7, {"from": alice})
    expected = {"account": alice, "nonce": 7, "cancelledAt": receipt.timestamp}
    assert dict(receipt.events["Cancelled"]) == expected
    assert suanli.bidding.cancelledAt(alice, 7) == receipt.timestamp


def test_cancellation_touches_no_other_nonce_and_no_other_account(suanli, alice, bob):
    suanli.bidding.cancel(7, {"from": alice})
    assert not any(suanli.bidding.cancelledAt(alice, nonce) for nonce in (0, 6, 8, 15, 7 + 8, 2**255 + 7))
    assert suanli.bidding.cancelledAt(bob, 7) == 0


@pytest.mark.parametrize("form", [bytes, full_length])
def test_relayer_lands_a_signed_cancellation(suanli, alice, form):
    cancellation = Cancellation(account=alice.address, nonce=2**256 - 1)
    signature = form(suanli.signed(alice, cancellation))
    receipt = suanli.bidding.cancelBySignature(values(cancellation), signature, {"from": suanli.relayer})
    assert suanli.bidding.cancelledAt(alice, 2**256 - 1) == receipt.timestamp


def test_contract_wallet_cancels_by_erc1271(suanli, contracts, alice):
    wallet = contracts.KeyWallet.deploy(alice, {"from": suanli.relayer})
    cancellation = Cancellation(account=wallet.address, nonce=3)
    signature = suanli.signed(alice, cancellation)
    suanli.bidding.cancelBySignature(values(cancellation), signature, {"from": suanli.relayer})
    assert suanli.bidding.cancelledAt(wallet, 3) != 0


def test_nobody_else_cancels_an_accounts_order(suanli, alice, mallory):
    cancellation = Cancellation(account=alice.address, nonce=7)
    with reverts("InvalidSignature", alice):
        suanli.bidding.cancelBySignature(
            values(cancellation), suanli.signed(mallory, cancellation), {"from": mallory}
        )


def test_delegate_does_not_cancel(suanli, alice, operator):
    suanli.delegate(alice, operator)
    cancellation = Cancellation(account=alice.address, nonce=7)
    with reverts("InvalidSignature", alice):
        suanli.bidding.cancelBySignature(
            values(cancellation), suanli.signed(operator, cancellation), {"from": operator}
        )


@pytest.mark.parametrize("spoil", [lambda s: s[:-1], lambda s: b"", malleable_twin])
def test_spoiled_signature_cancels_nothing(suanli, alice, spoil):
    cancellation = Cancellation(account=alice.address, nonce=7)
    signature = spoil(suanli.signed(alice, cancellation))
    with reverts("InvalidSignature", alice):
        suanli.bidding.cancelBySignature(values(cancellation), signature, {"from": suanli.relayer})


def test_nobody_cancels_for_the_zero_address(suanli, mallory):
    with reverts("InvalidSignature", ZERO):
        suanli.bidding.cancelBySignature((ZERO, 1), bytes(65), {"from": mallory})


def test_first_cancellation_counts(suanli, alice):
    first = suanli.bidding.cancel(7, {"from": alice})
    next_block_at(first.timestamp + 1000)
    again = suanli.bidding.cancel(7, {"from": alice})
    assert suanli.bidding.cancelledAt(alice, 7) == first.timestamp
    assert "Cancelled" not in again.events


def test_owner_cancels_an_ask_without_the_node_key(suanli, carol, carols_node):
    receipt = suanli.bidding.cancelForNode(carols_node, 7, {"from": carol})
    assert suanli.bidding.cancelledAt(carols_node, 7) == receipt.timestamp
    assert suanli.bidding.cancelledAt(carol, 7) == 0


def test_stranger_cancels_no_nodes_ask(suanli, dave, carols_node):
    with reverts("NotOwner", carols_node, dave):
        suanli.bidding.cancelForNode(carols_node, 7, {"from": dave})


def test_ask_of_an_unknown_node_cannot_be_cancelled(suanli, mallory):
    with reverts("NodeUnknown", mallory):
        suanli.bidding.cancelForNode(mallory, 7, {"from": mallory})


def test_order_ends_at_its_deadline_or_when_it_was_cancelled(suanli, alice):
    assert suanli.bidding.endOf(alice, 7, 5) == 5
    cancelled = suanli.bidding.cancel(7, {"from": alice}).timestamp
    assert suanli.bidding.endOf(alice, 7, 2**64 - 1) == cancelled
    assert suanli.bidding.endOf(alice, 7, cancelled - 1) == cancelled - 1


def test_second_nonce_of_a_word_is_cheap_to_cancel(suanli, alice):
    dear = suanli.bidding.cancel(8, {"from": alice}).gas_used
    cheap = suanli.bidding.cancel(9, {"from": alice}).gas_used
    assert cheap < dear - 15_000
