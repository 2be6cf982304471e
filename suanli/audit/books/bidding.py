"""What the Bidding contract's events say of cancellations and money set aside; `auctions.py` has the rest."""

from typing import Any

from suanli.audit.books import auctions
from suanli.audit.books.records import Reservation
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.checks import check
from suanli.protocol.reservations import reservation_account


def _cancelled(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.cancelled.setdefault((said["account"], said["nonce"]), said["cancelledAt"])


def _reserved(books: Books, event: Event, said: dict[str, Any]) -> None:
    account, order = reservation_account(said["order"]), said.get("calldata")
    reservation = Reservation(said["buyer"], said["guardian"], account)
    if order is not None:
        reservation.deadline, reservation.nonce = order.deadline, order.nonce
    books.reservations[said["order"]] = reservation
    books.checks.append(check("reservation_account", said["account"] == account, f"{account} holds it"))
    books.explain(said["buyer"], account, said["amount"])


def _reservation_added(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.explain(said["payer"], reservation_account(said["order"]), said["amount"])


def _reservation_released(books: Books, event: Event, said: dict[str, Any]) -> None:
    reservation = books.reservations[said["order"]]
    left = books.accounts[reservation.account].balance - said["amount"]
    right = (said["buyer"], said["remaining"]) == (reservation.buyer, left)
    books.checks.append(check("release", right, f"{left} atoms stay reserved for {said['order']}"))
    books.explain(reservation.account, reservation.buyer, said["amount"])


RECORDERS: dict[str, Recorder] = {
    "Cancelled": _cancelled,
    "Reserved": _reserved,
    "ReservationAdded": _reservation_added,
    "ReservationReleased": _reservation_released,
} | auctions.RECORDERS
