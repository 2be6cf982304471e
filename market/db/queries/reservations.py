"""Money that buyers set aside on chain for orders of this market, in atoms.

Its guardian is the order's operator, so nothing leaves it before its time but by this market's signature or
by a claim.
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from market.core.lifecycle import CLOSED_JOBS, ENDED_PAYMENTS
from market.core.settlement import ProposalState
from market.db.tables.chain import AccountRow, ReservationRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import StatementRow
from suanli.protocol.states import JobState, LeaseState
from suanli.protocol.values import Hash

_UNDER_WAY = (ProposalState.OPEN, ProposalState.SENT)


def held(session: Session, orders: Collection[Hash]) -> dict[Hash, int]:
    """What the reservations of some orders hold."""
    query = (
        select(ReservationRow.order, AccountRow.balance)
        .join(AccountRow, col(AccountRow.address) == col(ReservationRow.account))
        .where(col(ReservationRow.order).in_(orders))
    )
    return {order: int(balance) for order, balance in session.exec(query)}


def left(session: Session, orders: Collection[Hash]) -> dict[Hash, int]:
    """What they hold beside what proposals under way take from them."""
    found = held(session, orders)
    query = select(StatementRow).where(
        col(StatementRow.reservation).in_(found), col(StatementRow.state).in_(_UNDER_WAY)
    )
    for row in session.exec(query):
        found[row.reservation or ""] -= row.message.amount
    return {order: max(0, amount) for order, amount in found.items()}


def ended(session: Session) -> dict[Hash, int]:
    """The reservations with money in them whose orders need no more of it than claims may: order to balance.

    Such an order gets no more leases, and nothing that was accepted is unpaid.
    """
    unpaid = sa.exists().where(
        col(ReceiptRow.job) == col(JobRow.id),
        col(ReceiptRow.payment).is_not(None),
        col(ReceiptRow.payment).not_in(ENDED_PAYMENTS),
    )
    query = (
        select(ReservationRow.order, AccountRow.balance)
        .join(AccountRow, col(AccountRow.address) == col(ReservationRow.account))
        .join(JobRow, col(JobRow.id) == col(ReservationRow.order))
        .where(AccountRow.balance > 0, col(JobRow.state).in_([*CLOSED_JOBS, JobState.SETTLED]), ~unpaid)
    )
    return {order: int(balance) for order, balance in session.exec(query)}


def claimable(session: Session, order: Hash) -> int:
    """What the nodes of an order's leases may yet claim: receipts at their amount, other leases at their cap.

    Nothing for leases that were handed back, and for receipts that are paid.
    """
    amount = func.coalesce(ReceiptRow.amount, LeaseRow.cap)
    is_over = sa.or_(
        col(LeaseRow.state) == LeaseState.HANDED_BACK,
        func.coalesce(col(ReceiptRow.payment).in_(ENDED_PAYMENTS), sa.false()),
    )
    query = (
        select(func.sum(amount))
        .select_from(LeaseRow)
        .outerjoin(ReceiptRow, col(ReceiptRow.lease) == col(LeaseRow.id))
        .where(LeaseRow.job == order, ~is_over)
    )
    return int(session.exec(query).one() or 0)
