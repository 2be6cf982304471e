"""Guards what buyers set aside for their orders: lets statements draw on it, and returns the rest early.

The reservation outlasts every claim; what a node might still claim stays in it until its time is over.
"""

from sqlmodel import Session

from market.db.queries import outbox, reservations
from market.db.tables.outbox import IntentKind
from market.runtime import Runtime
from suanli.protocol.messages import Draw, ReservationRelease
from suanli.protocol.signatures import sign
from suanli.protocol.values import Hash


def draw(runtime: Runtime, order: Hash, statement: Hash) -> str:
    """The guardian's consent to a statement of this market over receipts of the order."""
    return sign(runtime.operator, runtime.domain, Draw(order=order, statement=statement))


def release_ended(session: Session, runtime: Runtime, now: int) -> int:
    """Queues the return of what ended orders do not need, each once, where it is worth its gas.

    Returns how many.
    """
    queued = 0
    for order, balance in reservations.ended(session).items():
        remaining = reservations.claimable(session, order)
        if balance - remaining >= runtime.settings.deposit_minimum:
            queued += _release(session, runtime, ReservationRelease(order=order, remaining=remaining), now)
    return queued


def _release(session: Session, runtime: Runtime, message: ReservationRelease, now: int) -> bool:
    if outbox.find(session, IntentKind.RELEASE_RESERVATION, message.id()) is not None:
        return False
    arguments = {
        "release": message.to_json(),
        "signature": sign(runtime.operator, runtime.domain, message),
    }
    outbox.queue(session, IntentKind.RELEASE_RESERVATION, message.id(), arguments, now)
    return True
