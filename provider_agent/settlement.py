"""Whether the node co-signs a batch or a statement: its own books against the proposal. Pure.

A receipt may stand in any number of batches and statements: the contracts pay the serial of its lease once.
So nothing waits for an older proposal to lapse; what must fit is who pays whom how much for which serial.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.netting import PackedTask, batch_hash, unpack
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import marks_hash, marks_of
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal


class Way(Enum):
    """How a receipt was paid."""

    NETTING = "NETTING"
    ROOT = "ROOT"
    """By a batch that lists sums and a root in place of its tasks."""
    STATEMENT = "STATEMENT"
    CLAIM = "CLAIM"


@dataclass(frozen=True, slots=True)
class Booked:
    """One receipt in the node's books: who owes how many atoms under which serial of the node's.

    `paid` says how it was paid, `claimed` that the node has an open claim on it.
    """

    receipt: Hash
    buyer: Address
    amount: int
    serial: int
    paid: Way | None = None
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class Payee:
    """The node and its owner, whose account every payment to the node must name."""

    node: Address
    owner: Address


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the node does not sign."""

    reason: Reason
    detail: str


Books = Mapping[str, Booked]
"""The node's receipts by reference (batches) or by id (statements)."""


@dataclass(frozen=True, slots=True)
class OwnPart:
    """What a batch says about one node: its tasks, and the account that they pay."""

    epoch: int
    tasks: tuple[PackedTask, ...]
    payee: Address | None


def own_part(proposal: BatchProposal, node: Address) -> OwnPart:
    """The batch's part of this node. Raises ProtocolError(BATCH_MISMATCH) for a malformed batch."""
    packed = _bytes(proposal.packed)
    batch, netting = unpack(packed), proposal.netting
    if netting.batch != batch_hash(packed) or netting.epoch != batch.epoch or proposal.id != netting.id():
        raise ProtocolError(Reason.BATCH_MISMATCH, "the message to sign does not fit the batch")
    tasks = tuple(task for task in batch.tasks if task.node == node)
    return OwnPart(batch.epoch, tasks, batch.payees.get(node))


def judge_batch(part: OwnPart, payee: Payee, books: Books, epochs: Mapping[Address, int]) -> Refusal | None:
    """Why the node does not sign the batch, or None.

    `epochs` are the last ones that buyers' accounts took, as far as the chain told.
    """
    if not part.tasks:
        return Refusal(Reason.BATCH_MISMATCH, "the batch pays this node nothing")
    if part.payee != payee.owner:
        return _wrong_payee(part.payee, payee)
    return _first(_judge_task(part.epoch, task, books.get(task.reference), epochs) for task in part.tasks)


def judge_statement(proposal: StatementProposal, payee: Payee, books: Books) -> Refusal | None:
    """Why the node does not sign the statement, or None."""
    statement, receipts = proposal.statement, proposal.receipts
    if statement.node != payee.node or proposal.id != statement.id() or not receipts:
        return Refusal(Reason.BATCH_MISMATCH, "the statement is not for this node")
    if statement.payee != payee.owner:
        return _wrong_payee(statement.payee, payee)
    if receipts_root(receipts) != statement.receiptsRoot or len(receipts) != statement.receipts:
        return Refusal(Reason.BATCH_MISMATCH, "the statement's root does not fit its receipts")
    refusal = _first(_judge_stated(one, statement.buyer, books.get(one)) for one in receipts)
    if refusal is not None:
        return refusal
    stated = [books[receipt] for receipt in receipts]
    if not _marks_fit(statement.marks, [one.serial for one in stated]):
        return Refusal(Reason.BATCH_MISMATCH, "the statement's marks are not its receipts' serials")
    total = sum(one.amount for one in stated)
    if total != statement.amount:
        return Refusal(Reason.CHARGE_WRONG, f"the receipts add up to {total}, not to {statement.amount}")
    return None


def _judge_task(
    epoch: int, task: PackedTask, booked: Booked | None, epochs: Mapping[Address, int]
) -> Refusal | None:
    if booked is None:
        return Refusal(Reason.BATCH_MISMATCH, f"this node made no receipt {task.reference}…")
    if (task.buyer, task.amount) != (booked.buyer, booked.amount):
        detail = f"receipt {booked.receipt} is for {booked.amount} atoms of {booked.buyer}"
        return Refusal(Reason.CHARGE_WRONG, detail)
    if task.serial != booked.serial:
        detail = f"receipt {booked.receipt} has the serial {booked.serial}, not {task.serial}"
        return Refusal(Reason.BATCH_MISMATCH, detail)
    if (ended := _judge_open(booked)) is not None:
        return ended
    reached = epochs.get(booked.buyer)
    if reached is not None and reached >= epoch:
        return Refusal(Reason.EPOCH_STALE, f"{booked.buyer} has taken epoch {reached}, the batch has {epoch}")
    return None


def _judge_stated(receipt: Hash, buyer: Address, booked: Booked | None) -> Refusal | None:
    if booked is None or booked.buyer != buyer:
        return Refusal(Reason.BATCH_MISMATCH, f"this node made no receipt {receipt} for {buyer}")
    return _judge_open(booked)


def _judge_open(booked: Booked) -> Refusal | None:
    """A serial is paid once: what used it up already would make the whole proposal fail."""
    if booked.paid is not None:
        return Refusal(Reason.MESSAGE_REPLAYED, f"receipt {booked.receipt} is paid")
    if booked.claimed:
        return Refusal(Reason.UNDER_CLAIM, f"receipt {booked.receipt} is claimed before the court")
    return None


def _marks_fit(marks: Hash, numbers: Sequence[int]) -> bool:
    return len(set(numbers)) == len(numbers) and marks_hash(marks_of(numbers)) == marks


def _wrong_payee(named: Address | None, payee: Payee) -> Refusal:
    return Refusal(Reason.BATCH_MISMATCH, f"the payments to this node are {payee.owner}'s, not {named}'s")


def _first(refusals: Iterable[Refusal | None]) -> Refusal | None:
    return next((refusal for refusal in refusals if refusal is not None), None)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise ProtocolError(Reason.BATCH_MISMATCH, "the packed batch is not hex") from error
