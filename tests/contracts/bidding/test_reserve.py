"""Bidding.reserve, .addReservation and .reservationOf."""

import pytest

from suanli.protocol.messages import Reservation
from tests.contracts.conftest import CLAIM_GRACE_SECONDS, FUNDS
from tests.contracts.reverts import reverts
from tests.contracts.signing import full_length, malleable_twin, values

ZERO = "0x" + "00" * 20


@pytest.fixture
def reservation(order):
    return Reservation(order=order.id(), amount=1000)


def test_buyer_sets_money_aside_by_its_own_call(suanli, alice, operator, order):
    receipt = suanli.bidding.reserve(values(order), 1000, b"", {"from": alice})
    assert suanli.balance(alice) == FUNDS - 1000
    assert suanli.reserved(order.id()) == 1000
    assert dict(receipt.events["Reserved"]) == {
        "order": order.id(),
        "buyer": alice,
        "guardian": operator,
        "account": suanli.bidding.reservationAccount(order.id()),
        "amount": 1000,
    }
    release_at = order.deadline + CLAIM_GRACE_SECONDS + 1
    assert tuple(suanli.bidding.reservationOf(order.id())) == (alice, operator, release_at, False)


@pytest.mark.parametrize("form", [bytes, full_length])
def test_relayer_lands_a_signed_reservation(suanli, alice, order, reservation, form):
    signature = form(suanli.signed(alice, reservation))
    suanli.bidding.reserve(values(order), 1000, signature, {"from": suanli.relayer})
    assert suanli.reserved(order.id()) == 1000


def test_contract_wallet_reserves_by_erc1271(suanli, contracts, alice, order):
    wallet = contracts.KeyWallet.deploy(alice, {"from": suanli.relayer})
    suanli.fund(wallet)
    order = order.model_copy(update={"buyer": wallet.address})
    signature = suanli.signed(alice, Reservation(order=order.id(), amount=1000))
    suanli.bidding.reserve(values(order), 1000, signature, {"from": suanli.relayer})
    assert suanli.reserved(order.id()) == 1000


def test_stranger_cannot_set_a_buyers_money_aside(suanli, alice, mallory, order, reservation):
    with reverts("InvalidSignature", alice):
        suanli.bidding.reserve(values(order), 1000, suanli.signed(mallory, reservation), {"from": mallory})


@pytest.mark.parametrize("spoil", [lambda s: s[:-1], lambda s: b"", malleable_twin])
def test_spoiled_signature_reserves_nothing(suanli, alice, order, reservation, spoil):
    signature = spoil(suanli.signed(alice, reservation))
    with reverts("InvalidSignature", alice):
        suanli.bidding.reserve(values(order), 1000, signature, {"from": suanli.relayer})


def test_buyer_cannot_reserve_more_than_it_has(suanli, alice, order):
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        suanli.bidding.reserve(values(order), FUNDS + 1, b"", {"from": alice})


def test_order_is_reserved_once(suanli, alice, order):
    suanli.bidding.reserve(values(order), 1000, b"", {"from": alice})
    with reverts("ReservationExists", order.id()):
        suanli.bidding.reserve(values(order), 1000, b"", {"from": alice})


def test_cancelled_order_cannot_be_reserved(suanli, alice, order):
    cancelled = suanli.bidding.cancel(order.nonce, {"from": alice}).timestamp
    with reverts("OrderEnded", order.id(), cancelled):
        suanli.bidding.reserve(values(order), 1000, b"", {"from": alice})


def test_reservation_needs_an_amount_and_a_guardian(suanli, alice, order):
    with reverts("InvalidAmount", 0):
        suanli.bidding.reserve(values(order), 0, b"", {"from": alice})
    unguarded = order.model_copy(update={"operator": ZERO})
    with reverts("InvalidAddress", ZERO):
        suanli.bidding.reserve(values(unguarded), 1000, b"", {"from": alice})
    nobodys = order.model_copy(update={"buyer": ZERO})
    with reverts("InvalidAddress", ZERO):
        suanli.bidding.reserve(values(nobodys), 1000, b"", {"from": alice})


def test_buyer_cannot_reserve_less_than_its_order_may_cost(suanli, alice, order):
    with reverts("ReservationBelowBudget", 999, 1000):
        suanli.bidding.reserve(values(order), 999, b"", {"from": alice})
    assert suanli.balance(alice) == FUNDS
    free = order.model_copy(update={"budget": 0})
    with reverts("InvalidAmount", 0):
        suanli.bidding.reserve(values(free), 0, b"", {"from": alice})


def test_buyer_adds_to_its_reservation(suanli, alice, order):
    suanli.bidding.reserve(values(order), 1000, b"", {"from": alice})
    receipt = suanli.bidding.addReservation(order.id(), 500, {"from": alice})
    assert dict(receipt.events["ReservationAdded"]) == {"order": order.id(), "payer": alice, "amount": 500}
    assert suanli.reserved(order.id()) == 1500


def test_nothing_is_added_to_no_reservation(suanli, alice, order):
    with reverts("ReservationUnknown", order.id()):
        suanli.bidding.addReservation(order.id(), 500, {"from": alice})


def test_adding_nothing_is_refused(suanli, alice, order):
    suanli.bidding.reserve(values(order), 1000, b"", {"from": alice})
    with reverts("InvalidAmount", 0):
        suanli.bidding.addReservation(order.id(), 0, {"from": alice})


def test_order_without_a_reservation_has_none(suanli, order):
    assert tuple(suanli.bidding.reservationOf(order.id())) == (ZERO, ZERO, 0, False)


def test_release_time_of_an_endless_order_saturates(suanli, alice, operator, order):
    endless = order.model_copy(update={"deadline": 2**64 - 1})
    suanli.bidding.reserve(values(endless), 1000, b"", {"from": alice})
    assert suanli.bidding.reservationOf(endless.id())[2] == 2**64 - 1
