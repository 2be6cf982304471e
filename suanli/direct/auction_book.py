"""Auctions as the chain tells them: terms by their event, how far each is by the contract's own record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from suanli.direct.chain import Chain
from suanli.direct.coding import hex_of, raw
from suanli.direct.holdings import AuctionState
from suanli.protocol.auctions import NO_SCORE, AuctionTerms, QualityRule
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

_NOBODY = "0x" + "0" * 40
_WORD_BITS = 256


@dataclass(frozen=True, slots=True)
class Auction:
    """One auction now: its best opened bid and the second lowest score, None where there is none."""

    id: Hash
    terms: AuctionTerms
    state: AuctionState
    best: Address | None
    score: int | None
    second_score: int | None
    sealed: int


def auction_terms(chain: Chain, **named: Any) -> dict[Hash, AuctionTerms]:
    """The terms of every auction, or of those whose event has these indexed arguments, oldest first."""
    told = chain.said("Bidding", "AuctionOpened", **named)
    return {hex_of(one.arguments["auction"]): _terms(one.arguments["terms"]) for one in told}


def find_auction(chain: Chain, auction: Hash) -> Auction:
    """One auction. Raises ClientError(NOT_FOUND | SETTINGS_INVALID)."""
    try:
        named = raw(auction.lower())
    except ValueError:
        raise ClientError(Reason.SETTINGS_INVALID, f"AUCTION: {auction!r} is no id") from None
    if len(named) != _WORD_BITS // 8:
        raise ClientError(Reason.SETTINGS_INVALID, f"AUCTION: {auction!r} is no id")
    terms = auction_terms(chain, auction=named)
    if not terms:
        raise ClientError(Reason.NOT_FOUND, f"no auction has the id {auction}")
    return auction_now(chain, auction.lower(), terms[auction.lower()])


def auction_now(chain: Chain, auction: Hash, terms: AuctionTerms) -> Auction:
    """How far the auction under these terms is."""
    number, best, score, second, sealed = chain.read("Bidding", "auctionOf", raw(auction))
    return Auction(
        auction,
        terms,
        AuctionState(number),
        None if best == _NOBODY else str(best),
        None if score == NO_SCORE else int(score),
        None if second == NO_SCORE else int(second),
        int(sealed),
    )


def is_sealed(chain: Chain, auction: Hash, node: Address) -> bool:
    """Whether the node's bid is committed and not open."""
    return any(chain.read("Bidding", "sealOf", raw(auction), node))


def paid_tasks(chain: Chain, auction: Hash, tasks: int) -> int:
    """How many tasks of an award are paid or claimed."""
    space = chain.read("Bidding", "reservationAccount", raw(auction))
    words = [int(chain.read("Settlement", "paidWord", space, at)) for at in range(-(-tasks // _WORD_BITS))]
    bits = sum(word << at * _WORD_BITS for at, word in enumerate(words))
    return (bits & (1 << tasks) - 1).bit_count()


def _terms(told: Mapping[str, Any]) -> AuctionTerms:
    qualities = (
        QualityRule(hex_of(one["label"]), one["maximum"], one["weight"]) for one in told["qualities"]
    )
    return AuctionTerms(
        buyer=told["buyer"],
        spec_root=hex_of(told["specRoot"]),
        tasks=told["tasks"],
        budget=told["budget"],
        deposit=told["deposit"],
        commit_until=told["commitUntil"],
        reveal_until=told["revealUntil"],
        deadline=told["deadline"],
        nonce=told["nonce"],
        qualities=tuple(qualities),
    )
