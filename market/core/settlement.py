"""Which accepted receipts are paid together, and what happens when a party does not sign. Pure.

The contracts pay each serial of a node at most once, in whatever form. So a receipt that fell out of one
proposal may stand in the next at once: of all that was ever signed for it, one lands.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Statement
from suanli.protocol.netting import Batch, NettingTask
from suanli.protocol.party_tables import MAXIMUM_PARTIES
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import MAXIMUM_WORDS, marks_hash, marks_of, word_of
from suanli.protocol.values import Address, Hash

LARGEST_NETTED_AMOUNT = (1 << 64) - 1
"""Atoms; a packed task has eight bytes for its amount."""
MOST_WORDS = 256
"""Words of serials that one batch may write: each costs 22 100 gas of a transaction's 2^24."""
STATEMENTS_PER_TRANSACTION = 200
"""Each costs some 60 000 gas at most (its accounts and its word touched for the first time) of those 2^24."""

Pair = tuple[Address, Address]
"""A buyer and a node."""
Word = tuple[Address, int]
"""A node and the number of 256 of its serials."""


class ProposalState(StrEnum):
    """The life of a batch or a statement in the market."""

    OPEN = "OPEN"
    """Waits for its parties' signatures."""
    SENT = "SENT"
    """Complete; its transaction is in the outbox."""
    SETTLED = "SETTLED"
    REPLACED = "REPLACED"
    """Another variant took its place: a party was dropped, or a statement grew."""
    FAILED = "FAILED"
    """Nobody was left, or the contract refused."""


@dataclass(frozen=True, slots=True)
class Due:
    """An accepted, unpaid receipt. `amount` in atoms; `misses` counts the proposals that it fell out of.

    `payee` is the account that is paid for the node: its owner's. `reservation` is its order, where
    money that the buyer set aside for that order is to pay it.
    """

    receipt: Hash
    buyer: Address
    node: Address
    payee: Address
    serial: int
    amount: int
    misses: int = 0
    reservation: Hash | None = None

    @property
    def word(self) -> Word:
        """The word of its node's serials that paying it writes."""
        return self.node, word_of(self.serial)

    def task(self) -> NettingTask:
        """The receipt as a line of a batch."""
        return NettingTask(self.buyer, self.node, self.amount, self.receipt, self.serial)


@dataclass(frozen=True, slots=True)
class Book:
    """What a settlement starts from: receipts, oldest first, and each buyer's purse and consumed epoch.

    `limits` are the atoms that each buyer can pay now, beside what is already on its way.
    """

    dues: Sequence[Due]
    limits: Mapping[Address, int]
    epochs: Mapping[Address, int]
    last_epoch: int = 0
    """The highest epoch ever proposed."""
    latest_epoch: int = (1 << 64) - 1
    """The highest epoch that the contract takes now: its clock in seconds."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A receipt that is not proposed now, and why."""

    receipt: Hash
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The batch to propose, and the receipts that must wait for a reason."""

    batch: Batch | None = None
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementPlan:
    """A statement with the leaves of its tree."""

    statement: Statement
    receipts: tuple[Hash, ...]
    reservation: Hash | None = None


def plan_batch(book: Book, receipts_maximum: int) -> Plan:
    """The batch to propose now, of a fresh epoch; none while that lies ahead of the contract's clock."""
    epoch = 1 + max([book.last_epoch, *book.epochs.values()])
    if epoch > book.latest_epoch:
        return Plan()
    basket = _Basket(book.limits, receipts_maximum)
    left_out = tuple(missed for due in book.dues if (missed := basket.offer(due)) is not None)
    return Plan(_batch(epoch, basket.dues), left_out)


def drop(epoch: int, dues: Iterable[Due], parties: Collection[Address]) -> Batch | None:
    """The batch of `dues` without every receipt of `parties`; None when nothing is left."""
    return _batch(epoch, [due for due in dues if due.buyer not in parties and due.node not in parties])


def settles_bilaterally(due: Due, misses_needed: int) -> bool:
    """Whether a receipt goes by statement: it fell out of enough proposals, or is too large for a batch.

    So does at once what a reservation pays: batches draw on accounts alone. A statement needs something to
    pay: what costs nothing stays with netting.
    """
    is_left_over = due.misses >= misses_needed and due.amount > 0
    return is_left_over or due.reservation is not None or due.amount > LARGEST_NETTED_AMOUNT


def reserve(dues: Iterable[Due], orders: Mapping[Hash, Hash], left: Mapping[Hash, int]) -> list[Due]:
    """The dues in their order, with those marked that the reservations of their `orders` can pay.

    `left` are the atoms that reservations have; what does not fit is paid by the buyer's account.
    """
    purse, found = dict(left), []
    for due in dues:
        order = orders[due.receipt]
        if 0 < due.amount <= purse.get(order, 0):
            purse[order] -= due.amount
            due = replace(due, reservation=order)
        found.append(due)
    return found


def plan_statements(dues: Iterable[Due], limits: Mapping[Address, int]) -> tuple[StatementPlan, ...]:
    """The statements over `dues`, as far as their buyers' money goes.

    Each is between one pair, over serials of one word and paid from one place, so that many fit one
    transaction.
    """
    purse = dict(limits)
    chosen: dict[tuple[Address, Word, Hash | None], list[Due]] = defaultdict(list)
    for due in dues:
        if due.reservation is None:
            if due.amount > purse.get(due.buyer, 0):
                continue
            purse[due.buyer] -= due.amount
        chosen[due.buyer, due.word, due.reservation].append(due)
    return tuple(_statement(listed) for listed in chosen.values())


@dataclass(slots=True)
class _Basket:
    """A batch being filled, within the buyers' purses and the form's bounds."""

    limits: Mapping[Address, int]
    receipts_maximum: int
    dues: list[Due] = field(default_factory=list)
    paid: dict[Address, int] = field(default_factory=dict)
    payees: dict[Address, Address] = field(default_factory=dict)
    words: set[Word] = field(default_factory=set)

    def offer(self, due: Due) -> LeftOut | None:
        """Takes the receipt, or leaves it for the next batch, or says why its buyer cannot pay it."""
        if due.amount > LARGEST_NETTED_AMOUNT or not self._has_room(due):
            return None
        total = self.paid.get(due.buyer, 0) + due.amount
        limit = self.limits.get(due.buyer, 0)
        if total > limit:
            detail = f"{due.buyer} can pay {limit} atoms now, and this receipt would make it {total}"
            return LeftOut(due.receipt, Reason.BALANCE_TOO_SMALL, detail)
        self.dues.append(due)
        self.paid[due.buyer] = total
        self.payees[due.node] = due.payee
        self.words.add(due.word)
        return None

    def _has_room(self, due: Due) -> bool:
        buyers = len(self.paid.keys() | {due.buyer})
        nodes = len(self.payees.keys() | {due.node})
        words = self.words | {due.word}
        fits_form = max(buyers, nodes) <= MAXIMUM_PARTIES and _span(words, due.node) <= MAXIMUM_WORDS
        return fits_form and len(words) <= MOST_WORDS and len(self.dues) < self.receipts_maximum


def _span(words: Iterable[Word], node: Address) -> int:
    """How many words a batch names of a node: all those between its first and its last."""
    of_node = [word for one, word in words if one == node]
    return max(of_node) - min(of_node) + 1


def _batch(epoch: int, dues: Sequence[Due]) -> Batch | None:
    payees = {due.node: due.payee for due in dues}
    return Batch(epoch, tuple(due.task() for due in dues), payees) if dues else None


def _statement(dues: Sequence[Due]) -> StatementPlan:
    receipts = tuple(due.receipt for due in dues)
    statement = Statement(
        buyer=dues[0].buyer,
        node=dues[0].node,
        payee=dues[0].payee,
        amount=sum(due.amount for due in dues),
        receipts=len(receipts),
        receiptsRoot=receipts_root(receipts),
        marks=marks_hash(marks_of(due.serial for due in dues)),
    )
    return StatementPlan(statement, receipts, dues[0].reservation)
