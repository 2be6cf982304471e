"""Decides whether the buyer signs a settlement: from its own record and the chain, never the market's word.

Pure: values in, an `Objection` or the receipts to pay out. No receipt is paid twice: one that was signed
before is signed again only where the earlier signature can no longer land. What only is not yet known or not
yet past is left for later; refused is what contradicts the books.
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
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal


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
    receipts = [task.receipt for task in own]
    wrong = [_wrong_payment(task.receipt, task.node, task.amount, books) for task in own]
    wrong += [_paid_elsewhere(receipt, batch.epoch, books, chain) for receipt in receipts]
    wrong += [_stated(receipt, books) for receipt in receipts]
    wrong += beyond_order(_known(receipts, books), books, chain)
    return _gravest(wrong) or _not_accepted(receipts, books) or receipts


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
    wrong = [_wrong_payment(id_, statement.node, None, books) for id_ in receipts]
    wrong += [_paid_elsewhere(id_, None, books, chain) for id_ in receipts]
    wrong.append(_wrong_sum(statement, _known(receipts, books)))
    fresh = [receipt for receipt in receipts if not books.is_stated(receipt)]
    wrong += beyond_order(_known(fresh, books), books, chain)
    return _gravest(wrong) or _not_accepted(receipts, books) or receipts


def agreed(receipt: KnownReceipt, siblings: Iterable[KnownReceipt], replicas: int) -> bool:
    """Whether `replicas` different nodes signed the same outcome, result and usage of one task."""
    key = _result_key(receipt)
    return len({one.node for one in siblings if _result_key(one) == key}) >= replicas


def _gravest(found: Iterable[Objection | None]) -> Objection | None:
    objections = [objection for objection in found if objection is not None]
    return min(objections, key=lambda objection: objection.waits, default=None)


def _known(ids: Iterable[Hash], books: Books) -> list[KnownReceipt]:
    return [known for known in map(books.receipt, ids) if known is not None]


def _wrong_sum(statement: Statement, known: list[KnownReceipt]) -> Objection | None:
    total = sum(one.message.amount for one in known)
    if total == statement.amount or len(known) < statement.receipts:
        return None
    detail = f"the statement says {statement.amount}, its receipts add up to {total}"
    return Objection(Reason.CHARGE_WRONG, detail)


def _wrong_payment(id_: Hash, node: Address, amount: int | None, books: Books) -> Objection | None:
    known = books.receipt(id_)
    if known is None:
        return _unknown(id_, books)
    if known.node != node:
        return Objection(Reason.BATCH_MISMATCH, f"receipt {id_} is {known.node}'s, not {node}'s")
    if amount not in (None, known.message.amount):
        return Objection(Reason.CHARGE_WRONG, f"receipt {id_} charges {known.message.amount}, not {amount}")
    return None


def _not_accepted(receipts: list[Hash], books: Books) -> Objection | None:
    """Asked last: a result can only be judged once the equal receipts of other nodes are known."""
    for known in _known(receipts, books):
        if not books.is_accepted(known):
            detail = f"the result of receipt {known.message.id()} is not accepted"
            return Objection(Reason.RESULT_REJECTED, detail)
    return None


def _unknown(id_: Hash, books: Books) -> Objection:
    fault = books.fault(id_)
    if fault is not None:
        return Objection(fault.reason, fault.detail)
    detail = f"receipt {id_} is not yet one of this buyer's checked receipts"
    return Objection(Reason.EVIDENCE_MISSING, detail, waits=True)


def _stated(id_: Hash, books: Books) -> Objection | None:
    if not books.is_stated(id_):
        return None
    return Objection(Reason.MESSAGE_REPLAYED, f"a statement already pays receipt {id_}")


def _paid_elsewhere(id_: Hash, epoch: int | None, books: Books, chain: ChainState) -> Objection | None:
    signed = books.nettings_with(id_)
    for batch in chain.landed & signed.keys():
        return Objection(Reason.MESSAGE_REPLAYED, f"receipt {id_} was paid in epoch {signed[batch]}")
    for open_epoch in signed.values():
        if open_epoch != epoch and open_epoch > chain.epoch:
            detail = f"receipt {id_} stands in a batch of epoch {open_epoch} that may still land"
            return Objection(Reason.MESSAGE_REPLAYED, detail, waits=True)
    return None


def _result_key(receipt: KnownReceipt) -> tuple[int, Hash, tuple[int, ...]]:
    message = receipt.message
    return message.outcome, message.result, message.usage.vector()
