"""The numbering of leases, one counter per node, and what the chain says of the numbers."""

from collections.abc import Collection, Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from market.db.tables.chain import ClaimRecordRow, PaidWordRow
from market.db.tables.lease import LeaseRow, SerialRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import SERIALS_PER_WORD
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Address, Hash

_UNPAID = (PaymentState.DUE, PaymentState.PROPOSED, PaymentState.SENT)


def take(session: Session, counts: Mapping[Address, int]) -> dict[Address, Iterator[int]]:
    """The numbers of some nodes' next leases, so many of each; whoever does not use them all leaves a gap.

    The counters stay locked, in the one order that cannot deadlock, until the leases are committed with them.
    """
    return {node: iter(_take(session, node, counts[node])) for node in sorted(counts)}


def is_used(lease: type[LeaseRow] = LeaseRow) -> sa.ColumnElement[bool]:
    """Whether the chain has taken a lease's serial, by whatever exit: no other one can pay it any more."""
    bit = sa.cast(col(lease.serial) % SERIALS_PER_WORD, sa.Integer)
    return sa.exists().where(
        col(PaidWordRow.node) == col(lease.node),
        col(PaidWordRow.word) == col(lease.serial) // SERIALS_PER_WORD,
        sa.func.get_bit(col(PaidWordRow.bits), bit) == 1,
    )


def taken_unpaid(session: Session) -> dict[Hash, bool]:
    """The unpaid receipts whose serial the chain has taken, and whether a claim holds it.

    Those under a claim that are marked so already are left out.
    """
    known = select(ClaimRecordRow.is_open).where(
        ClaimRecordRow.id == LeaseRow.id, col(ClaimRecordRow.is_open)
    )
    is_claimed = known.exists()
    is_told = sa.and_(is_claimed, col(ReceiptRow.payment_reason).is_not_distinct_from(Reason.UNDER_CLAIM))
    query = (
        select(ReceiptRow.id, is_claimed)
        .join(LeaseRow, col(LeaseRow.id) == col(ReceiptRow.lease))
        .where(col(ReceiptRow.payment).in_(_UNPAID), is_used(), ~is_told)
    )
    return dict(session.exec(query).all())


def free_again(session: Session) -> list[Hash]:
    """The receipts that are marked as taken otherwise, or as claimed, and whose serial is free."""
    query = (
        select(ReceiptRow.id)
        .join(LeaseRow, col(LeaseRow.id) == col(ReceiptRow.lease))
        .where(
            col(ReceiptRow.payment).in_([*_UNPAID, PaymentState.PAID_ELSEWHERE]),
            col(ReceiptRow.payment_reason).is_not(None),
            ~is_used(),
        )
    )
    return list(session.exec(query))


def words(session: Session) -> set[tuple[Address, str]]:
    """The words in which leases have their serials, by their nodes."""
    query = select(LeaseRow.node, col(LeaseRow.serial) // SERIALS_PER_WORD).distinct()
    return {(node, str(word)) for node, word in session.exec(query)}


def of_leases(session: Session, leases: Collection[Hash]) -> list[tuple[Address, int]]:
    """The nodes and serials of some leases."""
    query = select(LeaseRow.node, LeaseRow.serial).where(col(LeaseRow.id).in_(leases))
    return list(session.exec(query))


def receipts(session: Session, paid: Mapping[Address, Collection[int]]) -> dict[tuple[Address, int], Hash]:
    """The receipts of leases with these serials of these nodes; leases without one are left out."""
    found: dict[tuple[Address, int], Hash] = {}
    for node, numbers in paid.items():
        query = (
            select(LeaseRow.serial, ReceiptRow.id)
            .join(ReceiptRow, col(ReceiptRow.lease) == col(LeaseRow.id))
            .where(LeaseRow.node == node, col(LeaseRow.serial).in_(numbers))
        )
        found |= {(node, serial): receipt for serial, receipt in session.exec(query)}
    return found


def _take(session: Session, node: Address, count: int) -> range:
    """One statement reads and raises the counter, so that nobody else can read it in between."""
    taken = insert(SerialRow).values(node=node, next=count)
    raised = {"next": SerialRow.__table__.c.next + taken.excluded.next}  # type: ignore[attr-defined]
    query = taken.on_conflict_do_update(index_elements=["node"], set_=raised).returning(col(SerialRow.next))
    end = int(session.execute(query).scalar_one())
    return range(end - count, end)
