"""Bidding.pause and .unpause: no new reservations and auctions, and nothing that already runs."""

import pytest
from brownie import chain

from suanli.protocol.auctions import terms_values
from suanli.protocol.messages import ReservationRelease
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import CLAIM_GRACE_SECONDS, FUNDS, GOVERNOR_DELAY_SECONDS, STAKE
from tests.contracts.reverts import reverts
from tests.contracts.signing import values


@pytest.fixture
def pause(suanli, pauser):
    return lambda: suanli.bidding.pause({"from": pauser})


def test_pause_stops_new_reservations_and_auctions(suanli, alice, order, terms, pause):
    pause()
    with reverts("EnforcedPause"):
        suanli.bidding.reserve(values(order), 1, b"", {"from": alice})
    with reverts("EnforcedPause"):
        suanli.bidding.openAuction(terms_values(terms), {"from": alice})


def test_running_auction_goes_on_to_its_end(
    suanli, auction, terms, alice, carol, dave, carols_bid, daves_bid, pause
):
    pause()
    suanli.hold(auction, terms, [(carols_bid, carol), (daves_bid, dave)])
    next_block_at(terms.deadline + CLAIM_GRACE_SECONDS + 1)
    suanli.bidding.release(auction, {"from": suanli.relayer})
    suanli.bidding.settleBond(terms_values(terms), {"from": suanli.relayer})
    assert suanli.balance(suanli.bidding) == suanli.reserved(auction) == 0
    assert sum(map(suanli.balance, (alice, carol, dave))) == 3 * FUNDS - 2 * STAKE


def test_reservation_returns_and_orders_are_cancelled_during_a_pause(suanli, alice, operator, order, pause):
    suanli.bidding.reserve(values(order), 1000, b"", {"from": alice})
    pause()
    suanli.bidding.addReservation(order.id(), 5, {"from": alice})
    released = ReservationRelease(order=order.id(), remaining=400)
    suanli.bidding.releaseEarly(values(released), suanli.signed(operator, released), {"from": alice})
    cancelled = suanli.bidding.cancel(order.nonce, {"from": alice}).timestamp
    next_block_at(cancelled + CLAIM_GRACE_SECONDS + 1)
    suanli.bidding.release(order.id(), {"from": alice})
    assert suanli.balance(alice) == FUNDS


def test_buyer_takes_an_auction_back_during_a_pause(suanli, alice, auction, terms, pause):
    pause()
    suanli.bidding.cancelAuction(terms_values(terms), {"from": alice})
    assert suanli.balance(alice) == FUNDS


def test_nobody_but_the_pauser_pauses(suanli, mallory):
    with reverts("AccessManagedUnauthorized", mallory):
        suanli.bidding.pause({"from": mallory})


def test_governor_lets_reservations_go_on_after_its_delay(suanli, alice, changed, terms, governor, pause):
    pause()
    data = suanli.bidding.unpause.encode_input()
    suanli.authority.schedule(suanli.bidding, data, 0, {"from": governor})
    chain.sleep(GOVERNOR_DELAY_SECONDS)
    suanli.bidding.unpause({"from": governor})
    now = chain.time()
    later = changed(commit_until=now + 100, reveal_until=now + 200, deadline=now + 300)
    suanli.bidding.openAuction(terms_values(later), {"from": alice})
