"""The numbering of leases, one counter per buyer, and what the chain says of the numbers."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from market.db.tables.chain import PaidWordRow
from market.db.tables.lease import LeaseRow, SerialRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.serials import SERIALS_PER_WORD, serials_in, word_of
from suanli.protocol.values import Address, Hash


def take(session: Session, buyer: Address, count: int) -> list[int]:
    """The numbers of a buyer's next leases. The counter stays locked until the leases are committed with it.

    Numbers that the buyer has used up on chain beforehand are passed over: no lease with one can be paid.
    """
    session.execute(insert(SerialRow).values(buyer=buyer).on_conflict_do_nothing())
    counter = session.get_one(SerialRow, buyer, with_for_update=True, populate_existing=True)
    used = _used_from(session, buyer, counter.next)
    taken: list[int] = []
    while len(taken) < count:
        if counter.next not in used:
            taken.append(counter.next)
        counter.next += 1
    session.flush()
    return taken


def is_used(lease: type[LeaseRow] = LeaseRow) -> sa.ColumnElement[bool]:
    """Whether the chain has taken a lease's serial, by whatever exit: no other one can pay it any more."""
    bit = sa.cast(col(lease.serial) % SERIALS_PER_WORD, sa.Integer)
    return sa.exists().where(
        col(PaidWordRow.account) == col(lease.buyer),
        col(PaidWordRow.word) == col(lease.serial) // SERIALS_PER_WORD,
        sa.func.get_bit(col(PaidWordRow.bits), bit) == 1,
    )


def words(session: Session) -> set[tuple[Address, str]]:
    """The words in which leases have their serials, by their buyers."""
    query = select(LeaseRow.buyer, col(LeaseRow.serial) // SERIALS_PER_WORD).distinct()
    return {(buyer, str(word)) for buyer, word in session.exec(query)}


def of_leases(session: Session, leases: Collection[Hash]) -> list[tuple[Address, int]]:
    """The buyers and serials of some leases."""
    query = select(LeaseRow.buyer, LeaseRow.serial).where(col(LeaseRow.id).in_(leases))
    return list(session.exec(query))


def receipts(session: Session, paid: Mapping[Address, Collection[int]]) -> dict[tuple[Address, int], Hash]:
    """The receipts of leases with these serials of these buyers; leases without one are left out."""
    found: dict[tuple[Address, int], Hash] = {}
    for buyer, numbers in paid.items():
        query = (
            select(LeaseRow.serial, ReceiptRow.id)
            .join(ReceiptRow, col(ReceiptRow.lease) == col(LeaseRow.id))
            .where(LeaseRow.buyer == buyer, col(LeaseRow.serial).in_(numbers))
        )
        found |= {(buyer, serial): receipt for serial, receipt in session.exec(query)}
    return found


def _used_from(session: Session, buyer: Address, first: int) -> set[int]:
    query = select(PaidWordRow).where(PaidWordRow.account == buyer, col(PaidWordRow.word) >= word_of(first))
    masks = {row.word: int.from_bytes(row.bits, "little") for row in session.exec(query)}
    return set(serials_in(masks))
