"""Whether the node co-signs a batch or a statement: its own books against the proposal. Pure.

The rule for two ways of payment: a receipt stands in one netting epoch at a time, and in a statement only
when no batch that it was in can land any more. A buyer's account takes an epoch once, so a batch whose epoch
the account has reached without paying the receipt never will.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.netting import NettingTask, batch_hash, unpack
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal


class Way(Enum):
    """How a receipt was paid."""

    NETTING = "NETTING"
    STATEMENT = "STATEMENT"


@dataclass(frozen=True, slots=True)
class Booked:
    """One receipt in the node's books: who owes how many atoms, and what was signed for it so far."""

    receipt: Hash
    buyer: Address
    amount: int
    epochs: frozenset[int] = frozenset()
    in_statement: bool = False
    paid: Way | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the node does not sign."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The node cannot decide before it has seen more of the chain: the proposal is left for later."""

    detail: str


Books = Mapping[Hash, Booked]
Epochs = Mapping[Address, int]
"""The last epoch that buyers' accounts took, as far as the chain told."""
Verdict = Refusal | Wait | None
"""None: sign."""


def own_tasks(proposal: BatchProposal, node: Address) -> list[NettingTask]:
    """The batch's tasks of this node. Raises ProtocolError(BATCH_MISMATCH) for a malformed batch."""
    packed = _bytes(proposal.packed)
    batch, netting = unpack(packed), proposal.netting
    if netting.batch != batch_hash(packed) or netting.epoch != batch.epoch or proposal.id != netting.id():
        raise ProtocolError(Reason.BATCH_MISMATCH, "the message to sign does not fit the batch")
    return [task for task in batch.tasks if task.node == node]


def judge_batch(epoch: int, tasks: Sequence[NettingTask], books: Books, epochs: Epochs) -> Verdict:
    """Whether the node signs the batch of `epoch` with these tasks of its own."""
    if not tasks:
        return Refusal(Reason.BATCH_MISMATCH, "the batch pays this node nothing")
    return _first(_judge_task(epoch, task, books.get(task.receipt), epochs) for task in tasks)


def judge_statement(
    proposal: StatementProposal, node: Address, books: Books, signed: Sequence[Hash], epochs: Epochs
) -> Verdict:
    """Whether the node signs a statement; `signed` are the receipts of the last one that it signed."""
    statement, receipts = proposal.statement, proposal.receipts
    if statement.node != node or proposal.id != statement.id() or not receipts:
        return Refusal(Reason.BATCH_MISMATCH, "the statement is not for this node")
    if receipts_root(receipts) != statement.receiptsRoot or len(receipts) != statement.receipts:
        return Refusal(Reason.BATCH_MISMATCH, "the statement's root does not fit its receipts")
    if list(receipts[: len(signed)]) != list(signed) or len(set(receipts)) != len(receipts):
        return Refusal(Reason.BATCH_MISMATCH, "the statement does not grow from the last one")
    verdict = _first(_judge_stated(one, statement.buyer, books.get(one), epochs) for one in receipts)
    if verdict is not None:
        return verdict
    total = sum(books[receipt].amount for receipt in receipts)
    if total != statement.amount:
        return Refusal(Reason.CHARGE_WRONG, f"the receipts add up to {total}, not to {statement.amount}")
    return None


def _judge_task(epoch: int, task: NettingTask, booked: Booked | None, epochs: Epochs) -> Verdict:
    if booked is None:
        return Refusal(Reason.BATCH_MISMATCH, f"this node made no receipt {task.receipt}")
    if (task.buyer, task.amount) != (booked.buyer, booked.amount):
        return Refusal(
            Reason.CHARGE_WRONG, f"receipt {task.receipt} is for {booked.amount} atoms of {booked.buyer}"
        )
    if booked.paid is not None or booked.in_statement:
        return Refusal(Reason.BATCH_MISMATCH, f"receipt {task.receipt} is settled in another way")
    reached = epochs.get(booked.buyer)
    if reached is not None and reached >= epoch:
        return Refusal(Reason.EPOCH_STALE, f"{booked.buyer} has taken epoch {reached}, the batch has {epoch}")
    return _still_open(booked, booked.epochs - {epoch}, reached)


def _judge_stated(receipt: Hash, buyer: Address, booked: Booked | None, epochs: Epochs) -> Verdict:
    if booked is None or booked.buyer != buyer:
        return Refusal(Reason.BATCH_MISMATCH, f"this node made no receipt {receipt} for {buyer}")
    if booked.paid is Way.NETTING:
        return Refusal(Reason.BATCH_MISMATCH, f"receipt {receipt} is paid")
    return None if booked.in_statement else _still_open(booked, booked.epochs, epochs.get(buyer))


def _still_open(booked: Booked, epochs: Iterable[int], reached: int | None) -> Verdict:
    """Whether an older batch could still pay the receipt a second time, as far as this node sees the chain.

    Market and node read the chain at different moments: that the market is ahead is no reason to refuse.
    """
    highest = max(epochs, default=None)
    if highest is None:
        return None
    if reached is None:
        return Wait(f"the chain has not told which epoch {booked.buyer} took last")
    if highest > reached:
        return Wait(f"receipt {booked.receipt} stands in epoch {highest}, which can still land")
    return None


def _first(verdicts: Iterable[Verdict]) -> Verdict:
    return next((verdict for verdict in verdicts if verdict is not None), None)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise ProtocolError(Reason.BATCH_MISMATCH, "the packed batch is not hex") from error
