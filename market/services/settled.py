"""What the chain has decided about payments, written into the books. Only the indexer calls this.

The contracts do not look at receipts: whoever signs may name anybody's. So a receipt counts as paid only when
its own buyer paid its own node its full amount for its own serial.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from market.core.lifecycle import OPEN_JOBS
from market.core.settlement import ProposalState
from market.db.queries import jobs, payments, serials, settlement
from market.db.tables.connect import AskRow
from market.db.tables.order import JobRow
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import (
    BatchReceiptRow,
    BatchRow,
    ClaimRow,
    StatementReceiptRow,
    StatementRow,
)
from market.services.close import cancel, close_paid
from market.services.overlaps import close_overlapping
from market.services.settle import receipts_of
from suanli.protocol import netting, root_netting
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Statement
from suanli.protocol.serials import reference_of, serials_of
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Address, Hash

Place = tuple[Address, int]
"""A serial of a node."""


@dataclass(frozen=True, slots=True)
class Landed:
    """Where a settlement stands on chain."""

    transaction: Hash
    block: int


def batch_settled(
    session: Session, id_: Hash, epoch: int, packed: bytes | None, landed: Landed, now: int
) -> None:
    """A batch has landed; one that the market never made is remembered all the same.

    `packed` is None when the transaction's calldata could not be read.
    """
    row = _landed_batch(session, id_, epoch, packed, landed, now)
    tasks = netting.read_packed(row.packed).tasks if row.packed else ()
    named = {(task.node, task.serial): task for task in tasks}
    paid = [
        one
        for place, one in _receipts(session, named.keys()).items()
        if (one.buyer, one.amount) == (named[place].buyer, named[place].amount)
        and reference_of(one.id) == named[place].reference
    ]
    _settle(session, paid, row.id, epoch, landed, now)


def root_settled(
    session: Session, id_: Hash, epoch: int, packed: bytes | None, landed: Landed, now: int
) -> None:
    """A batch by root has landed; its receipts are known when those with its serials make up its root."""
    row = _landed_batch(session, id_, epoch, packed, landed, now)
    if not row.packed:
        return
    batch = root_netting.read_packed(row.packed)
    row.root = batch.root
    places = [(node, serial) for node, part in batch.nodes.items() for serial in part.serials()]
    found = _receipts(session, places)
    paid = [found[place] for place in places if place in found]
    if len(paid) != batch.tasks or receipts_root([one.id for one in paid]) != batch.root:
        return
    if _sums(paid) == _sums_told(batch):
        known = set(receipts_of(session, row))
        session.add_all(BatchReceiptRow(batch=id_, receipt=one.id) for one in paid if one.id not in known)
        _settle(session, paid, row.id, epoch, landed, now)


def statement_settled(
    session: Session, statement: Statement, marks: bytes | None, landed: Landed, now: int
) -> None:
    """A statement has landed; one that the market never made is remembered all the same.

    `marks` is None when the transaction's calldata could not be read; `statement.marks` says nothing then.
    """
    row = settlement.find_statement(session, statement)
    if row is None and marks is not None:
        row = _foreign_statement(session, statement, marks, now)
    if row is None:
        return
    row.state, row.transaction, row.block = ProposalState.SETTLED, landed.transaction, landed.block
    row.reason = row.detail = None
    listed = payments.locked(session, settlement.statement_receipts(session, row.id))
    pair = (statement.buyer, statement.node)
    paid = [one for one in listed if (one.buyer, one.node) == pair and one.payment is not None]
    _settle(session, paid, row.id, None, landed, now)


def claim_paid(session: Session, id_: Hash, landed: Landed, now: int) -> None:
    """A claim has been paid to the node's owner; `id_` is the lease's, and the contract knows its receipt."""
    found = session.exec(select(ReceiptRow.id).where(ReceiptRow.lease == id_)).all()
    paid = [one for one in payments.locked(session, found) if one.payment is not None]
    for one in paid:
        row = ClaimRow(id=id_, receipt=one.id, transaction=landed.transaction, block=landed.block)
        session.merge(row)
    _settle(session, paid, id_, None, landed, now)


def cancelled(session: Session, account: Address, nonce: int, now: int) -> None:
    """A buyer has cancelled an order on chain, or a node its ask: nothing more may be leased under it."""
    asks = select(AskRow).where(AskRow.node == account, AskRow.nonce == nonce, col(AskRow.current))
    for ask in session.exec(asks.with_for_update()).all():
        ask.current = False
    found = session.exec(select(JobRow.id).where(JobRow.buyer == account, JobRow.nonce == nonce)).all()
    for job in jobs.lock(session, found):
        if job.state in OPEN_JOBS:
            cancel(session, job.id, now)


def undo(session: Session, above: int, now: int) -> None:
    """The blocks above a number are no more: what they settled is on its way again, or due."""
    batches = session.exec(select(BatchRow).where(col(BatchRow.block) > above).with_for_update()).all()
    stated = session.exec(select(StatementRow).where(col(StatementRow.block) > above).with_for_update())
    landed: list[BatchRow | StatementRow] = [*batches, *stated.all()]
    for row in landed:
        paid = session.exec(select(ReceiptRow.id).where(ReceiptRow.proposal == row.id)).all()
        is_ours = row.intent is not None
        row.state = ProposalState.SENT if is_ours else ProposalState.FAILED
        row.transaction = row.block = None
        _unsettle(session, paid, PaymentState.SENT if is_ours else PaymentState.DUE, now)
    for claim in session.exec(select(ClaimRow).where(col(ClaimRow.block) > above).with_for_update()).all():
        _unsettle(session, [claim.receipt], PaymentState.DUE, now)
        session.delete(claim)


def _landed_batch(
    session: Session, id_: Hash, epoch: int, packed: bytes | None, landed: Landed, now: int
) -> BatchRow:
    row = session.get(BatchRow, id_, with_for_update=True)
    if row is None:
        row = BatchRow(id=id_, epoch=epoch, packed=packed or b"", created_at=now)
        session.add(row)
    row.state, row.transaction, row.block = ProposalState.SETTLED, landed.transaction, landed.block
    row.reason = row.detail = None
    session.flush()
    return row


def _receipts(session: Session, places: Iterable[Place]) -> dict[Place, ReceiptRow]:
    """The accepted receipts with these serials of these nodes, locked."""
    by_node: dict[Address, list[int]] = {}
    for node, serial in places:
        by_node.setdefault(node, []).append(serial)
    found = serials.receipts(session, by_node)
    rows = {row.id: row for row in payments.locked(session, found.values()) if row.payment is not None}
    return {place: rows[receipt] for place, receipt in found.items() if receipt in rows}


def _sums(paid: Iterable[ReceiptRow]) -> Counter[tuple[str, Address]]:
    """What receipts add up to by who pays and who earns."""
    sums = Counter[tuple[str, Address]]()
    for one in paid:
        sums["paid", one.buyer] += one.amount
        sums["earned", one.node] += one.amount
    return sums


def _sums_told(batch: root_netting.RootBatch) -> Counter[tuple[str, Address]]:
    told = Counter({("paid", buyer): debit for buyer, debit in batch.debits.items()})
    told.update({("earned", node): part.gross for node, part in batch.nodes.items()})
    return told


def _foreign_statement(session: Session, statement: Statement, marks: bytes, now: int) -> StatementRow:
    """Remembers a statement made past the market, with its receipts when they are those of its serials."""
    row = StatementRow(
        id=statement.id(),
        buyer=statement.buyer,
        node=statement.node,
        message=statement,
        created_at=now,
    )
    session.add(row)
    session.flush()
    places = [(statement.node, serial) for serial in serials_of(marks)]
    found = _receipts(session, places)
    paid = [one for place in places if (one := found.get(place)) and one.buyer == statement.buyer]
    if sum(one.amount for one in paid) == statement.amount and len(paid) == statement.receipts:
        leaves = enumerate(paid)
        session.add_all(
            StatementReceiptRow(statement=row.id, position=place, receipt=one.id) for place, one in leaves
        )
        session.flush()
    return row


def _settle(
    session: Session,
    rows: Sequence[ReceiptRow],
    proposal: Hash,
    epoch: int | None,
    landed: Landed,
    now: int,
) -> None:
    for row in rows:
        if row.payment is PaymentState.SETTLED:
            continue
        payments.decide(session, row, PaymentState.SETTLED, now)
        row.proposal, row.epoch, row.transaction = proposal, epoch, landed.transaction
    session.flush()
    close_paid(session, {row.job for row in rows}, now)
    close_overlapping(session, [row.id for row in rows], f"{proposal} has landed", proposal, now)


def _unsettle(session: Session, receipts: Sequence[Hash], payment: PaymentState, now: int) -> None:
    for row in payments.locked(session, receipts):
        payments.decide(session, row, payment, now)
        row.transaction = None
        if payment is PaymentState.DUE:
            row.proposal = row.epoch = None
