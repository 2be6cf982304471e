"""Sealed-bid second-score auctions as `Bidding` holds them: ids, seals, scores, the winner and its payment.

Mirrors contracts/libraries/Auctions.sol; a test runs both on the same random bids. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.units import Money
from suanli.protocol.values import Address, Hash

NO_SCORE = (1 << 96) - 1
"""Above the score of every bid that can win, in atoms."""

_TERMS = "(address,bytes32,uint32,uint96,uint96,uint64,uint64,uint64,uint256,(bytes32,uint64,uint64)[])"
_BID = "(address,uint96,uint64[],bytes32)"


@dataclass(frozen=True, slots=True)
class QualityRule:
    """A published quality, lower is better: each unit counts `weight` atoms; above `maximum` no bid wins."""

    label: Hash
    maximum: int
    weight: int


@dataclass(frozen=True, slots=True)
class AuctionTerms:
    """What the buyer fixes: money in atoms, times in seconds since the Unix epoch (that second included)."""

    buyer: Address
    spec_root: Hash
    tasks: int
    budget: int
    deposit: int
    commit_until: int
    reveal_until: int
    deadline: int
    nonce: int
    qualities: tuple[QualityRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Bid:
    """What a seal hides: the price in atoms for all tasks, one number for each quality of the auction."""

    node: Address
    price: int
    qualities: tuple[int, ...]
    salt: Hash


@dataclass(frozen=True, slots=True)
class Award:
    """Who works, and for how many atoms in all."""

    node: Address
    payment: Money


def quality_label(text: str) -> Hash:
    """A quality's name and unit as its label, such as "hours". Raises ProtocolError(MESSAGE_MALFORMED)."""
    if not (text.isascii() and 0 < len(text) <= 32):
        raise ProtocolError(Reason.MESSAGE_MALFORMED, "a quality's label is 1 to 32 ASCII characters")
    return "0x" + text.encode("ascii").ljust(32, b"\0").hex()


def terms_values(terms: AuctionTerms) -> tuple[Any, ...]:
    """The terms as the tuple that a contract call takes."""
    return (
        terms.buyer,
        _bytes(terms.spec_root),
        terms.tasks,
        terms.budget,
        terms.deposit,
        terms.commit_until,
        terms.reveal_until,
        terms.deadline,
        terms.nonce,
        [(_bytes(rule.label), rule.maximum, rule.weight) for rule in terms.qualities],
    )


def bid_values(bid: Bid) -> tuple[Any, ...]:
    """The bid as the tuple that a contract call takes."""
    return bid.node, bid.price, list(bid.qualities), _bytes(bid.salt)


def auction_id(terms: AuctionTerms, chain_id: int, bidding: Address) -> Hash:
    """The id of the auction under these terms at the contract `bidding`."""
    types = ["uint256", "address", _TERMS]
    return "0x" + keccak(encode(types, [chain_id, bidding, terms_values(terms)])).hex()


def seal(auction: Hash, bid: Bid) -> Hash:
    """What the bidder commits to: keccak256(abi.encode(auction, bid))."""
    return "0x" + keccak(encode(["bytes32", _BID], [_bytes(auction), bid_values(bid)])).hex()


def quality_cost(terms: AuctionTerms, bid: Bid) -> Money | None:
    """What the bid's qualities cost in atoms; None when it is over the budget or a limit and cannot win."""
    if bid.price > terms.budget or len(bid.qualities) != len(terms.qualities):
        return None
    pairs = list(zip(terms.qualities, bid.qualities, strict=True))
    if any(quality > rule.maximum for rule, quality in pairs):
        return None
    return Money(sum(rule.weight * quality for rule, quality in pairs))


def score(terms: AuctionTerms, bid: Bid) -> Money | None:
    """Price and qualities together in atoms, lower is better; None when the bid cannot win."""
    cost = quality_cost(terms, bid)
    return None if cost is None else Money(bid.price + cost)


def tie_break(auction: Hash, node: Address) -> bytes:
    """Of equal scores the lower of these wins; fixed before any bid is opened."""
    return keccak(encode(["bytes32", "address"], [_bytes(auction), node]))


def decide(auction: Hash, terms: AuctionTerms, bids: Iterable[Bid]) -> Award | None:
    """The award over the opened bids, in any order; None when none of them can win.

    The winner is paid what would have made its score the second lowest, at most the budget (Che 1993).
    """
    ranked = sorted(
        (one, tie_break(auction, bid.node), bid) for bid in bids if (one := score(terms, bid)) is not None
    )
    if not ranked:
        return None
    (best, _, winner), *others = ranked
    second = others[0][0] if others else NO_SCORE
    return Award(winner.node, Money(min(terms.budget, second - (best - winner.price))))


def _bytes(text: Hash) -> bytes:
    return bytes.fromhex(text[2:])
