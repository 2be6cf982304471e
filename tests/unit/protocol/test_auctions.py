"""The second score's price: who wins, what the winner is paid, and that honest bids gain most."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.auctions import (
    AuctionTerms,
    Bid,
    QualityRule,
    auction_id,
    decide,
    quality_cost,
    quality_label,
    score,
    seal,
    tie_break,
)
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from tests.unit.protocol.strategies import addresses, hashes

AUCTION, SALT = "0x" + "a0" * 32, "0x" + "5a" * 32
BIDDING = "0x" + "b1" * 20
BUYER = "0x" + "bb" * 20
BUDGET = 1000
TERMS = AuctionTerms(
    buyer=BUYER,
    spec_root="0x" + "5e" * 32,
    tasks=10,
    budget=BUDGET,
    deposit=50,
    commit_until=100,
    reveal_until=200,
    deadline=900,
    nonce=1,
    qualities=(QualityRule(quality_label("hours"), 9, 20), QualityRule(quality_label("watts"), 3, 100)),
)


def bid(number: int, price: int, *qualities: int) -> Bid:
    return Bid("0x" + f"{number:02x}" * 20, price, qualities or (0, 0), SALT)


prices = st.integers(0, BUDGET + 5) | st.sampled_from((500, BUDGET, BUDGET + 1))
offers = st.tuples(prices, st.integers(0, 10), st.integers(0, 4))
books = st.lists(offers, max_size=8).map(
    lambda rows: [bid(number, *offer) for number, offer in enumerate(rows, start=1)]
)


def test_score_adds_the_priced_qualities_to_the_price() -> None:
    assert score(TERMS, bid(1, 500, 2, 1)) == 500 + 2 * 20 + 1 * 100
    assert quality_cost(TERMS, bid(1, 500, 2, 1)) == 140


@pytest.mark.parametrize("one", [bid(1, BUDGET + 1), bid(1, 1, 10, 0), bid(1, 1, 0, 4), bid(1, 1, 0)])
def test_bid_over_budget_or_limits_has_no_score(one: Bid) -> None:
    assert score(TERMS, one) is None
    assert decide(AUCTION, TERMS, [one]) is None


def test_better_quality_wins_over_a_lower_price_and_is_paid_for() -> None:
    good, cheap = bid(1, 500, 0, 0), bid(2, 450, 4, 0)
    award = decide(AUCTION, TERMS, [good, cheap])
    assert award is not None
    assert (award.node, award.payment) == (good.node, 450 + 80)


def test_lone_bidder_is_paid_the_budget() -> None:
    award = decide(AUCTION, TERMS, [bid(1, 1, 9, 3)])
    assert award is not None
    assert award.payment == BUDGET


def test_nobody_wins_without_bids() -> None:
    assert decide(AUCTION, TERMS, []) is None


@given(books)
def test_winner_has_the_lowest_score_and_ties_go_to_the_lower_hash(book: list[Bid]) -> None:
    valid = [one for one in book if score(TERMS, one) is not None]
    award = decide(AUCTION, TERMS, book)
    assert (award is None) == (not valid)
    if award is None:
        return
    lowest = min(score(TERMS, one) or 0 for one in valid)
    tied = [one.node for one in valid if score(TERMS, one) == lowest]
    assert award.node == min(tied, key=lambda node: tie_break(AUCTION, node))


@given(books)
def test_payment_lies_between_the_winners_price_and_the_budget(book: list[Bid]) -> None:
    award = decide(AUCTION, TERMS, book)
    if award is not None:
        [winner] = [one for one in book if one.node == award.node]
        assert winner.price <= award.payment <= BUDGET


@given(books, offers, prices)
def test_bidder_gains_nothing_by_bidding_another_price_than_its_cost(
    book: list[Bid], offer: tuple[int, int, int], other_price: int
) -> None:
    honest = bid(0xFF, min(offer[0], BUDGET), *offer[1:])
    cost = honest.price

    def gain(own: Bid) -> int:
        award = decide(AUCTION, TERMS, [*book, own])
        return award.payment - cost if award is not None and award.node == own.node else 0

    assert gain(honest) >= max(0, gain(replace(honest, price=other_price)))


@given(books)
def test_order_of_opening_does_not_matter(book: list[Bid]) -> None:
    assert decide(AUCTION, TERMS, book) == decide(AUCTION, TERMS, book[::-1])


@given(addresses, addresses, hashes, hashes)
def test_seal_names_the_auction_and_the_node(node: str, other: str, auction: str, second: str) -> None:
    one = replace(bid(1, 5), node=node)
    assert (seal(auction, one) == seal(auction, replace(one, node=other))) == (node == other)
    assert (seal(auction, one) == seal(second, one)) == (auction == second)


def test_seal_hides_behind_its_salt() -> None:
    assert seal(AUCTION, bid(1, 5)) != seal(AUCTION, replace(bid(1, 5), salt="0x" + "00" * 32))


def test_id_names_chain_contract_and_every_term() -> None:
    changes = [
        {"budget": BUDGET + 1},
        {"nonce": 2},
        {"deadline": 901},
        {"qualities": TERMS.qualities[:1]},
        {"buyer": BIDDING},
    ]
    ids = {auction_id(TERMS, 1, BIDDING), auction_id(TERMS, 2, BIDDING), auction_id(TERMS, 1, BUYER)}
    ids |= {auction_id(replace(TERMS, **change), 1, BIDDING) for change in changes}
    assert len(ids) == 3 + len(changes)


@pytest.mark.parametrize("text", ["", "x" * 33, "算力"])
def test_label_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        quality_label(text)
    assert refused.value.reason is Reason.MESSAGE_MALFORMED
