"""The way out of auctions: budgets, deposits, sealed bids and what falls to the buyer. Pure rules."""

from collections.abc import Iterator

from suanli.direct import court_steps
from suanli.direct.bids import SealedBid
from suanli.direct.holdings import AuctionHolding, AuctionState, Holdings
from suanli.direct.moves import Choice, Place, Step
from suanli.protocol.auctions import bid_values, terms_values


def places(holdings: Holdings, one: AuctionHolding) -> Iterator[Place]:
    """The account's money in one auction."""
    for bid in one.unopened:
        yield Place("sealed bid", one.auction, one.terms.deposit, _reveal(one, bid), _last(holdings, one))
    amounts = (
        ("auction budget", one.budget),
        ("auction deposit", one.deposits),
        ("forfeited deposit", one.forfeited),
    )
    for kind, amount in amounts:
        if amount:
            step = _step_of(one, kind, holdings.now)
            yield Place(kind, one.auction, amount, step, _due_at(holdings, one, step))


def choices(holdings: Holdings, one: AuctionHolding) -> Iterator[Choice]:
    """What the account's holder may or must do in one auction."""
    deposit, terms = one.terms.deposit, one.terms
    missing = one.own_sealed - len(one.unopened)
    if one.state is AuctionState.OPEN and missing and holdings.now <= terms.reveal_until:
        command = f"suanli auction reveal {one.auction}"
        yield Choice("open the bid where it was sealed", one.auction, terms.reveal_until, deposit, command)
    if one.state is AuctionState.AWARDED and one.deposits and not one.finished:
        command = "suanli claim open PAPERS"
        yield Choice("claim the award's finished tasks", one.auction, one.release_at - 1, deposit, command)


def _reveal(one: AuctionHolding, bid: SealedBid) -> Step:
    arguments = terms_values(one.terms), bid_values(bid.bid())
    subject = f"{one.auction} {bid.node}"
    return Step("Bidding", "revealBid", subject, arguments, one.terms.commit_until + 1)


def _step_of(one: AuctionHolding, kind: str, now: int) -> Step | None:
    """None while claims on the award are open: the contract waits for their end."""
    if one.open_claims:
        return None
    return _forfeit(one) if kind == "forfeited deposit" else _step(one, now)


def _step(one: AuctionHolding, now: int) -> Step:
    terms = (terms_values(one.terms),)
    if one.state is AuctionState.AWARDED:
        return Step("Bidding", "settleBond", one.auction, terms, 0 if one.finished else one.release_at)
    if one.budget and not one.bids and now < one.terms.commit_until:
        return Step("Bidding", "cancelAuction", one.auction, terms)
    over = one.terms.reveal_until if one.sealed else one.terms.commit_until
    return Step("Bidding", "award", one.auction, terms, over + 1)


def _forfeit(one: AuctionHolding) -> Step:
    if one.state is AuctionState.AWARDED:
        return Step("Bidding", "settleBond", one.auction, (terms_values(one.terms),), one.release_at)
    return Step("Bidding", "award", one.auction, (terms_values(one.terms),), one.terms.reveal_until + 1)


def _due_at(holdings: Holdings, one: AuctionHolding, step: Step | None) -> int:
    """With bids somebody may win: then budget and deposit wait for the award's end, or its claims' ends."""
    if step is None:
        return max([holdings.now, *court_steps.award_ends(holdings, one.auction)])
    stays = one.state is AuctionState.OPEN and one.bids
    return _last(holdings, one) if stays else max(step.ready_at, holdings.now)


def _last(holdings: Holdings, one: AuctionHolding) -> int:
    return one.terms.deadline + holdings.waits.claim_grace + 1
