"""Finds an account's money in auctions, and the sealed bids that are kept here. Reads only."""

from collections.abc import Iterable
from pathlib import Path

from suanli.direct.auction_book import Auction, auction_now, auction_terms, is_sealed, paid_tasks
from suanli.direct.bids import SealedBid, load_bid
from suanli.direct.chain import Chain
from suanli.direct.coding import hex_of, raw
from suanli.direct.holdings import AuctionHolding, AuctionState
from suanli.protocol.auctions import AuctionTerms
from suanli.protocol.values import Address, Hash


def auctions_of(
    chain: Chain, account: Address, nodes: Iterable[Address], now: int, bids: Path
) -> tuple[AuctionHolding, ...]:
    """The auctions that the account opened or in which a node of its bids, with money in them."""
    bidders: dict[Hash, list[Address]] = {}
    for node in nodes:
        for one in chain.said("Bidding", "BidCommitted", node=node):
            bidders.setdefault(hex_of(one.arguments["auction"]), []).append(node)
    terms = auction_terms(chain, buyer=account)
    terms |= {one: auction_terms(chain, auction=raw(one))[one] for one in bidders if one not in terms}
    held = [
        _holding(chain, account, auction_now(chain, one, terms[one]), bidders.get(one, []), now, bids)
        for one in terms
    ]
    return tuple(one for one in held if one is not None)


def _holding(
    chain: Chain, account: Address, auction: Auction, own: list[Address], now: int, bids: Path
) -> AuctionHolding | None:
    if auction.state is AuctionState.OPEN:
        return _running(chain, account, auction, own, now, bids)
    if auction.state is AuctionState.AWARDED and not _is_bond_settled(chain, auction.id):
        return _awarded(chain, account, auction, own)
    return None


def _running(
    chain: Chain, account: Address, auction: Auction, own: list[Address], now: int, bids: Path
) -> AuctionHolding:
    terms, is_buyer = auction.terms, auction.terms.buyer == account
    is_late = now > terms.reveal_until  # what is sealed now is lost to its bidder
    hidden = [] if is_late else [node for node in own if is_sealed(chain, auction.id, node)]
    unopened = tuple(_openable(chain, bids, auction.id, hidden))
    unknown = len(hidden) - len(unopened)
    best = 1 if auction.best in own else 0
    return AuctionHolding(
        auction.id,
        terms,
        auction.state,
        budget=terms.budget if is_buyer else 0,
        deposits=terms.deposit * (unknown + best),
        forfeited=terms.deposit * auction.sealed if is_buyer and is_late else 0,
        bids=bool(auction.sealed) or auction.best is not None,
        sealed=auction.sealed,
        own_sealed=len(hidden),
        unopened=unopened,
    )


def _awarded(chain: Chain, account: Address, auction: Auction, own: list[Address]) -> AuctionHolding | None:
    terms: AuctionTerms = auction.terms
    paid = paid_tasks(chain, auction.id, terms.tasks)
    open_claims = int(chain.read("ClaimCourt", "openClaimsOf", raw(auction.id)))
    lost = terms.deposit - terms.deposit * paid // terms.tasks
    is_winner, is_buyer = auction.best in own, terms.buyer == account
    if not is_winner and not (is_buyer and lost):
        return None
    return AuctionHolding(
        auction.id,
        terms,
        auction.state,
        deposits=terms.deposit if is_winner else 0,
        forfeited=lost if is_buyer else 0,
        bids=True,
        release_at=int(chain.read("Bidding", "reservationOf", raw(auction.id))[2]),
        finished=paid == terms.tasks,
        open_claims=open_claims,
    )


def _openable(chain: Chain, bids: Path, auction: Hash, nodes: list[Address]) -> Iterable[SealedBid]:
    for node in nodes:
        kept = load_bid(bids, auction, node)
        if kept is not None and raw(kept.seal()) == chain.read("Bidding", "sealOf", raw(auction), node):
            yield kept


def _is_bond_settled(chain: Chain, auction: Hash) -> bool:
    return bool(chain.said("Bidding", "BondSettled", auction=raw(auction)))
