"""An order, an auction and its bids, and what bidders do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from brownie import chain

from suanli.protocol.auctions import (
    AuctionTerms,
    Bid,
    QualityRule,
    bid_values,
    quality_label,
    seal,
    terms_values,
)
from suanli.protocol.messages import JobOrder, Limits, Prices
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import Suanli

DAY = 24 * 3600
BUDGET = 1_000_000
ORDERED = 1000
"""The budget of alice's order, which a reservation must hold."""
DEPOSIT = 5000
TASKS = 300


@dataclass(frozen=True, slots=True)
class Bidders(Suanli):
    """The deployment and what bidders do with it."""

    def reserved(self, order: str) -> int:
        """What lies on the account of an order's or award's reservation, in atoms."""
        return self.balance(self.bidding.reservationAccount(order))

    def commit(self, auction: str, terms: AuctionTerms, bid: Bid, bidder: Any) -> Any:
        """Seal a bid."""
        arguments = terms_values(terms), bid.node, seal(auction, bid)
        return self.bidding.commitBid(*arguments, {"from": bidder})

    def reveal(self, terms: AuctionTerms, bid: Bid, sender: Any = None) -> Any:
        """Open a bid, the relayer sending unless told otherwise."""
        return self.bidding.revealBid(terms_values(terms), bid_values(bid), {"from": sender or self.relayer})

    def award(self, terms: AuctionTerms) -> Any:
        """End the auction, the relayer sending."""
        return self.bidding.award(terms_values(terms), {"from": self.relayer})

    def hold(self, auction: str, terms: AuctionTerms, bids: Sequence[tuple[Bid, Any]]) -> Any:
        """The whole auction: everybody commits and opens, then the award."""
        for bid, bidder in bids:
            self.commit(auction, terms, bid, bidder)
        next_block_at(terms.commit_until + 1)
        for bid, _ in bids:
            self.reveal(terms, bid)
        return self.award(terms)


@pytest.fixture(scope="session")
def suanli(suanli: Suanli) -> Bidders:
    """The one deployment, with what bidders do."""
    return Bidders(*(getattr(suanli, field.name) for field in fields(suanli)))


@pytest.fixture
def order(alice: Any, operator: Any) -> JobOrder:
    """Alice's order, a day long."""
    return JobOrder(
        buyer=alice.address,
        operator=operator.address,
        specRoot="0x" + "5e" * 32,
        tasks=10,
        policy=0,
        replicas=1,
        budget=ORDERED,
        maximumPrices=Prices(fuel=1, memoryFuel=1, ingress=1, egress=1),
        limits=Limits(fuel=1, memoryBytes=1, inputBytes=1, outputBytes=1, wallSeconds=1),
        deadline=chain.time() + DAY,
        nonce=11,
    )


@pytest.fixture
def terms(alice: Any) -> AuctionTerms:
    """Alice's auction: a day for bids, a day for opening them, a week for the work."""
    now = chain.time()
    return AuctionTerms(
        buyer=alice.address,
        spec_root="0x" + "5e" * 32,
        tasks=TASKS,
        budget=BUDGET,
        deposit=DEPOSIT,
        commit_until=now + DAY,
        reveal_until=now + 2 * DAY,
        deadline=now + 9 * DAY,
        nonce=1,
        qualities=(
            QualityRule(quality_label("hours"), 100, 1000),
            QualityRule(quality_label("milliseconds"), 500, 7),
        ),
    )


@pytest.fixture
def auction(suanli: Bidders, terms: AuctionTerms, alice: Any) -> str:
    """The id of alice's open auction."""
    return str(suanli.bidding.openAuction(terms_values(terms), {"from": alice}).return_value)


@pytest.fixture
def carols_bid(carols_node: Any) -> Bid:
    """700 000 atoms; its score is 720 700."""
    return Bid(carols_node.address, 700_000, (20, 100), "0x" + "ca" * 32)


@pytest.fixture
def daves_bid(daves_node: Any) -> Bid:
    """Cheaper than carol's but worse: its score is 763 500."""
    return Bid(daves_node.address, 660_000, (100, 500), "0x" + "da" * 32)


@pytest.fixture
def awarded(
    suanli: Bidders, auction: str, terms: AuctionTerms, carols_bid: Bid, daves_bid: Bid, carol: Any, dave: Any
) -> str:
    """The id of the auction that carol won against dave."""
    suanli.hold(auction, terms, [(carols_bid, carol), (daves_bid, dave)])
    return auction


@pytest.fixture
def changed(terms: AuctionTerms) -> Callable[..., AuctionTerms]:
    """The terms with changes."""
    return lambda **changes: replace(terms, **changes)
