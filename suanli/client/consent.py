"""Decides whether the buyer signs a settlement: from its own record and the chain, never the market's word.

Pure: values in, an `Objection` or the receipts to pay out. A receipt's serial, price and payee must fit; that
it is paid once, in whatever order things land, is the contracts' part. What only is not yet known is left for
later; refused is what contradicts the books.
"""

from collections import Counter
from collections.abc import Iterable

from suanli.client.judgement import Books, ChainState, Objection
from suanli.client.record import KnownReceipt
from suanli.client.spending import beyond_order
from suanli.protocol import netting
from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Statement
from suanli.protocol.netting import PackedTask
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import marks_hash, marks_of, reference_of
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal


def object_to_batch(
    proposal: BatchProposal, account: Address, books: Books, chain: ChainState
) -> Objection | list[Hash]:
    """The receipts that `account` pays by signing the batch, or why it does not sign."""
    try:
        packed = bytes.fromhex(proposal.packed.removeprefix("0x"))
        batch = netting.unpack(packed)
    except (ProtocolError, ValueError) as error:
        return Objection(Reason.BATCH_MISMATCH, f"the batch cannot be read: {error}")
    signed = proposal.netting
    if (signed.epoch, signed.batch, signed.id()) != (batch.epoch, netting.batch_hash(packed), proposal.id):
        return Objection(Reason.BATCH_MISMATCH, "the batch is not what the netting's hash says")
    if batch.epoch <= chain.epoch:
        return Objection(Reason.EPOCH_STALE, f"epoch {batch.epoch} is past: the account is at {chain.epoch}")
    own = [task for task in batch.tasks if task.buyer == account]
    if not own:
        return Objection(Reason.BATCH_MISMATCH, f"the batch takes nothing from {account}")
    known = _known((task.reference for task in own), books)
    wrong = [_wrong_task(task, books) for task in own]
    wrong += [_wrong_payee(node, batch.payees[node], chain) for node in sorted({task.node for task in own})]
    wrong += [_already_paid(one, chain) for one in known]
    wrong += beyond_order(known, books, chain)
    return _gravest(wrong) or _not_accepted(known, books) or [one.message.id() for one in known]


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
    known = _known(map(reference_of, receipts), books)
    wrong = [_wrong_receipt(receipt, statement.node, books) for receipt in receipts]
    wrong += [_wrong_sum(statement, known), _wrong_payee(statement.node, statement.payee, chain)]
    wrong += [_already_paid(one, chain) for one in known]
    wrong += beyond_order(known, books, chain)
    return _gravest(wrong) or _not_accepted(known, books) or receipts


def agreed(receipt: KnownReceipt, siblings: Iterable[KnownReceipt], replicas: int) -> bool:
    """Whether `replicas` different nodes signed the same outcome, result and usage of one task."""
    key = _result_key(receipt)
    return len({one.node for one in siblings if _result_key(one) == key}) >= replicas


def _gravest(found: Iterable[Objection | None]) -> Objection | None:
    objections = [objection for objection in found if objection is not None]
    return min(objections, key=lambda objection: objection.waits, default=None)


def _known(references: Iterable[str], books: Books) -> list[KnownReceipt]:
    return [known for known in map(books.referenced, references) if known is not None]


def _wrong_task(task: PackedTask, books: Books) -> Objection | None:
    known = books.referenced(task.reference)
    if known is None:
        return _unknown(task.reference, books)
    id_, charged = known.message.id(), known.message.amount
    if known.node != task.node:
        return Objection(Reason.BATCH_MISMATCH, f"receipt {id_} is {known.node}'s, not {task.node}'s")
    if task.amount != charged:
        return Objection(Reason.CHARGE_WRONG, f"receipt {id_} charges {charged}, not {task.amount}")
    if task.serial != known.serial:
        detail = f"receipt {id_} has the serial {known.serial}, not {task.serial}"
        return Objection(Reason.BATCH_MISMATCH, detail)
    return None


def _wrong_receipt(id_: Hash, node: Address, books: Books) -> Objection | None:
    known = books.receipt(id_)
    if known is None:
        return _unknown(reference_of(id_), books)
    if known.node != node:
        return Objection(Reason.BATCH_MISMATCH, f"receipt {id_} is {known.node}'s, not {node}'s")
    return None


def _wrong_sum(statement: Statement, known: list[KnownReceipt]) -> Objection | None:
    """What amount and marks say against the receipts; nothing as long as some are not known."""
    if len(known) < statement.receipts:
        return None
    total = sum(one.message.amount for one in known)
    if total != statement.amount:
        detail = f"the statement says {statement.amount}, its receipts add up to {total}"
        return Objection(Reason.CHARGE_WRONG, detail)
    if marks_hash(marks_of({one.serial for one in known})) != statement.marks:
        return Objection(Reason.BATCH_MISMATCH, "the statement's marks are not its receipts' serials")
    return None


def _wrong_payee(node: Address, payee: Address, chain: ChainState) -> Objection | None:
    owner = chain.owners.get(node)
    if owner is None:
        detail = f"the chain has not told who owns the node {node}"
        return Objection(Reason.EVIDENCE_MISSING, detail, waits=True)
    if payee != owner:
        return Objection(Reason.BATCH_MISMATCH, f"the node {node} is {owner}'s, {payee} would be paid")
    return None


def _already_paid(known: KnownReceipt, chain: ChainState) -> Objection | None:
    if known.place not in chain.paid:
        return None
    detail = f"the serial {known.serial} of node {known.node} is paid: that of receipt {known.message.id()}"
    return Objection(Reason.MESSAGE_REPLAYED, detail)


def _not_accepted(receipts: list[KnownReceipt], books: Books) -> Objection | None:
    """Asked last: a result can only be judged once the equal receipts of other nodes are known."""
    for known in receipts:
        if not books.is_accepted(known):
            detail = f"the result of receipt {known.message.id()} is not accepted"
            return Objection(Reason.RESULT_REJECTED, detail)
    return None


def _unknown(reference: str, books: Books) -> Objection:
    fault = books.fault(reference)
    if fault is not None:
        return Objection(fault.reason, fault.detail)
    detail = f"receipt {reference}… is not yet one of this buyer's checked receipts"
    return Objection(Reason.EVIDENCE_MISSING, detail, waits=True)


def _result_key(receipt: KnownReceipt) -> tuple[int, Hash, tuple[int, ...]]:
    message = receipt.message
    return message.outcome, message.result, message.usage.vector()
