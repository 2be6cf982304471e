"""What the events of Settlement say beside the calldata: sums of packed statements."""

from typing import Any

from suanli.audit.books.authority import nothing
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.checks import check


def _statements_settled(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Comes after its rows, each of which is booked as a statement of its own."""
    rows = said["rows"]
    ours = (len(rows), sum(row.statement.amount for row in rows))
    right = (said["statements"], said["volume"]) == ours
    books.checks.append(check("volume", right, f"{ours[1]} atoms in {ours[0]} statements"))


RECORDERS: dict[str, Recorder] = {"StatementsSettled": _statements_settled, "ReservationDrawn": nothing}
