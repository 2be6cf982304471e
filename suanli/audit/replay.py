"""Replays a deployment's history into the auditor's own books and judges every step on the way."""

from dataclasses import dataclass

from suanli.audit.books import record
from suanli.audit.books.state import Books, Modules
from suanli.audit.chain import Chain, Event, Progress
from suanli.audit.history import Entry, read_history
from suanli.audit.settled import OpenedClaim, Settled
from suanli.audit.settling import FeeRule, settle
from suanli.audit.settling.claims import claim_checks
from suanli.protocol.checks import Check, check
from suanli.protocol.court_rules import CourtRules
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
    """The books at the end of block `block`, every settlement up to there in order, and what else was judged.

    `rules` are checks of auctions, claims and moved money, each with its transaction.
    """

    block: int
    books: Books
    settlements: tuple[Judged, ...]
    rules: tuple[tuple[Hash, Check], ...]
    fee: FeeRule


def replay(chain: Chain, progress: Progress) -> Replay:
    """Reads and replays everything up to the newest block. Raises ChainError and AuditError."""
    chain.check_chain()
    last = chain.head()
    court = CourtRules(*chain.view("ClaimCourt", "rules"))
    books = Books(modules_of(chain), court, chain.view("Bidding", "claimGraceSeconds"))
    fee = FeeRule(
        basis_points=chain.view("Settlement", "feeBasisPoints"),
        recipient=chain.view("Settlement", "feeRecipient"),
    )
    settlements, rules = list[Judged](), list[tuple[Hash, Check]]()
    for entries in read_history(chain, last, progress):
        transaction = _event(entries[0]).transaction
        settlements += _apply(books, entries, fee)
        rules += [(transaction, one) for one in (*books.checks, moved_as_said(books))]
        books.checks.clear()
    return Replay(last, books, tuple(settlements), tuple(rules), fee)


def modules_of(chain: Chain) -> Modules:
    """The contracts that hold money, by the deployment file."""
    said = chain.deployment
    return Modules(registry=said.registry, bidding=said.bidding, anchors=said.anchors, court=said.court)


def moved_as_said(books: Books) -> Check:
    """What the Ledger says that modules moved in one transaction is what events say, by account."""
    wrong = books.unexplained()
    detail = ", ".join(f"{account} {amount:+d}" for account, amount in wrong.items())
    return check(
        "moves", not wrong, f"moved without a word: {detail}" if wrong else "every move has its event"
    )


def _apply(books: Books, entries: list[Entry], fee: FeeRule) -> list[Judged]:
    judged = []
    for entry in entries:
        if isinstance(entry, Event):
            record(books, entry)
        elif isinstance(entry, OpenedClaim):
            record(books, entry.event)
            books.checks += claim_checks(books, entry)
        else:
            judged.append(Judged(entry, tuple(settle(books, entry, fee))))
    return judged


def _event(entry: Entry) -> Event:
    return entry if isinstance(entry, Event) else entry.event
