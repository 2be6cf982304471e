"""Replays a deployment's history into the auditor's own books and judges every step on the way."""

from dataclasses import dataclass, replace

from suanli.audit.books import record
from suanli.audit.books.panels import seed_block
from suanli.audit.books.state import Books, Modules
from suanli.audit.chain import Chain, Event, Progress
from suanli.audit.history import Entry, read_history
from suanli.audit.settled import OpenedClaim, Settled, Unread
from suanli.audit.settling import FeeRule, settle
from suanli.audit.settling.claims import claim_checks
from suanli.protocol.checks import Check, check
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.errors import AuditError
from suanli.protocol.values import Hash

TOLD = {"ClaimOpened"}
"""Events that tell what they did to money and serials, also when the calldata behind them cannot be read."""


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
        for entry in entries:
            settlements += _apply(chain, books, entry, fee)
        rules += [
            (transaction, one) for one in (*books.checks, slashed_as_ruled(books), moved_as_said(books))
        ]
        books.checks.clear()
    return Replay(last, books, tuple(settlements), tuple(rules), fee)


def modules_of(chain: Chain) -> Modules:
    """The contracts that hold money, by the deployment file."""
    said = chain.deployment
    return Modules(said.registry, said.bidding, said.anchors, said.court, said.chain_id)


def moved_as_said(books: Books) -> Check:
    """What the Ledger says that modules moved in one transaction is what events say, by account."""
    wrong = books.unexplained()
    detail = ", ".join(f"{account} {amount:+d}" for account, amount in wrong.items())
    return check(
        "moves", not wrong, f"moved without a word: {detail}" if wrong else "every move has its event"
    )


def slashed_as_ruled(books: Books) -> Check:
    """In one transaction those lose stake, and only those, whose claim fell or whose verdict was at fault."""
    wrong = {f"{node} {reason.name}": count for (node, reason), count in books.slashes.items() if count}
    books.slashes.clear()
    return check("slashes", not wrong, f"due, less taken: {wrong}" if wrong else "every slash has its ruling")


def _apply(chain: Chain, books: Books, entry: Entry, fee: FeeRule) -> list[Judged]:
    """Books one entry. What cannot be read, or fits nothing before it, is a failed check; the rest stands."""
    event = _event(entry)
    try:
        match entry:
            case Event():
                record(books, _with_seed(chain, books, entry))
            case Unread():
                books.checks.append(check("calldata", False, entry.error.detail, entry.error.reason))
                if event.name in TOLD:
                    record(books, event)
            case OpenedClaim():
                record(books, event)
                books.checks += claim_checks(books, entry)
            case _:
                return [Judged(entry, tuple(settle(books, entry, fee)))]
    except (AuditError, LookupError, ValueError) as error:
        detail = f"{event.contract}.{event.name} fits nothing that happened before it: {error!r}"
        books.checks.append(check("event", False, detail))
    return []


def _with_seed(chain: Chain, books: Books, event: Event) -> Event:
    """The log of a draw names no seed: it is the hash of the block that the dispute named."""
    if event.name not in ("PanelDrawn", "DrawContinued"):
        return event
    seed = chain.block_hash(seed_block(books, event.arguments["dispute"]))
    return replace(event, arguments=event.arguments | {"seed": seed})


def _event(entry: Entry) -> Event:
    return entry if isinstance(entry, Event) else entry.event
