"""Bidding.revealBid."""

from dataclasses import replace

import pytest

from suanli.protocol.auctions import NO_SCORE, score, seal, terms_values
from tests.contracts.bidding.conftest import BUDGET, DEPOSIT
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.reverts import reverts

ZERO_HASH = "0x" + "00" * 32


@pytest.fixture
def opening(suanli, auction, terms, carol, dave, carols_bid, daves_bid):
    """Both have bid, and the time of sealed bids is over."""
    suanli.commit(auction, terms, carols_bid, carol)
    suanli.commit(auction, terms, daves_bid, dave)
    next_block_at(terms.commit_until + 1)
    return auction


def test_first_bid_leads_and_its_deposit_stays(suanli, opening, terms, carol, carols_node, carols_bid):
    shown = dict(suanli.reveal(terms, carols_bid).events["BidRevealed"])
    points = score(terms, carols_bid)
    assert shown | {"qualities": tuple(map(int, shown["qualities"]))} == {
        "auction": opening,
        "node": carols_node,
        "price": carols_bid.price,
        "qualities": carols_bid.qualities,
        "score": points,
        "valid": True,
    }
    assert tuple(suanli.bidding.auctionOf(opening))[1:] == (carols_node, points, NO_SCORE, 1)
    assert suanli.balance(carol) == FUNDS - STAKE - DEPOSIT


def test_worse_bid_gets_its_deposit_back_at_once(suanli, opening, terms, dave, carols_bid, daves_bid):
    suanli.reveal(terms, carols_bid)
    suanli.reveal(terms, daves_bid)
    assert suanli.balance(dave) == FUNDS - STAKE
    assert suanli.bidding.auctionOf(opening)[3] == score(terms, daves_bid)


def test_beaten_bid_gets_its_deposit_back_at_once(suanli, opening, terms, dave, carols_bid, daves_bid):
    suanli.reveal(terms, daves_bid)
    suanli.reveal(terms, carols_bid)
    assert suanli.balance(dave) == FUNDS - STAKE
    assert suanli.bidding.auctionOf(opening)[3] == score(terms, daves_bid)


@pytest.mark.parametrize(
    "excess", [{"price": BUDGET + 1}, {"qualities": (101, 0)}, {"qualities": (0, 501)}, {"qualities": (1,)}]
)
def test_bid_beyond_budget_or_limits_cannot_win_but_keeps_its_deposit(
    suanli, auction, terms, carol, carols_bid, excess
):
    beyond = replace(carols_bid, **excess)
    suanli.commit(auction, terms, beyond, carol)
    next_block_at(terms.commit_until + 1)
    shown = suanli.reveal(terms, beyond).events["BidRevealed"]
    assert (shown["valid"], shown["score"]) == (False, 0)
    assert suanli.balance(carol) == FUNDS - STAKE
    assert suanli.bidding.auctionOf(auction)[2] == NO_SCORE


def test_bid_at_budget_and_limits_can_win(suanli, auction, terms, carol, carols_bid):
    at_limits = replace(carols_bid, price=BUDGET, qualities=(100, 500))
    suanli.commit(auction, terms, at_limits, carol)
    next_block_at(terms.commit_until + 1)
    assert suanli.reveal(terms, at_limits).events["BidRevealed"]["valid"]


@pytest.mark.parametrize(
    "change",
    [{"price": 1}, {"qualities": (1, 1)}, {"salt": "0x" + "01" * 32}, {"qualities": (20, 100, 0)}],
)
def test_bid_cannot_be_changed_when_it_is_opened(suanli, opening, terms, carols_bid, change):
    other = replace(carols_bid, **change)
    expected, given = seal(opening, carols_bid), seal(opening, other)
    with reverts("SealMismatch", opening, carols_bid.node, expected, given):
        suanli.reveal(terms, other)


def test_copied_seal_is_useless_to_the_copier(suanli, auction, terms, carol, dave, carols_bid, daves_node):
    suanli.commit(auction, terms, carols_bid, carol)
    copied = seal(auction, carols_bid)
    suanli.bidding.commitBid(terms_values(terms), daves_node, copied, {"from": dave})
    next_block_at(terms.commit_until + 1)
    suanli.reveal(terms, carols_bid, dave)
    own = replace(carols_bid, node=daves_node.address)
    with reverts("SealMismatch", auction, daves_node, copied, seal(auction, own)):
        suanli.reveal(terms, own, dave)


def test_seal_cannot_be_opened_in_another_auction(suanli, alice, auction, changed, carol, carols_bid):
    other = changed(nonce=2)
    second = str(suanli.bidding.openAuction(terms_values(other), {"from": alice}).return_value)
    sealed = seal(auction, carols_bid)
    suanli.bidding.commitBid(terms_values(other), carols_bid.node, sealed, {"from": carol})
    next_block_at(other.commit_until + 1)
    with reverts("SealMismatch", second, carols_bid.node, sealed, seal(second, carols_bid)):
        suanli.reveal(other, carols_bid)


def test_bid_is_opened_once(suanli, opening, terms, carols_bid):
    suanli.reveal(terms, carols_bid)
    with reverts("SealMismatch", opening, carols_bid.node, ZERO_HASH, seal(opening, carols_bid)):
        suanli.reveal(terms, carols_bid)


@pytest.mark.parametrize(("phase", "shift"), [("commit_until", 0), ("reveal_until", 1)])
def test_bids_are_opened_in_their_time_only(suanli, auction, terms, carol, carols_bid, phase, shift):
    suanli.commit(auction, terms, carols_bid, carol)
    next_block_at(getattr(terms, phase) + shift)
    with reverts("NotRevealing", auction, terms.commit_until, terms.reveal_until):
        suanli.reveal(terms, carols_bid)


def test_last_second_of_opening_is_the_stated_one(suanli, opening, terms, carols_bid):
    next_block_at(terms.reveal_until)
    suanli.reveal(terms, carols_bid)


def test_deposit_of_a_node_keys_bid_returns_to_the_owner(
    suanli, auction, terms, carol, dave, carols_node, carols_bid, daves_bid
):
    suanli.fund(carols_node, DEPOSIT)
    suanli.commit(auction, terms, replace(carols_bid, price=BUDGET), carols_node)
    suanli.commit(auction, terms, daves_bid, dave)
    next_block_at(terms.commit_until + 1)
    suanli.reveal(terms, daves_bid)
    suanli.reveal(terms, replace(carols_bid, price=BUDGET))
    assert suanli.balance(carol) == FUNDS - STAKE + DEPOSIT


def test_node_that_disconnects_meanwhile_still_opens_its_bid(suanli, opening, terms, carol, carols_bid):
    suanli.registry.disconnect(carols_bid.node, {"from": carol})
    assert suanli.reveal(terms, carols_bid).events["BidRevealed"]["valid"]
