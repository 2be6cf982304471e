"""Bidding.release and .releaseEarly."""

import pytest

from suanli.protocol.messages import ReservationRelease
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import CLAIM_GRACE_SECONDS, FUNDS
from tests.contracts.reverts import reverts
from tests.contracts.signing import values


@pytest.fixture
def reserved(suanli, alice, order):
    suanli.bidding.reserve(values(order), 1000, b"", {"from": alice})
    return order


def release_early(suanli, order, remaining, signer):
    released = ReservationRelease(order=order.id(), remaining=remaining)
    signature = suanli.signed(signer, released)
    return suanli.bidding.releaseEarly(values(released), signature, {"from": suanli.relayer})


def test_buyer_is_refunded_when_everyone_vanished(suanli, alice, mallory, reserved):
    next_block_at(reserved.deadline + CLAIM_GRACE_SECONDS + 1)
    receipt = suanli.bidding.release(reserved.id(), {"from": mallory})
    assert dict(receipt.events["ReservationReleased"]) == {
        "order": reserved.id(),
        "buyer": alice,
        "amount": 1000,
        "remaining": 0,
    }
    assert suanli.balance(alice) == FUNDS


def test_money_stays_reserved_in_the_last_second_of_claims(suanli, alice, reserved):
    release_at = reserved.deadline + CLAIM_GRACE_SECONDS + 1
    next_block_at(release_at - 1)
    with reverts("StillReserved", reserved.id(), release_at):
        suanli.bidding.release(reserved.id(), {"from": alice})


def test_cancelling_brings_the_release_forward(suanli, alice, reserved):
    cancelled = suanli.bidding.cancel(reserved.nonce, {"from": alice}).timestamp
    release_at = cancelled + CLAIM_GRACE_SECONDS + 1
    assert suanli.bidding.reservationOf(reserved.id())[2] == release_at
    next_block_at(release_at)
    suanli.bidding.release(reserved.id(), {"from": alice})
    assert suanli.balance(alice) == FUNDS


def test_nothing_is_released_twice(suanli, alice, reserved):
    next_block_at(reserved.deadline + CLAIM_GRACE_SECONDS + 1)
    suanli.bidding.release(reserved.id(), {"from": alice})
    with reverts("NothingToRelease", reserved.id(), 0, 0):
        suanli.bidding.release(reserved.id(), {"from": alice})
    assert suanli.bidding.reservationOf(reserved.id())[0] == alice


def test_guardian_lets_a_reservation_shrink_before_its_time(suanli, alice, operator, reserved):
    release_early(suanli, reserved, 400, operator)
    assert suanli.reserved(reserved.id()) == 400
    assert suanli.balance(alice) == FUNDS - 400


def test_early_release_never_lets_a_reservation_grow(suanli, operator, reserved):
    release_early(suanli, reserved, 400, operator)
    with reverts("NothingToRelease", reserved.id(), 400, 400):
        release_early(suanli, reserved, 400, operator)
    with reverts("NothingToRelease", reserved.id(), 400, 900):
        release_early(suanli, reserved, 900, operator)


def test_nobody_but_the_guardian_releases_early(suanli, alice, mallory, operator, reserved):
    for signer in (alice, mallory):
        with reverts("InvalidSignature", operator):
            release_early(suanli, reserved, 0, signer)
    with reverts("InvalidSignature", operator):
        suanli.bidding.releaseEarly((reserved.id(), 0), b"", {"from": operator})


def test_unknown_reservation_is_not_released(suanli, alice, operator, order):
    with reverts("ReservationUnknown", order.id()):
        suanli.bidding.release(order.id(), {"from": alice})
    with reverts("ReservationUnknown", order.id()):
        release_early(suanli, order, 0, operator)
