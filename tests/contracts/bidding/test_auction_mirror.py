"""The contract awards what the protocol's pure rules decide, over random auctions; and what that costs."""

import random
from dataclasses import replace

import brownie
import pytest

from suanli.protocol.auctions import Bid, auction_id, decide, score, seal, terms_values
from tests.contracts.bidding.conftest import BUDGET, DEPOSIT
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FUNDS, STAKE, _person

BIDDERS = 10
ZERO = "0x" + "00" * 20


def request(method, *arguments):
    return brownie.web3.provider.make_request(method, list(arguments))["result"]


@pytest.fixture(scope="module")
def bidders(market_day):
    """Ten owners with money and a connected node each; they leave with this module."""
    before = request("evm_snapshot")
    pairs = [(_person(f"owner {number}"), _person(f"node {number}")) for number in range(BIDDERS)]
    for owner, node in pairs:
        market_day.fund(owner)
        market_day.connect(node, owner)
    yield pairs
    assert request("evm_revert", before) is True


def random_bids(luck, bidders):
    """Around the limits and coarse, so that some cannot win and some tie."""
    for number, (owner, node) in enumerate(bidders):
        qualities = luck.choice((0, 50, 100, 101)), luck.choice((0, 500, 501))
        price = luck.choice((luck.randrange(BUDGET), 500_000, BUDGET, BUDGET + 1))
        yield Bid(node.address, price, qualities, f"0x{number:064x}"), owner


@pytest.mark.parametrize("seed", range(20))
def test_random_auction_is_awarded_as_the_rules_decide(suanli, auction, terms, alice, bidders, seed):
    luck = random.Random(seed)
    bids = list(random_bids(luck, luck.sample(bidders, luck.randrange(BIDDERS))))
    for bid, owner in bids:
        suanli.commit(auction, terms, bid, owner)
        assert str(suanli.bidding.sealOf(auction, bid.node)) == seal(auction, bid)
    opened = [bid for bid, _ in bids if luck.random() < 0.8]
    luck.shuffle(opened)
    next_block_at(terms.commit_until + 1)
    for bid in opened:
        assert suanli.reveal(terms, bid).events["BidRevealed"]["score"] == (score(terms, bid) or 0)
    next_block_at(terms.reveal_until + 1)
    suanli.award(terms)
    expected = decide(auction, terms, opened)
    node, payment = suanli.bidding.awardOf(auction)[:2]
    assert (node, payment) == ((expected.node, expected.payment) if expected else (ZERO, 0))
    forfeited = (len(bids) - len(opened)) * DEPOSIT
    assert suanli.balance(alice) == FUNDS - payment + forfeited


def test_id_of_an_auction_is_the_mirrors(suanli, auction, terms, changed):
    for one in (terms, changed(qualities=()), changed(nonce=2**256 - 1)):
        expected = auction_id(one, suanli.domain.chain_id, suanli.bidding.address)
        assert str(suanli.bidding.auctionId(terms_values(one))) == expected
    assert auction == auction_id(terms, suanli.domain.chain_id, suanli.bidding.address)


def test_losers_send_two_transactions_and_have_all_their_money(suanli, auction, terms, bidders):
    bids = list(random_bids(random.Random(1), bidders))
    bids = [
        (replace(bid, price=400_000 + 1000 * n, qualities=(10, 20)), o) for n, (bid, o) in enumerate(bids)
    ]
    for bid, owner in bids:
        suanli.commit(auction, terms, bid, owner)
    next_block_at(terms.commit_until + 1)
    for bid, owner in bids:
        suanli.reveal(terms, bid, owner)
    suanli.award(terms)
    assert [suanli.balance(owner) for _, owner in bids[1:]] == [FUNDS - STAKE] * (BIDDERS - 1)
