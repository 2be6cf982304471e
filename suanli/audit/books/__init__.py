"""The auditor's own books of a deployment, one module for each contract whose events it records."""

from suanli.audit.books import anchors, authority, bidding, court, ledger, panels, registry, settlement
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.errors import AuditError
from suanli.protocol.reasons import Reason

RECORDERS: dict[str, dict[str, Recorder]] = {
    "Ledger": ledger.RECORDERS | authority.PAUSING,
    "GridRegistry": registry.RECORDERS | authority.PAUSING,
    "Bidding": bidding.RECORDERS | authority.PAUSING,
    "EpochAnchors": anchors.RECORDERS | authority.PAUSING,
    "ClaimCourt": court.RECORDERS | panels.RECORDERS,
    "Authority": authority.RECORDERS,
    "Settlement": settlement.RECORDERS,
}
"""One for every event of every contract but the settlements, which calldata explains (`settling`)."""


def record(books: Books, event: Event) -> None:
    """Applies one event that is not a settlement. Raises AuditError for an event that nobody knows."""
    recorder = RECORDERS[event.contract].get(event.name)
    if recorder is None:
        raise AuditError(Reason.EVIDENCE_CONTRADICTS, f"{event.contract} has no event {event.name}")
    recorder(books, event, event.arguments)
