"""Bidding.award: the second score's price, and every timeout that ends an auction."""

from dataclasses import replace

import pytest

from suanli.protocol.auctions import decide
from tests.contracts.bidding.conftest import BUDGET, DEPOSIT, TASKS
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import CLAIM_GRACE_SECONDS, FUNDS, STAKE
from tests.contracts.reverts import reverts

ZERO = "0x" + "00" * 20
NOTHING = (ZERO, 0, 0, "0x" + "00" * 32, 0)
AWARDED, CLOSED = 2, 3
CAROLS_PAYMENT = 763_500 - 20_700


def award_of(suanli, auction):
    node, payment, tasks, spec_root, deadline = suanli.bidding.awardOf(auction)
    return node, payment, tasks, str(spec_root), deadline


def test_best_score_wins_at_the_second_best_price(suanli, awarded, terms, alice, carol, dave, carols_node):
    assert award_of(suanli, awarded) == (carols_node, CAROLS_PAYMENT, TASKS, terms.spec_root, terms.deadline)
    assert suanli.reserved(awarded) == CAROLS_PAYMENT
    assert suanli.balance(alice) == FUNDS - CAROLS_PAYMENT
    assert suanli.balance(carol) == FUNDS - STAKE - DEPOSIT
    assert suanli.balance(dave) == FUNDS - STAKE


def test_award_is_a_reservation_guarded_by_the_winner(suanli, awarded, terms, alice, carols_node):
    release_at = terms.deadline + CLAIM_GRACE_SECONDS + 1
    assert tuple(suanli.bidding.reservationOf(awarded)) == (alice, carols_node, release_at, True)


def test_award_is_announced(suanli, auction, terms, carol, dave, carols_bid, daves_bid):
    receipt = suanli.hold(auction, terms, [(daves_bid, dave), (carols_bid, carol)])
    assert dict(receipt.events["AuctionAwarded"]) == {
        "auction": auction,
        "node": carols_bid.node,
        "payment": CAROLS_PAYMENT,
        "forfeited": 0,
    }


def test_lone_bidder_is_paid_the_budget(suanli, auction, terms, alice, carol, carols_bid):
    suanli.hold(auction, terms, [(carols_bid, carol)])
    assert award_of(suanli, auction)[:2] == (carols_bid.node, BUDGET)
    assert suanli.balance(alice) == FUNDS - BUDGET


def test_tie_goes_to_the_hash_that_was_fixed_before(
    suanli, auction, terms, carol, dave, carols_bid, daves_bid
):
    equal = replace(daves_bid, price=carols_bid.price, qualities=carols_bid.qualities)
    suanli.hold(auction, terms, [(carols_bid, carol), (equal, dave)])
    expected = decide(auction, terms, [carols_bid, equal])
    assert award_of(suanli, auction)[:2] == (expected.node, expected.payment)
    assert expected.payment == carols_bid.price


def test_sealed_bid_forfeits_its_deposit_to_the_buyer(
    suanli, auction, terms, alice, carol, dave, carols_bid, daves_bid
):
    suanli.commit(auction, terms, carols_bid, carol)
    suanli.commit(auction, terms, daves_bid, dave)
    next_block_at(terms.commit_until + 1)
    suanli.reveal(terms, carols_bid)
    next_block_at(terms.reveal_until + 1)
    assert suanli.award(terms).events["AuctionAwarded"]["forfeited"] == DEPOSIT
    assert suanli.balance(alice) == FUNDS - BUDGET + DEPOSIT
    assert suanli.balance(dave) == FUNDS - STAKE - DEPOSIT


def test_buyer_is_refunded_when_nobody_bids(suanli, auction, terms, alice):
    next_block_at(terms.commit_until + 1)
    receipt = suanli.award(terms)
    assert dict(receipt.events["AuctionClosed"]) == {"auction": auction, "forfeited": 0}
    assert suanli.balance(alice) == FUNDS
    assert award_of(suanli, auction) == NOTHING
    assert suanli.bidding.auctionOf(auction)[0] == CLOSED


def test_buyer_is_refunded_when_nobody_opens_a_bid(suanli, auction, terms, alice, carol, carols_bid):
    suanli.commit(auction, terms, carols_bid, carol)
    next_block_at(terms.reveal_until + 1)
    suanli.award(terms)
    assert suanli.balance(alice) == FUNDS + DEPOSIT
    assert suanli.balance(suanli.bidding) == 0


def test_buyer_is_refunded_when_no_bid_is_valid(suanli, auction, terms, alice, carol, carols_bid):
    suanli.hold(auction, terms, [(replace(carols_bid, price=BUDGET + 1), carol)])
    assert suanli.balance(alice) == FUNDS
    assert suanli.balance(carol) == FUNDS - STAKE


def test_everything_returns_when_nobody_ended_the_auction_before_the_deadline(
    suanli, auction, terms, alice, carol, carols_bid
):
    suanli.commit(auction, terms, carols_bid, carol)
    next_block_at(terms.commit_until + 1)
    suanli.reveal(terms, carols_bid)
    next_block_at(terms.deadline)
    suanli.award(terms)
    assert (suanli.balance(alice), suanli.balance(carol)) == (FUNDS, FUNDS - STAKE)
    assert award_of(suanli, auction) == NOTHING


def test_auction_ends_early_when_every_bid_is_open(suanli, awarded):
    assert suanli.bidding.auctionOf(awarded)[0] == AWARDED


def test_auction_does_not_end_while_a_bid_may_be_opened(suanli, auction, terms, carol, carols_bid):
    suanli.commit(auction, terms, carols_bid, carol)
    next_block_at(terms.reveal_until)
    with reverts("StillRunning", auction, 1, terms.reveal_until):
        suanli.award(terms)


def test_auction_does_not_end_while_bids_are_taken(suanli, auction, terms):
    next_block_at(terms.commit_until)
    with reverts("StillRunning", auction, 0, terms.commit_until):
        suanli.award(terms)


@pytest.mark.parametrize("function", ["award", "reveal"])
def test_auction_is_awarded_once(suanli, awarded, terms, carols_bid, function):
    with reverts("WrongAuctionState", awarded, AWARDED):
        suanli.award(terms) if function == "award" else suanli.reveal(terms, carols_bid)


def test_budget_of_a_running_auction_is_no_reservation(suanli, auction, alice):
    with reverts("ReservationUnknown", auction):
        suanli.bidding.release(auction, {"from": alice})


def test_rest_of_an_award_returns_to_the_buyer_in_the_end(suanli, awarded, terms, alice, mallory):
    next_block_at(terms.deadline + CLAIM_GRACE_SECONDS + 1)
    suanli.bidding.release(awarded, {"from": mallory})
    assert suanli.balance(alice) == FUNDS


def test_buyers_cancelled_nonces_do_not_shorten_an_award(suanli, awarded, terms, alice):
    before = suanli.bidding.reservationOf(awarded)
    suanli.bidding.cancel(0, {"from": alice})
    suanli.bidding.cancel(terms.nonce, {"from": alice})
    assert suanli.bidding.reservationOf(awarded) == before
