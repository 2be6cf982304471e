"""Bidding.commitBid."""

import pytest

from suanli.protocol.auctions import seal, terms_values
from tests.contracts.bidding.conftest import DEPOSIT
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.reverts import reverts

NONE, OPEN, CLOSED = 0, 1, 3


def commit(suanli, terms, node, sealed, sender):
    return suanli.bidding.commitBid(terms_values(terms), node, sealed, {"from": sender})


def test_owner_seals_a_bid_and_pays_the_deposit(suanli, auction, terms, carol, carols_node, carols_bid):
    receipt = suanli.commit(auction, terms, carols_bid, carol)
    sealed = seal(auction, carols_bid)
    assert dict(receipt.events["BidCommitted"]) == {"auction": auction, "node": carols_node, "seal": sealed}
    assert suanli.balance(carol) == FUNDS - STAKE - DEPOSIT
    assert suanli.balance(suanli.bidding) == DEPOSIT
    assert str(suanli.bidding.sealOf(auction, carols_node)) == sealed
    assert suanli.bidding.auctionOf(auction)[4] == 1


def test_node_key_bids_with_its_own_money_only(suanli, auction, terms, carol, carols_node, carols_bid):
    with reverts("BalanceTooSmall", carols_node, 0, DEPOSIT):
        suanli.commit(auction, terms, carols_bid, carols_node)
    suanli.fund(carols_node, DEPOSIT)
    suanli.commit(auction, terms, carols_bid, carols_node)
    assert suanli.balance(carol) == FUNDS - STAKE


def test_nobody_bids_for_anothers_node(suanli, auction, terms, dave, carols_node, carols_bid):
    with reverts("NotBidder", carols_node, dave):
        suanli.commit(auction, terms, carols_bid, dave)


def test_node_bids_once(suanli, auction, terms, carol, carols_node, carols_bid):
    suanli.commit(auction, terms, carols_bid, carol)
    with reverts("BidExists", auction, carols_node):
        suanli.commit(auction, terms, carols_bid, carol)


def test_empty_seal_is_refused(suanli, auction, terms, carol, carols_node):
    with reverts("InvalidSeal", "0x" + "00" * 32):
        commit(suanli, terms, carols_node, bytes(32), carol)


@pytest.mark.parametrize("leave", ["drain", "disconnect"])
def test_node_that_leaves_does_not_bid(suanli, auction, terms, carol, carols_node, carols_bid, leave):
    getattr(suanli.registry, leave)(carols_node, {"from": carol})
    with reverts("NodeNotConnected", carols_node):
        suanli.commit(auction, terms, carols_bid, carol)


def test_unknown_node_does_not_bid(suanli, auction, terms, mallory):
    with reverts("NodeNotConnected", mallory):
        commit(suanli, terms, mallory, b"\1" * 32, mallory)


def test_last_second_of_bids_is_the_stated_one(suanli, auction, terms, carol, dave, carols_bid, daves_bid):
    next_block_at(terms.commit_until)
    suanli.commit(auction, terms, carols_bid, carol)
    next_block_at(terms.commit_until + 1)
    with reverts("CommitEnded", auction, terms.commit_until):
        suanli.commit(auction, terms, daves_bid, dave)


def test_no_bid_is_taken_under_other_terms(suanli, auction, terms, changed, carol, carols_node):
    other = changed(budget=terms.budget + 1)
    with reverts("WrongAuctionState", suanli.bidding.auctionId(terms_values(other)), NONE):
        commit(suanli, other, carols_node, b"\1" * 32, carol)


def test_no_bid_is_taken_by_a_cancelled_auction(suanli, auction, terms, alice, carol, carols_bid):
    suanli.bidding.cancelAuction(terms_values(terms), {"from": alice})
    with reverts("WrongAuctionState", auction, CLOSED):
        suanli.commit(auction, terms, carols_bid, carol)
