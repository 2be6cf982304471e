"""Receipts that no proposal can pay, because the chain has taken their serial for something else.

Under a claim the court decides; otherwise the node itself has signed the serial away, and nothing is owed.
Only the indexer calls this, when it has read all that the chain decided up to a block.
"""

from sqlmodel import Session

from market.db.queries import payments, serials
from market.db.tables.lease import LeaseRow
from market.db.tables.run import ReceiptRow
from market.services.close import close_paid
from market.services.overlaps import close_overlapping
from suanli.protocol.reasons import Reason
from suanli.protocol.states import PaymentState
from suanli.protocol.wire.common import Explanation


def judge(session: Session, now: int) -> None:
    """Marks the receipts whose serial is taken, with the reason, and those due whose serial is free again."""
    session.flush()
    if taken := serials.taken_unpaid(session):
        close_overlapping(session, taken, "the chain has taken the serial of a receipt in it", None, now)
        ended = [row for row in payments.locked(session, taken) if _mark(session, row, taken[row.id], now)]
        session.flush()
        close_paid(session, {row.job for row in ended}, now)
    if free := serials.free_again(session):
        for row in payments.locked(session, free):
            _free(session, row, now)


def _mark(session: Session, row: ReceiptRow, is_claimed: bool, now: int) -> bool:
    """Marks one locked receipt. Returns whether nothing is owed for it any more."""
    serial = session.get_one(LeaseRow, row.lease).message.serial
    if is_claimed:
        detail = f"the court holds serial {serial} of {row.node} for the claim {row.lease}"
        why = Explanation(reason=Reason.UNDER_CLAIM, detail=detail)
        payments.decide(session, row, row.payment or PaymentState.DUE, now, why)
        return False
    detail = f"serial {serial} of {row.node} is used up by something else that this node signed"
    why = Explanation(reason=Reason.SERIAL_TAKEN, detail=detail)
    payments.decide(session, row, PaymentState.PAID_ELSEWHERE, now, why)
    row.proposal = row.epoch = None
    return True


def _free(session: Session, row: ReceiptRow, now: int) -> None:
    """The court, or a reorganisation, gave the serial back: the receipt can be paid."""
    if row.payment is PaymentState.PAID_ELSEWHERE:
        payments.decide(session, row, PaymentState.DUE, now)
    row.payment_reason = row.payment_detail = None
