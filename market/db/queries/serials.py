"""The numbering of leases, one counter per buyer, and what the chain says of the numbers."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from market.db.tables.chain import PaidWordRow
from market.db.tables.lease import LeaseRow, SerialRow
from suanli.protocol.values import Address

SERIALS_PER_WORD = 256


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
    return sa.exists().where(
        col(PaidWordRow.account) == col(lease.buyer),
        col(PaidWordRow.word) == col(lease.serial) // SERIALS_PER_WORD,
        sa.func.get_bit(col(PaidWordRow.bits), sa.cast(col(lease.serial) % SERIALS_PER_WORD, sa.Integer)) == 1,
    )


def words_of(session: Session, buyers: Iterable[Address] | None = None) -> set[tuple[Address, int]]:
    """The words in which leases of some buyers (or of all) have their serials."""
    query = select(LeaseRow.buyer, col(LeaseRow.serial) // SERIALS_PER_WORD).distinct()
    if buyers is not None:
        query = query.where(col(LeaseRow.buyer).in_(list(buyers)))
    return {(buyer, int(word)) for buyer, word in session.exec(query)}


def _used_from(session: Session, buyer: Address, first: int) -> set[int]:
    query = select(PaidWordRow).where(
        PaidWordRow.account == buyer, col(PaidWordRow.word) >= first // SERIALS_PER_WORD
    )
    return {serial for row in session.exec(query) for serial in _serials(row)}


def _serials(row: PaidWordRow) -> Iterable[int]:
    bits = int.from_bytes(row.bits, "little")
    return (row.word * SERIALS_PER_WORD + bit for bit in range(SERIALS_PER_WORD) if bits >> bit & 1)
