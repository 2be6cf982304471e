"""Settled statements: both sides signed, a guardian where a reservation pays, serials are new. Pure."""

from suanli.audit.books.records import Reservation
from suanli.audit.books.state import Books
from suanli.audit.settled import SettledStatement
from suanli.audit.settling.consent import buyer_consent, node_consent, payee_is_owner, serials_once
from suanli.protocol.checks import Check, check
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import marks_hash, marks_of
from suanli.protocol.values import Address


def settle_statement(books: Books, settled: SettledStatement) -> list[Check]:
    """Moves the money of one statement and takes its serials, the node's or an award's."""
    statement, serials = settled.call.statement, settled.call.serials
    payer, buyer = _payer(books, settled)
    repeated = books.serials.take(space_of(books, settled), serials, settled.event.transaction)
    marked = len(serials) == statement.receipts and marks_hash(marks_of(serials)) == statement.marks
    held = books.accounts[payer].balance
    books.accounts[payer].balance -= statement.amount
    books.give(statement.payee, statement.amount)
    return [
        check("funds", held >= statement.amount, f"{payer} held {held} atoms", Reason.BALANCE_TOO_SMALL),
        node_consent(books, statement.node, settled.node),
        buyer_consent(books, buyer, settled.buyer, statement.amount, settled.event.at),
        payee_is_owner(books, statement.node, statement.payee),
        check("marks", marked, f"{len(serials)} serials for {statement.receipts} receipts"),
        serials_once(repeated),
        *_reserved(books, settled),
    ]


def space_of(books: Books, settled: SettledStatement) -> Address:
    """Whose serials a statement counts among: the node's, or those of an award."""
    reservation = _reservation(books, settled)
    awarded = reservation is not None and reservation.awarded
    return settled.call.statement.buyer if awarded else settled.call.statement.node


def _payer(books: Books, settled: SettledStatement) -> tuple[Address, Address]:
    """The account that pays, and who signs for the buyer; of an award the statement names the reservation."""
    buyer = settled.call.statement.buyer
    reservation = _reservation(books, settled)
    return (buyer, buyer) if reservation is None else (reservation.account, reservation.buyer)


def _reserved(books: Books, settled: SettledStatement) -> list[Check]:
    if settled.call.order is None:
        return []
    reservation, statement = _reservation(books, settled), settled.call.statement
    if reservation is None:
        return [check("reserved", False, f"nothing is reserved for {settled.call.order}")]
    named = reservation.account if reservation.awarded else reservation.buyer
    guardian, by = reservation.guardian, settled.guardian
    agreed = guardian == statement.node if by is None else by.approved or by.key == guardian
    return [
        check("reserved", statement.buyer == named, f"the reservation of {reservation.buyer} pays"),
        check("guardian_consent", agreed, f"guardian {guardian}", Reason.SIGNATURE_INVALID),
    ]


def _reservation(books: Books, settled: SettledStatement) -> Reservation | None:
    return None if settled.call.order is None else books.reservations.get(settled.call.order)
