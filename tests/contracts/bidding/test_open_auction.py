"""Bidding.openAuction and .cancelAuction."""

from dataclasses import replace

import pytest

from suanli.protocol.auctions import NO_SCORE, QualityRule, auction_id, quality_label, terms_values
from tests.contracts.bidding.conftest import BUDGET, DAY
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS
from tests.contracts.reverts import reverts

ZERO = "0x" + "00" * 20
OPEN, CLOSED = 1, 3
CHEAP = QualityRule(quality_label("watts"), 1, 1)


def open_auction(suanli, terms, sender):
    return suanli.bidding.openAuction(terms_values(terms), {"from": sender})


def test_buyer_opens_an_auction_and_locks_its_budget(suanli, alice, terms):
    receipt = open_auction(suanli, terms, alice)
    expected = auction_id(terms, suanli.domain.chain_id, suanli.bidding.address)
    assert str(receipt.return_value) == expected
    assert receipt.events["AuctionOpened"]["auction"] == expected
    assert suanli.balance(alice) == FUNDS - BUDGET
    assert suanli.reserved(expected) == BUDGET
    assert tuple(suanli.bidding.auctionOf(expected)) == (OPEN, ZERO, NO_SCORE, NO_SCORE, 0)


def test_nobody_opens_an_auction_with_anothers_money(suanli, alice, mallory, terms):
    with reverts("NotBuyer", alice, mallory):
        open_auction(suanli, terms, mallory)


def test_same_terms_count_once(suanli, alice, auction, terms, changed):
    with reverts("WrongAuctionState", auction, OPEN):
        open_auction(suanli, terms, alice)
    open_auction(suanli, changed(nonce=2), alice)


@pytest.mark.parametrize("tasks", [0, 2**16 + 1])
def test_auction_needs_a_sensible_number_of_tasks(suanli, alice, changed, tasks):
    with reverts("InvalidTasks", tasks, 2**16):
        open_auction(suanli, changed(tasks=tasks), alice)


@pytest.mark.parametrize("field", ["budget", "deposit"])
def test_auction_needs_a_budget_and_a_deposit(suanli, alice, changed, field):
    with reverts("InvalidAmount", 0):
        open_auction(suanli, changed(**{field: 0}), alice)


@pytest.mark.parametrize(("field", "after"), [("reveal_until", "commit_until"), ("deadline", "reveal_until")])
def test_phases_follow_each_other(suanli, alice, terms, field, after):
    wrong = replace(terms, **{field: getattr(terms, after)})
    with reverts("InvalidPhases", wrong.commit_until, wrong.reveal_until, wrong.deadline):
        open_auction(suanli, wrong, alice)


def test_phases_lie_ahead(suanli, alice, terms):
    next_block_at(terms.commit_until)
    with reverts("InvalidPhases", terms.commit_until, terms.reveal_until, terms.deadline):
        open_auction(suanli, terms, alice)


def test_auction_has_at_most_eight_qualities(suanli, alice, changed):
    open_auction(suanli, changed(qualities=(CHEAP,) * 8), alice)
    with reverts("TooManyQualities", 9):
        open_auction(suanli, changed(qualities=(CHEAP,) * 9), alice)


def test_highest_score_must_fit(suanli, alice, changed):
    heavy = QualityRule(quality_label("watts"), 2**64 - 1, 2**32)
    rest = NO_SCORE - BUDGET - heavy.maximum * heavy.weight
    with reverts("ScoreTooLarge", NO_SCORE):
        open_auction(suanli, changed(qualities=(heavy, replace(CHEAP, maximum=rest))), alice)
    open_auction(suanli, changed(qualities=(heavy, replace(CHEAP, maximum=rest - 1))), alice)


def test_buyer_cannot_open_with_more_than_it_has(suanli, alice, changed):
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        open_auction(suanli, changed(budget=FUNDS + 1), alice)


def test_buyer_takes_an_auction_without_bids_back(suanli, alice, auction, terms):
    receipt = suanli.bidding.cancelAuction(terms_values(terms), {"from": alice})
    assert receipt.events["AuctionCancelled"]["auction"] == auction
    assert suanli.balance(alice) == FUNDS
    assert suanli.bidding.auctionOf(auction)[0] == CLOSED
    with reverts("WrongAuctionState", auction, CLOSED):
        suanli.bidding.cancelAuction(terms_values(terms), {"from": alice})


def test_buyer_cannot_cancel_after_the_first_bid(suanli, alice, carol, auction, terms, carols_bid):
    suanli.commit(auction, terms, carols_bid, carol)
    with reverts("BidsCommitted", auction, 1):
        suanli.bidding.cancelAuction(terms_values(terms), {"from": alice})


def test_nobody_else_cancels_an_auction(suanli, alice, mallory, auction, terms):
    with reverts("NotBuyer", alice, mallory):
        suanli.bidding.cancelAuction(terms_values(terms), {"from": mallory})


def test_cancelling_ends_with_the_bids(suanli, alice, auction, terms):
    next_block_at(terms.commit_until + DAY)
    with reverts("CommitEnded", auction, terms.commit_until):
        suanli.bidding.cancelAuction(terms_values(terms), {"from": alice})
