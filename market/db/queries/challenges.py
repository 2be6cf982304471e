"""Better allocations of kept epochs that somebody has shown."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.db.tables.clear import RoundChallengeRow


def of_epoch(session: Session, epoch: int) -> list[RoundChallengeRow]:
    """An epoch's challenges, the best first; each is better than the one after it."""
    query = select(RoundChallengeRow).where(RoundChallengeRow.epoch == epoch)
    return list(session.exec(query.order_by(col(RoundChallengeRow.welfare).desc())))


def best(session: Session, epoch: int, otherwise: int) -> int:
    """The most that an epoch is known to allow, in micro-atoms: `otherwise`, or what a challenge showed."""
    query = select(sa.func.max(RoundChallengeRow.welfare)).where(RoundChallengeRow.epoch == epoch)
    return max(otherwise, int(session.exec(query).one() or 0))
