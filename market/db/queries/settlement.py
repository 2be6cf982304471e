"""What a settlement starts from, and the proposals that wait for signatures."""

from collections import defaultdict
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from market.core.settlement import Book, Due, Listed, Pair, ProposalState
from market.db.tables.chain import AccountRow, DelegationRow
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import (
    BatchPartyRow,
    BatchReceiptRow,
    BatchRow,
    StatementReceiptRow,
    StatementRow,
)
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Address, Hash

UNDER_WAY = (ProposalState.OPEN, ProposalState.SENT)
RECEIPTS_PER_BOOK = 5000


def nettable(session: Session) -> list[Hash]:
    """Due receipts, oldest first, that no statement has listed."""
    is_listed = sa.exists().where(col(StatementReceiptRow.receipt) == col(ReceiptRow.id))
    query = select(ReceiptRow.id).where(ReceiptRow.payment == PaymentState.DUE, ~is_listed)
    return list(session.exec(query.order_by(col(ReceiptRow.number)).limit(RECEIPTS_PER_BOOK)))


def stalled(session: Session, proposed_before: int) -> list[Hash]:
    """Due receipts that are listed at pairs without a statement under way or one proposed since then."""
    under_way = sa.exists().where(
        col(StatementRow.buyer) == col(StatementReceiptRow.buyer),
        col(StatementRow.node) == col(StatementReceiptRow.node),
        sa.or_(col(StatementRow.state).in_(UNDER_WAY), col(StatementRow.created_at) > proposed_before),
    )
    query = (
        select(ReceiptRow.id)
        .join(StatementReceiptRow, col(StatementReceiptRow.receipt) == col(ReceiptRow.id))
        .where(ReceiptRow.payment == PaymentState.DUE, ~under_way)
    )
    return list(session.exec(query.order_by(col(ReceiptRow.number)).limit(RECEIPTS_PER_BOOK)))


def load(session: Session, rows: Sequence[ReceiptRow], delegate: Address, now: int) -> Book:
    """The book of some due receipts; `delegate` is the operator, whose caps bound what it can sign."""
    buyers = {row.buyer for row in rows}
    accounts = _accounts(session, buyers)
    epochs = {buyer: accounts[buyer].epoch if buyer in accounts else 0 for buyer in buyers}
    history = _history(session, epochs)
    dues = [_due(row, history) for row in rows]
    return Book(
        dues=dues,
        limits=_limits(session, dues, accounts, delegate, now),
        epochs=epochs,
        last_epoch=int(session.exec(select(func.max(BatchRow.epoch))).one() or 0),
        latest_epoch=now,
    )


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


def listed(session: Session, pairs: Collection[Pair]) -> dict[Pair, Listed]:
    """What the statements of some pairs have listed so far."""
    query = (
        select(StatementReceiptRow, ReceiptRow.amount)
        .join(ReceiptRow, col(ReceiptRow.id) == col(StatementReceiptRow.receipt))
        .where(sa.tuple_(col(StatementReceiptRow.buyer), col(StatementReceiptRow.node)).in_(pairs))
        .order_by(col(StatementReceiptRow.position))
    )
    totals: dict[Pair, Listed] = {}
    for row, amount in session.exec(query):
        pair = (row.buyer, row.node)
        before = totals.get(pair, Listed())
        totals[pair] = Listed((*before.receipts, row.receipt), before.amount + amount)
    return totals


def pairs_with_statements(session: Session, state: ProposalState) -> set[Pair]:
    """The pairs that have a statement in this state."""
    query = select(StatementRow.buyer, StatementRow.node).where(StatementRow.state == state)
    return {(buyer, node) for buyer, node in session.exec(query)}


def statement_receipts(session: Session, statement: StatementRow) -> list[Hash]:
    """The leaves of a statement's tree, in their order."""
    query = (
        select(StatementReceiptRow.receipt)
        .where(
            StatementReceiptRow.buyer == statement.buyer,
            StatementReceiptRow.node == statement.node,
            StatementReceiptRow.position < statement.message.receipts,
        )
        .order_by(col(StatementReceiptRow.position))
    )
    return list(session.exec(query))


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


def _accounts(session: Session, buyers: Collection[Address]) -> dict[Address, AccountRow]:
    rows = session.exec(select(AccountRow).where(col(AccountRow.address).in_(buyers)))
    return {row.address: row for row in rows}


_History = dict[Hash, tuple[int | None, int]]


def _history(session: Session, epochs: dict[Address, int]) -> _History:
    """By due receipt: the unconsumed epoch it is pinned to, and how many proposals it fell out of."""
    query = (
        select(ReceiptRow.id, ReceiptRow.buyer, BatchRow.epoch, BatchReceiptRow.missed)
        .join(BatchReceiptRow, col(BatchReceiptRow.receipt) == col(ReceiptRow.id))
        .join(BatchRow, col(BatchRow.id) == col(BatchReceiptRow.batch))
        .where(ReceiptRow.payment == PaymentState.DUE)
    )
    history: _History = defaultdict(lambda: (None, 0))
    for receipt, buyer, epoch, missed in session.exec(query):
        pinned, misses = history[receipt]
        if epoch > epochs.get(buyer, 0):
            pinned = max(epoch, pinned or 0)
        history[receipt] = (pinned, misses + missed)
    return history


def _due(row: ReceiptRow, history: _History) -> Due:
    pinned, misses = history[row.id]
    return Due(row.id, row.buyer, row.node, row.amount, pinned, misses)


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
