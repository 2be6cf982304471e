"""The Bidding contract's views: cancellations, reservations, auctions and awards."""

from collections.abc import Iterator

from suanli.audit.books.auctions import best
from suanli.audit.books.records import AuctionPhase, Reservation
from suanli.audit.books.state import Books
from suanli.audit.views.compare import Compared, Views

NOBODY = "0x" + "00" * 20
NO_SEAL = "0x" + "00" * 32
LAST_SECOND = (1 << 64) - 1
NO_SCORE = (1 << 96) - 1


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    yield "cancellation", _cancellations(views)
    yield "reservation", _reservations(views)
    yield "auction", _auctions(views)
    yield "award", _awards(views)
    yield "seal", _seals(views)


def _cancellations(views: Views) -> Compared:
    for (account, nonce), at in views.books.cancelled.items():
        yield f"{account} nonce {nonce}", at, views("Bidding", "cancelledAt", account, nonce)


def _reservations(views: Views) -> Compared:
    for order, ours in views.books.reservations.items():
        buyer, guardian, release_at, awarded = views("Bidding", "reservationOf", order)
        theirs = [buyer, guardian, views("Bidding", "reservationAccount", order), awarded]
        yield order, [ours.buyer, ours.guardian, ours.account, ours.awarded], theirs
        if ours.deadline is not None:
            yield f"the end of {order}", _release_at(views.books, ours), release_at


def _release_at(books: Books, one: Reservation) -> int:
    """The first second at which what is left returns: after the order's end and the grace (IBidding)."""
    assert one.deadline is not None
    end = one.deadline
    if one.nonce is not None:
        end = min(end, books.cancelled.get((one.buyer, one.nonce), end))
    return min(end + books.claim_grace_seconds + 1, LAST_SECOND)


def _seals(views: Views) -> Compared:
    for id_, auction in views.books.auctions.items():
        for node, bid in auction.bids.items():
            ours = NO_SEAL if bid.opened else bid.seal
            yield f"{node} in {id_}", ours, "0x" + views("Bidding", "sealOf", id_, node).hex()


def _auctions(views: Views) -> Compared:
    for id_, auction in views.books.auctions.items():
        scores = sorted(bid.score for bid in auction.bids.values() if bid.score is not None)
        first, second = (*scores, NO_SCORE, NO_SCORE)[:2]
        sealed = sum(not bid.opened for bid in auction.bids.values())
        ours = [auction.phase, best(id_, auction) or NOBODY, first, second, sealed]
        yield id_, ours, views("Bidding", "auctionOf", id_)


def _awards(views: Views) -> Compared:
    for id_, one in views.books.auctions.items():
        ours = [NOBODY, 0, 0, "00" * 32, 0]
        if one.phase is AuctionPhase.AWARDED:
            ours = [one.winner, one.payment, one.tasks, one.spec_root[2:], one.deadline]
        said = views("Bidding", "awardOf", id_)
        yield id_, ours, [part.hex() if isinstance(part, bytes) else part for part in said]
