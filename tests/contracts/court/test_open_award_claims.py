"""ClaimCourt.openAwardClaims: an auction's winner is paid without the buyer."""

import pytest
from brownie import chain

from suanli.protocol.auctions import AuctionTerms, Bid, bid_values, seal, terms_values
from suanli.protocol.court import award_task_id
from suanli.protocol.merkle import MerkleTree
from suanli.protocol.messages import Receipt
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import CLAIM_GRACE_SECONDS, FUNDS, STAKE
from tests.contracts.court.conftest import RESULT, RULES, SPECS, USAGE, claim_of, claim_values
from tests.contracts.reverts import reverts
from tests.contracts.signing import values

BUDGET, DEPOSIT = 1_000_001, 5000
PRICE = BUDGET // len(SPECS)


@pytest.fixture
def terms(alice):
    now = chain.time()
    return AuctionTerms(
        buyer=alice.address, spec_root=MerkleTree(SPECS).root(), tasks=len(SPECS), budget=BUDGET,
        deposit=DEPOSIT, commit_until=now + 60, reveal_until=now + 120, deadline=now + 3600, nonce=1,
        qualities=(),
    )  # fmt: skip


@pytest.fixture
def auction(market_day, terms, alice, carols_node, carol, relayer):
    """Carol's node won alice's auction for the whole budget: nobody else bid."""
    bidding = market_day.bidding
    auction = str(bidding.openAuction(terms_values(terms), {"from": alice}).return_value)
    bid = Bid(carols_node.address, BUDGET, (), "0x" + "ca" * 32)
    bidding.commitBid(terms_values(terms), carols_node, seal(auction, bid), {"from": carol})
    next_block_at(terms.commit_until + 1)
    bidding.revealBid(terms_values(terms), bid_values(bid), {"from": relayer})
    bidding.award(terms_values(terms), {"from": relayer})
    return auction


@pytest.fixture
def claim_task(market_day, auction, carols_node):
    """The node claims a task of the award for an amount."""

    def _claim_task(task, amount, spec=None):
        receipt = Receipt(
            lease=award_task_id(auction, task), outcome=0, result=RESULT, usage=USAGE, amount=amount
        )
        proof = MerkleTree(SPECS).proof(task)
        item = (task, spec or SPECS[task], values(receipt), market_day.signed(carols_node, receipt), proof)
        return market_day.court.openAwardClaims(auction, [item], {"from": carols_node})

    return _claim_task


def test_winner_is_paid_each_task_and_the_remainder_with_the_last(market_day, claim_task, carol, relayer):
    for task, price in enumerate((PRICE, PRICE, BUDGET - 2 * PRICE)):
        claim = claim_of(claim_task(task, price).events["ClaimOpened"]["claim"])
        assert (claim.awarded, claim.serial, claim.amount) == (True, task, price)
        next_block_at(claim.opened_at + RULES.claim_window_seconds + 1)
        market_day.court.closeClaim(claim_values(claim), {"from": relayer})
    assert market_day.balance(carol) == FUNDS - STAKE - DEPOSIT + BUDGET


def test_award_is_paid_from_its_reservation(market_day, auction, claim_task, alice):
    claim_task(0, PRICE)
    assert market_day.balance(alice) == FUNDS - BUDGET
    assert market_day.balance(market_day.bidding.reservationAccount(auction)) == BUDGET - PRICE


@pytest.mark.parametrize("difference", [-1, 1])
def test_winner_claims_the_tasks_price_and_nothing_else(claim_task, difference):
    with reverts("WrongAmount", PRICE + difference, PRICE):
        claim_task(0, PRICE + difference)


def test_task_is_claimed_once(claim_task, market_day, auction):
    claim_task(1, PRICE)
    record = "0x" + bytes(market_day.court.recordOf(award_task_id(auction, 1))).hex()
    with reverts("ClaimExists", award_task_id(auction, 1), record):
        claim_task(1, PRICE)


def test_other_work_than_was_put_up_is_not_claimed(claim_task):
    with reverts("WrongSpec", SPECS[1], 0):
        claim_task(0, PRICE, spec=SPECS[1])


def test_award_is_not_claimed_after_the_grace(auction, claim_task, terms):
    end = terms.deadline + CLAIM_GRACE_SECONDS
    next_block_at(end + 1)
    with reverts("ClaimsEnded", auction, end):
        claim_task(0, PRICE)


def test_auction_without_an_award_is_not_claimed(market_day, carols_node):
    nothing = "0x" + "00" * 32
    item = (0, nothing, (nothing, 0, nothing, USAGE.vector(), 1), b"", [])
    with reverts("NotAwarded", nothing):
        market_day.court.openAwardClaims(nothing, [item], {"from": carols_node})
