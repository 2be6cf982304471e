"""Decides whether the buyer signs a settlement: from its own record and the chain, never the market's word.

Pure: values in, an `Objection` or the receipts to pay out. No receipt is paid twice: one that was signed
before is signed again only where the earlier signature can no longer land.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from suanli.client.record import KnownReceipt
from suanli.protocol import netting
from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal


@dataclass(frozen=True, slots=True)
class Objection:
    """Why the buyer does not sign."""

    reason: Reason
    detail: str


class Books(Protocol):
    """The part of a buyer's record that consent is decided from."""

    def receipt(self, id_: Hash) -> KnownReceipt | None:
        """A checked receipt of an own order."""

    def nettings_with(self, receipt: Hash) -> dict[Hash, int]:
        """Signed nettings that pay a receipt: batch hash to epoch."""

    def is_stated(self, receipt: Hash) -> bool:
        """Whether a signed statement pays a receipt."""

    def stated_between(self, account: Address, node: Address) -> set[Hash]:
        """Receipts that signed statements pay from an account to a node."""

    def is_accepted(self, receipt: KnownReceipt) -> bool:
        """Whether the order's policy, applied to the buyer's own books, accepts the result."""


@dataclass(frozen=True, slots=True)
class ChainState:
    """What the chain says: the buyer's last netting epoch, and which of its signed batches have landed."""

    epoch: int
    landed: frozenset[Hash]


def object_to_batch(
    proposal: BatchProposal, account: Address, books: Books, chain: ChainState
) -> Objection | list[Hash]:
    """The receipts that `account` pays by signing the batch, or why it does not sign."""
    try:
        batch = netting.unpack(bytes.fromhex(proposal.packed.removeprefix("0x")))
    except (ProtocolError, ValueError) as error:
        return Objection(Reason.BATCH_MISMATCH, f"the batch cannot be read: {error}")
    signed = netting.message(batch)
    if signed != proposal.netting or signed.id() != proposal.id:
        return Objection(Reason.BATCH_MISMATCH, "the batch is not what the netting's hash says")
    if batch.epoch <= chain.epoch:
        return Objection(Reason.EPOCH_STALE, f"epoch {batch.epoch} is past: the account is at {chain.epoch}")
    own = [task for task in batch.tasks if task.buyer == account]
    if not own:
        return Objection(Reason.BATCH_MISMATCH, f"the batch takes nothing from {account}")
    for task in own:
        wrong = _wrong_payment(task.receipt, task.node, task.amount, books)
        wrong = wrong or _paid_elsewhere(task.receipt, batch.epoch, books, chain)
        if wrong is None and books.is_stated(task.receipt):
            wrong = Objection(Reason.MESSAGE_REPLAYED, f"a statement already pays receipt {task.receipt}")
        if wrong is not None:
            return wrong
    return [task.receipt for task in own]


def object_to_statement(
    proposal: StatementProposal, account: Address, books: Books, chain: ChainState
) -> Objection | list[Hash]:
    """The receipts that `account` pays by signing the statement, or why it does not sign."""
    statement, receipts = proposal.statement, proposal.receipts
    if statement.buyer != account or statement.id() != proposal.id:
        return Objection(Reason.BATCH_MISMATCH, f"the statement is not one of {account}")
    repeated = [receipt for receipt, count in Counter(receipts).items() if count > 1]
    if repeated:
        return Objection(Reason.MESSAGE_REPLAYED, f"receipt {repeated[0]} stands in the statement twice")
    if (
        len(receipts) != statement.receipts
        or not receipts
        or receipts_root(receipts) != statement.receiptsRoot
    ):
        return Objection(Reason.BATCH_MISMATCH, "the receipts are not those under the statement's root")
    if missing := books.stated_between(account, statement.node) - set(receipts):
        return Objection(Reason.BATCH_MISMATCH, f"receipt {min(missing)} of the last statement is missing")
    return _object_to_sum(proposal, books, chain) or receipts


def agreed(receipt: KnownReceipt, siblings: Iterable[KnownReceipt], replicas: int) -> bool:
    """Whether `replicas` different nodes signed the same outcome, result and usage of one task."""
    key = _result_key(receipt)
    return len({one.node for one in siblings if _result_key(one) == key}) >= replicas


def _object_to_sum(proposal: StatementProposal, books: Books, chain: ChainState) -> Objection | None:
    statement, total = proposal.statement, 0
    for id_ in proposal.receipts:
        known = books.receipt(id_)
        amount = 0 if known is None else known.message.amount
        wrong = _wrong_payment(id_, statement.node, amount, books)
        wrong = wrong or _paid_elsewhere(id_, None, books, chain)
        if wrong is not None:
            return wrong
        total += amount
    if total == statement.amount:
        return None
    return Objection(
        Reason.CHARGE_WRONG, f"the statement says {statement.amount}, its receipts add up to {total}"
    )


def _wrong_payment(id_: Hash, node: Address, amount: int, books: Books) -> Objection | None:
    known = books.receipt(id_)
    if known is None:
        return Objection(
            Reason.EVIDENCE_MISSING, f"receipt {id_} is not one of this buyer's checked receipts"
        )
    if known.node != node:
        return Objection(Reason.BATCH_MISMATCH, f"receipt {id_} is {known.node}'s, not {node}'s")
    if known.message.amount != amount:
        return Objection(Reason.CHARGE_WRONG, f"receipt {id_} charges {known.message.amount}, not {amount}")
    if not books.is_accepted(known):
        return Objection(Reason.RESULT_REJECTED, f"the result of receipt {id_} is not accepted")
    return None


def _paid_elsewhere(id_: Hash, epoch: int | None, books: Books, chain: ChainState) -> Objection | None:
    for batch, signed_epoch in books.nettings_with(id_).items():
        if batch in chain.landed:
            return Objection(Reason.MESSAGE_REPLAYED, f"receipt {id_} was paid in epoch {signed_epoch}")
        if signed_epoch != epoch and signed_epoch > chain.epoch:
            detail = f"receipt {id_} stands in a batch of epoch {signed_epoch} that may still land"
            return Objection(Reason.MESSAGE_REPLAYED, detail)
    return None


def _result_key(receipt: KnownReceipt) -> tuple[int, Hash, tuple[int, ...]]:
    message = receipt.message
    return message.outcome, message.result, message.usage.vector()
