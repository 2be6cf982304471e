"""Replays a deployment's history into the auditor's own books and judges every settlement on the way."""

from dataclasses import dataclass

from suanli.audit.books import Books, record
from suanli.audit.chain import Chain, Event, Progress
from suanli.audit.history import Settled, read_history
from suanli.audit.settling import FeeRule, settle
from suanli.protocol.checks import Check
from suanli.protocol.values import Hash


@dataclass(frozen=True, slots=True)
class Judged:
    """A settlement with the checks of its rules."""

    settled: Settled
    checks: tuple[Check, ...]

    @property
    def transaction(self) -> Hash:
        """The transaction that carried it."""
        return self.settled.event.transaction


@dataclass(frozen=True, slots=True)
class Replay:
    """The books at the end of block `block`, and every settlement up to there, in order."""

    block: int
    books: Books
    settlements: tuple[Judged, ...]
    fee: FeeRule


def replay(chain: Chain, progress: Progress) -> Replay:
    """Reads and replays everything up to the newest block. Raises ChainError and AuditError."""
    chain.check_chain()
    last, books, settlements = chain.head(), Books(), list[Judged]()
    fee = FeeRule(
        basis_points=chain.view(chain.settlement, "feeBasisPoints"),
        recipient=chain.view(chain.settlement, "feeRecipient"),
    )
    for entry in read_history(chain, last, progress):
        if isinstance(entry, Event):
            record(books, entry)
        else:
            settlements.append(Judged(entry, tuple(settle(books, entry, fee))))
    return Replay(last, books, tuple(settlements), fee)
