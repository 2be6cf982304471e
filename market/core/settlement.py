"""Which accepted receipts are paid together, and what happens when a party does not sign. Pure.

A buyer's account takes each netting epoch at most once. So a receipt is proposed again only under the epoch
it was proposed in, or after the account has consumed that epoch: no two variants with it can both land.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Statement
from suanli.protocol.netting import Batch, NettingTask
from suanli.protocol.party_tables import MAXIMUM_PARTIES
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

LARGEST_NETTED_AMOUNT = (1 << 64) - 1
"""Atoms; a packed task has eight bytes for its amount."""

Pair = tuple[Address, Address]
"""A buyer and a node."""


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
    """An accepted, unpaid receipt. `amount` in atoms.

    `pinned` is the netting epoch that it was proposed in and that its buyer's account has not consumed;
    `misses` counts the proposals that it fell out of.
    """

    receipt: Hash
    buyer: Address
    node: Address
    amount: int
    pinned: int | None = None
    misses: int = 0

    def task(self) -> NettingTask:
        """The receipt as a line of a batch."""
        return NettingTask(self.buyer, self.node, self.amount, self.receipt)


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
    """Batches of disjoint buyers, and the receipts that must wait for a reason."""

    batches: tuple[Batch, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """The receipts that a pair's statements have listed so far, in the order of the leaves, and their sum."""

    receipts: tuple[Hash, ...] = ()
    amount: int = 0


@dataclass(frozen=True, slots=True)
class StatementPlan:
    """A statement with the leaves of its tree."""

    statement: Statement
    receipts: tuple[Hash, ...]


def plan_batches(book: Book, receipts_maximum: int) -> Plan:
    """The batches to propose now: one per epoch that buyers are pinned to, and one of a fresh epoch."""
    batches: list[Batch] = []
    left_out: list[LeftOut] = []
    for epoch, dues in sorted(_by_epoch(book).items()):
        if epoch > book.latest_epoch:
            continue
        basket = _Basket(book.limits, receipts_maximum)
        left_out += [missed for due in dues if (missed := basket.offer(due)) is not None]
        if basket.tasks:
            batches.append(Batch(epoch, tuple(basket.tasks)))
    return Plan(tuple(batches), tuple(left_out))


def drop(batch: Batch, parties: Collection[Address]) -> Batch | None:
    """The batch of the same epoch without every receipt of `parties`; None when nothing is left."""
    tasks = tuple(task for task in batch.tasks if task.buyer not in parties and task.node not in parties)
    return Batch(batch.epoch, tasks) if tasks else None


def may_settle_bilaterally(due: Due, misses_needed: int) -> bool:
    """Whether a receipt may move to a statement: no netting variant with it can land any more.

    It must have fallen out of enough proposals, or be too large for a batch.
    """
    wanted = due.misses >= misses_needed or due.amount > LARGEST_NETTED_AMOUNT
    return wanted and due.pinned is None


def plan_statements(
    dues: Iterable[Due],
    listed: Mapping[Pair, Listed],
    limits: Mapping[Address, int],
    owed: Mapping[Pair, int] = MappingProxyType({}),
) -> tuple[StatementPlan, ...]:
    """For each pair, the statement that adds its `dues` to what earlier ones listed, as far as money goes.

    `owed` are the atoms that are listed and unpaid at pairs whose last statement came to nothing: those are
    stated again even without anything new, and nothing new before them.
    """
    purse = dict(limits)
    grown: dict[Pair, Listed] = {}
    for pair, amount in owed.items():
        if amount <= purse.get(pair[0], 0):
            purse[pair[0]] -= amount
            grown[pair] = listed[pair]
    too_poor = owed.keys() - grown.keys()
    for due in dues:
        pair = (due.buyer, due.node)
        if pair in too_poor or due.amount == 0 or due.amount > purse.get(due.buyer, 0):
            continue
        purse[due.buyer] -= due.amount
        before = grown.get(pair) or listed.get(pair) or Listed()
        grown[pair] = Listed((*before.receipts, due.receipt), before.amount + due.amount)
    return tuple(_statement(pair, total) for pair, total in grown.items())


def _by_epoch(book: Book) -> dict[int, list[Due]]:
    """Each buyer's receipts under the one epoch that the buyer may sign now.

    After a reorganisation a buyer may be pinned to several: the highest, once landed, consumes the others.
    """
    pinned: dict[Address, int] = {}
    for due in book.dues:
        if due.pinned is not None:
            pinned[due.buyer] = max(due.pinned, pinned.get(due.buyer, 0))
    fresh = 1 + max([book.last_epoch, *book.epochs.values(), *pinned.values()])
    groups: dict[int, list[Due]] = defaultdict(list)
    for due in book.dues:
        epoch = pinned.get(due.buyer, fresh)
        if due.pinned in (None, epoch):
            groups[epoch].append(due)
    return groups


@dataclass(slots=True)
class _Basket:
    """A batch being filled, within the buyers' purses and the form's bounds."""

    limits: Mapping[Address, int]
    receipts_maximum: int
    tasks: list[NettingTask] = field(default_factory=list)
    paid: dict[Address, int] = field(default_factory=dict)
    nodes: set[Address] = field(default_factory=set)

    def offer(self, due: Due) -> LeftOut | None:
        """Takes the receipt, or leaves it for the next batch, or says why its buyer cannot pay it."""
        if due.amount > LARGEST_NETTED_AMOUNT or not self._has_room(due):
            return None
        total = self.paid.get(due.buyer, 0) + due.amount
        limit = self.limits.get(due.buyer, 0)
        if total > limit:
            detail = f"{due.buyer} can pay {limit} atoms now, and this receipt would make it {total}"
            return LeftOut(due.receipt, Reason.BALANCE_TOO_SMALL, detail)
        self.tasks.append(due.task())
        self.paid[due.buyer] = total
        self.nodes.add(due.node)
        return None

    def _has_room(self, due: Due) -> bool:
        buyers = len(self.paid.keys() | {due.buyer})
        nodes = len(self.nodes | {due.node})
        return len(self.tasks) < self.receipts_maximum and max(buyers, nodes) <= MAXIMUM_PARTIES


def _statement(pair: Pair, total: Listed) -> StatementPlan:
    statement = Statement(
        buyer=pair[0],
        node=pair[1],
        amount=total.amount,
        receipts=len(total.receipts),
        receiptsRoot=receipts_root(total.receipts),
    )
    return StatementPlan(statement, total.receipts)
