"""What a settlement starts from, and the proposals that wait for signatures."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from market.core.settlement import Book, Due, Pair, ProposalState, reserve
from market.db.queries import reservations
from market.db.queries.serials import is_used
from market.db.tables.chain import AccountRow, DelegationRow
from market.db.tables.connect import NodeRow
from market.db.tables.lease import LeaseRow
from market.db.tables.outbox import IntentRow
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import (
    BatchPartyRow,
    BatchReceiptRow,
    BatchRow,
    StatementReceiptRow,
    StatementRow,
)
from suanli.protocol.messages import Statement
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import IntentState

UNDER_WAY = (ProposalState.OPEN, ProposalState.SENT)
RECEIPTS_PER_BOOK = 5000


def payable(session: Session) -> list[Hash]:
    """Due receipts, oldest first, whose serial no exit of the contracts has taken."""
    query = (
        select(ReceiptRow.id)
        .join(LeaseRow, col(LeaseRow.id) == col(ReceiptRow.lease))
        .where(ReceiptRow.payment == PaymentState.DUE, ~is_used())
    )
    return list(session.exec(query.order_by(col(ReceiptRow.number)).limit(RECEIPTS_PER_BOOK)))


def load(session: Session, rows: Sequence[ReceiptRow], delegate: Address, now: int) -> Book:
    """The book of some due receipts; `delegate` is the operator, whose caps bound what it can sign."""
    buyers = {row.buyer for row in rows}
    accounts = _accounts(session, buyers)
    epochs = {buyer: accounts[buyer].epoch if buyer in accounts else 0 for buyer in buyers}
    dues = dues_of(session, rows)
    return Book(
        dues=dues,
        limits=_limits(session, dues, accounts, delegate, now),
        epochs=epochs,
        last_epoch=int(session.exec(select(func.max(BatchRow.epoch))).one() or 0),
        latest_epoch=now,
    )


def dues_of(session: Session, rows: Sequence[ReceiptRow]) -> list[Due]:
    """The receipts as the rules see them, in the same order."""
    ids = [row.id for row in rows]
    misses = _misses(session, ids)
    query = (
        select(ReceiptRow.id, LeaseRow.serial, NodeRow.owner)
        .join(LeaseRow, col(LeaseRow.id) == col(ReceiptRow.lease))
        .join(NodeRow, col(NodeRow.node) == col(ReceiptRow.node))
        .where(col(ReceiptRow.id).in_(ids))
    )
    known = {receipt: (serial, owner) for receipt, serial, owner in session.exec(query)}
    dues = [_due(row, *known[row.id], misses.get(row.id, 0)) for row in rows]
    orders = {row.id: row.job for row in rows}
    return reserve(dues, orders, reservations.left(session, set(orders.values())))


def buyers_in_batches(session: Session) -> set[Address]:
    """Buyers who are asked, or whose batch is on its way: they take part in no second one meanwhile."""
    query = (
        select(BatchPartyRow.party)
        .join(BatchRow, col(BatchRow.id) == col(BatchPartyRow.batch))
        .where(col(BatchPartyRow.is_buyer), col(BatchRow.state).in_(UNDER_WAY))
    )
    return set(session.exec(query))


def last_asked(session: Session, receipts: Collection[Hash]) -> dict[Hash, int]:
    """When each receipt last stood in a batch."""
    query = (
        select(BatchReceiptRow.receipt, func.max(BatchRow.created_at))
        .join(BatchRow, col(BatchRow.id) == col(BatchReceiptRow.batch))
        .where(col(BatchReceiptRow.receipt).in_(receipts))
        .group_by(col(BatchReceiptRow.receipt))
    )
    return {receipt: int(at) for receipt, at in session.exec(query)}


def resting_pairs(session: Session, failed_since: int) -> set[Pair]:
    """The pairs with a statement that is signed, or on its way, or came to nothing since then."""
    resting = sa.or_(
        col(StatementRow.state) == ProposalState.SENT,
        _is_signed(),
        sa.and_(col(StatementRow.state) == ProposalState.FAILED, col(StatementRow.created_at) > failed_since),
    )
    query = select(StatementRow.buyer, StatementRow.node).where(resting)
    return {(buyer, node) for buyer, node in session.exec(query)}


def open_statements(session: Session, pairs: Collection[Pair]) -> list[StatementRow]:
    """The statements of some pairs that wait for signatures, locked."""
    of_pairs = sa.tuple_(col(StatementRow.buyer), col(StatementRow.node)).in_(pairs)
    query = select(StatementRow).where(of_pairs, StatementRow.state == ProposalState.OPEN)
    return list(session.exec(query.order_by(col(StatementRow.id)).with_for_update()))


def signed_statements(session: Session) -> list[StatementRow]:
    """The statements that both sides have signed and that are not on their way yet, locked."""
    query = select(StatementRow).where(_is_signed()).order_by(col(StatementRow.id))
    return list(session.exec(query.with_for_update()))


def refused_statements(session: Session) -> list[tuple[StatementRow, IntentRow]]:
    """The statements that the contract refused, locked, with the intents that brought them there."""
    query = (
        select(StatementRow, IntentRow)
        .join(IntentRow, col(IntentRow.id) == col(StatementRow.intent))
        .where(StatementRow.state == ProposalState.SENT, IntentRow.state == IntentState.FAILED)
    )
    return list(session.exec(query.order_by(col(StatementRow.id)).with_for_update(of=StatementRow)))


def find_statement(session: Session, landed: Statement) -> StatementRow | None:
    """The market's row of a statement on chain, whose marks may be unknown, locked."""
    query = select(StatementRow).where(StatementRow.buyer == landed.buyer, StatementRow.node == landed.node)
    rows = session.exec(query.order_by(col(StatementRow.id)).with_for_update()).all()
    same = (row for row in rows if row.message.model_copy(update={"marks": landed.marks}) == landed)
    return next(same, None)


def statement_receipts(session: Session, statement: Hash) -> list[Hash]:
    """The leaves of a statement's tree, in their order."""
    query = select(StatementReceiptRow.receipt).where(StatementReceiptRow.statement == statement)
    return list(session.exec(query.order_by(col(StatementReceiptRow.position))))


def root_receipts(session: Session, batch: Hash) -> list[Hash]:
    """The leaves of the tree of a batch that landed by root, in their order."""
    query = (
        select(ReceiptRow.id)
        .join(BatchReceiptRow, col(BatchReceiptRow.receipt) == col(ReceiptRow.id))
        .join(LeaseRow, col(LeaseRow.id) == col(ReceiptRow.lease))
        .where(BatchReceiptRow.batch == batch)
    )
    return list(session.exec(query.order_by(func.lower(LeaseRow.node).collate("C"), col(LeaseRow.serial))))


def batch_parties(session: Session, batch: Hash) -> list[BatchPartyRow]:
    """A batch's parties in the order of the signatures."""
    query = select(BatchPartyRow).where(BatchPartyRow.batch == batch)
    return list(session.exec(query.order_by(col(BatchPartyRow.position))))


def batch_page(session: Session, after: int | None, limit: int) -> list[BatchRow]:
    """Batches, newest first."""
    query = select(BatchRow).order_by(col(BatchRow.number).desc()).limit(limit)
    return list(session.exec(query if after is None else query.where(col(BatchRow.number) < after)))


def batches_waiting_for(session: Session, party: Address) -> list[BatchRow]:
    """Open batches that a party has neither signed nor refused."""
    query = (
        select(BatchRow)
        .join(BatchPartyRow, col(BatchPartyRow.batch) == col(BatchRow.id))
        .where(
            BatchRow.state == ProposalState.OPEN,
            BatchPartyRow.party == party,
            col(BatchPartyRow.signature).is_(None),
            col(BatchPartyRow.reason).is_(None),
        )
        .order_by(col(BatchRow.number))
    )
    return list(session.exec(query))


def statements_waiting_for(session: Session, party: Address) -> list[StatementRow]:
    """Open statements that a party has not signed."""
    as_buyer = sa.and_(col(StatementRow.buyer) == party, col(StatementRow.buyer_signature).is_(None))
    as_node = sa.and_(col(StatementRow.node) == party, col(StatementRow.node_signature).is_(None))
    query = select(StatementRow).where(
        StatementRow.state == ProposalState.OPEN,
        col(StatementRow.reason).is_(None),
        sa.or_(as_buyer, as_node),
    )
    return list(session.exec(query.order_by(col(StatementRow.created_at))))


def _is_signed() -> sa.ColumnElement[bool]:
    return sa.and_(
        col(StatementRow.state) == ProposalState.OPEN,
        col(StatementRow.buyer_signature).is_not(None),
        col(StatementRow.node_signature).is_not(None),
    )


def _accounts(session: Session, buyers: Collection[Address]) -> dict[Address, AccountRow]:
    rows = session.exec(select(AccountRow).where(col(AccountRow.address).in_(buyers)))
    return {row.address: row for row in rows}


def _misses(session: Session, receipts: Collection[Hash]) -> dict[Hash, int]:
    """How many proposals receipts fell out of."""
    query = (
        select(BatchReceiptRow.receipt, func.sum(BatchReceiptRow.missed))
        .where(col(BatchReceiptRow.receipt).in_(receipts))
        .group_by(col(BatchReceiptRow.receipt))
    )
    return {receipt: int(missed) for receipt, missed in session.exec(query)}


def _due(row: ReceiptRow, serial: int, owner: Address, misses: int) -> Due:
    return Due(row.id, row.buyer, row.node, owner, serial, row.amount, misses)


def _limits(
    session: Session, dues: Sequence[Due], accounts: dict[Address, AccountRow], delegate: Address, now: int
) -> dict[Address, int]:
    """What each buyer can pay beside what is on its way; within the operator's cap where it may sign."""
    on_way = _on_way(session, accounts)
    caps = _caps(session, accounts, delegate, now)
    smallest: dict[Address, int] = {}
    for due in dues:
        smallest[due.buyer] = min(due.amount, smallest.get(due.buyer, due.amount))
    limits = {}
    for buyer, account in accounts.items():
        limit = account.balance - on_way.get(buyer, 0)
        cap = caps.get(buyer, 0) - on_way.get(buyer, 0)
        limits[buyer] = max(0, min(limit, cap) if cap >= smallest[buyer] else limit)
    return limits


def _on_way(session: Session, buyers: Collection[Address]) -> dict[Address, int]:
    query = (
        select(ReceiptRow.buyer, func.sum(ReceiptRow.amount))
        .where(
            col(ReceiptRow.buyer).in_(buyers),
            col(ReceiptRow.payment).in_([PaymentState.PROPOSED, PaymentState.SENT]),
        )
        .group_by(col(ReceiptRow.buyer))
    )
    return {buyer: int(amount) for buyer, amount in session.exec(query)}


def _caps(session: Session, buyers: Collection[Address], delegate: Address, now: int) -> dict[Address, int]:
    query = select(DelegationRow).where(
        col(DelegationRow.account).in_(buyers), DelegationRow.delegate == delegate, DelegationRow.expiry > now
    )
    return {row.account: row.remaining for row in session.exec(query)}
