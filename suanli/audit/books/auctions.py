"""What the events of sealed auctions say. The winner and its pay are worked out here a second time.

The bid with the lowest score = price + Σ weight · quality wins and is paid what would have made its score the
second lowest, at most the budget (IBidding).
"""

from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from suanli.audit.books.records import Auction, AuctionPhase, Bid, Reservation
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.auctions import AuctionTerms, QualityRule, auction_id
from suanli.protocol.checks import check
from suanli.protocol.reservations import reservation_account
from suanli.protocol.values import Address, Hash


def _opened(books: Books, event: Event, said: dict[str, Any]) -> None:
    terms = said["terms"]
    account = reservation_account(said["auction"])
    id_ = auction_id(_terms_of(terms), books.modules.chain_id, books.modules.bidding)
    known = (said["auction"], said["buyer"]) == (id_, terms["buyer"])
    books.checks.append(check("auction_terms", known, f"the terms of {said['auction']} make {id_}"))
    books.auctions[said["auction"]] = Auction(
        buyer=said["buyer"],
        account=account,
        tasks=terms["tasks"],
        budget=terms["budget"],
        deposit=terms["deposit"],
        deadline=terms["deadline"],
        spec_root=terms["specRoot"],
        rules=tuple((rule["maximum"], rule["weight"]) for rule in terms["qualities"]),
    )
    books.explain(said["buyer"], account, terms["budget"])


def _cancelled(books: Books, event: Event, said: dict[str, Any]) -> None:
    auction = books.auctions[said["auction"]]
    auction.phase = AuctionPhase.CLOSED
    books.explain(auction.account, auction.buyer, auction.budget)


def _committed(books: Books, event: Event, said: dict[str, Any]) -> None:
    auction = books.auctions[said["auction"]]
    auction.bids[said["node"]] = Bid(said["seal"])
    bidders = (books.nodes[said["node"]].owner, said["node"])
    books.explain_one_of(bidders, books.modules.bidding, auction.deposit)


def _revealed(books: Books, event: Event, said: dict[str, Any]) -> None:
    """The deposit of the worse of this bid and the best so far returns to its node's owner."""
    auction, node = books.auctions[said["auction"]], said["node"]
    before = best(said["auction"], auction)
    bid = auction.bids[node]
    bid.opened, bid.quality_cost, bid.score = True, *_score(auction, said["price"], said["qualities"])
    right = (bid.score is not None, bid.score or 0) == (said["valid"], said["score"])
    books.checks.append(check("bid_score", right, f"{node} in {said['auction']}: {bid.score}"))
    beaten = node if best(said["auction"], auction) == before else before
    if beaten is not None:
        _return_deposit(books, beaten, auction.deposit)


def _awarded(books: Books, event: Event, said: dict[str, Any]) -> None:
    id_ = said["auction"]
    auction = books.auctions[id_]
    auction.phase, auction.winner, auction.payment = (
        AuctionPhase.AWARDED,
        best(id_, auction),
        _pay(auction, id_),
    )
    said_of = (said["node"], said["payment"], said["forfeited"])
    right = said_of == (auction.winner, auction.payment, _sealed_deposits(auction))
    books.checks.append(check("award", right, f"{auction.winner} wins {id_} for {auction.payment} atoms"))
    books.reservations[id_] = Reservation(
        auction.buyer, said["node"], auction.account, awarded=True, deadline=auction.deadline
    )
    books.explain(auction.account, auction.buyer, auction.budget - auction.payment)
    _forfeit(books, auction)
    auction.bond = auction.deposit


def _closed(books: Books, event: Event, said: dict[str, Any]) -> None:
    auction = books.auctions[said["auction"]]
    auction.phase = AuctionPhase.CLOSED
    kept = best(said["auction"], auction)
    right = said["forfeited"] == _sealed_deposits(auction)
    books.checks.append(check("award", right, f"nobody won {said['auction']}"))
    if kept is not None:
        _return_deposit(books, kept, auction.deposit)
    books.explain(auction.account, auction.buyer, auction.budget)
    _forfeit(books, auction)


def _bond_settled(books: Books, event: Event, said: dict[str, Any]) -> None:
    """The winner keeps its deposit for the tasks that are paid or claimed."""
    auction = books.auctions[said["auction"]]
    taken = sum(books.serials.is_taken(auction.account, serial) for serial in range(auction.tasks))
    returned = auction.deposit * taken // auction.tasks
    said_of = (said["node"], said["returned"], said["forfeited"])
    right = said_of == (auction.winner, returned, auction.deposit - returned)
    books.checks.append(check("award_bond", right, f"{taken} of {auction.tasks} tasks paid or claimed"))
    auction.bond = 0
    _return_deposit(books, str(auction.winner), returned)
    books.explain(books.modules.bidding, auction.buyer, auction.deposit - returned)


def _terms_of(told: dict[str, Any]) -> AuctionTerms:
    rules = tuple(QualityRule(**rule) for rule in told["qualities"])
    money = (told["tasks"], told["budget"], told["deposit"])
    times = (told["commitUntil"], told["revealUntil"], told["deadline"])
    return AuctionTerms(told["buyer"], told["specRoot"], *money, *times, told["nonce"], rules)


def best(id_: Hash, auction: Auction) -> Address | None:
    """The node with the lowest score; of equal ones that with the lowest hash of auction and node."""
    scored = [
        (bid.score, _rank(id_, node), node) for node, bid in auction.bids.items() if bid.score is not None
    ]
    return min(scored)[2] if scored else None


def held(auction: Auction) -> int:
    """The deposits that the Bidding contract holds of this auction, in atoms."""
    if auction.phase is not AuctionPhase.OPEN:
        return auction.bond
    valid = any(bid.score is not None for bid in auction.bids.values())
    return auction.deposit * (sum(not bid.opened for bid in auction.bids.values()) + valid)


def _score(auction: Auction, price: int, qualities: list[int]) -> tuple[int, int | None]:
    """What the qualities cost, and the score, which is None for a bid that cannot win."""
    if price > auction.budget or len(qualities) != len(auction.rules):
        return 0, None
    if any(quality > maximum for quality, (maximum, _) in zip(qualities, auction.rules, strict=True)):
        return 0, None
    cost = sum(quality * weight for quality, (_, weight) in zip(qualities, auction.rules, strict=True))
    return cost, price + cost


def _pay(auction: Auction, id_: Hash) -> int:
    winner = best(id_, auction)
    scores = sorted(bid.score for bid in auction.bids.values() if bid.score is not None)
    if winner is None or len(scores) < 2:
        return auction.budget
    return min(auction.budget, scores[1] - auction.bids[winner].quality_cost)


def _rank(id_: Hash, node: Address) -> bytes:
    return keccak(encode(["bytes32", "address"], [bytes.fromhex(id_[2:]), node]))


def _forfeit(books: Books, auction: Auction) -> None:
    """The deposits of bids that stayed sealed go to the buyer."""
    books.explain(books.modules.bidding, auction.buyer, _sealed_deposits(auction))


def _sealed_deposits(auction: Auction) -> int:
    return auction.deposit * sum(not bid.opened for bid in auction.bids.values())


def _return_deposit(books: Books, node: Address, amount: int) -> None:
    books.explain(books.modules.bidding, books.nodes[node].owner, amount)


RECORDERS: dict[str, Recorder] = {
    "AuctionOpened": _opened,
    "AuctionCancelled": _cancelled,
    "BidCommitted": _committed,
    "BidRevealed": _revealed,
    "AuctionAwarded": _awarded,
    "AuctionClosed": _closed,
    "BondSettled": _bond_settled,
}
