"""The Bidding contract's views: cancellations, reservations, auctions and awards."""

from collections.abc import Iterator

from suanli.audit.books.auctions import best
from suanli.audit.books.records import AuctionPhase
from suanli.audit.views.compare import Compared, Views

NOBODY = "0x" + "00" * 20
NO_SCORE = (1 << 96) - 1


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    yield "cancellation", _cancellations(views)
    yield "reservation", _reservations(views)
    yield "auction", _auctions(views)
    yield "award", _awards(views)


def _cancellations(views: Views) -> Compared:
    for (account, nonce), at in views.books.cancelled.items():
        yield f"{account} nonce {nonce}", at, views("Bidding", "cancelledAt", account, nonce)


def _reservations(views: Views) -> Compared:
    for order, ours in views.books.reservations.items():
        buyer, guardian, _, awarded = views("Bidding", "reservationOf", order)
        theirs = [buyer, guardian, views("Bidding", "reservationAccount", order), awarded]
        yield order, [ours.buyer, ours.guardian, ours.account, ours.awarded], theirs


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
