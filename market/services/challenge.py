"""Challenge: somebody shows a better allocation of a kept epoch; it is judged, kept and shown."""

from sqlmodel import Session

from market.core.challenge import welfare_of
from market.db.blobs import put
from market.db.queries import challenges, clearings
from market.db.tables.clear import RoundChallengeRow
from market.runtime import Runtime
from market.services import rounds
from suanli.protocol.challenges import Challenge
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address


def challenge(
    session: Session, runtime: Runtime, epoch: int, given: Challenge, caller: Address, now: int
) -> RoundChallengeRow:
    """Keeps a feasible allocation that gains more than the epoch's and every challenge's before it.

    The same challenge again changes nothing. Raises MarketError: NOT_FOUND, HASH_MISMATCH for another epoch's
    book, CERTIFICATE_INVALID where it breaks a rule, CHALLENGE_NOT_BETTER.
    """
    row = clearings.get(session, epoch)
    if (given.epoch, given.book) != (epoch, row.book):
        detail = (
            f"the challenge is to epoch {given.epoch} with the book {given.book}, not {epoch}, {row.book}"
        )
        raise MarketError(Reason.HASH_MISMATCH, detail)
    if (known := session.get(RoundChallengeRow, given.content_hash())) is not None:
        return known
    welfare = welfare_of(rounds.decided_of(runtime, row).encoded, given.matches)
    clearings.close_epoch(session)
    best = challenges.best(session, epoch, row.welfare or 0)
    if welfare <= best:
        detail = f"the allocation gains {welfare} micro-atoms, {best} have been reached"
        raise MarketError(Reason.CHALLENGE_NOT_BETTER, detail, welfare=str(welfare), best=str(best))
    kept = RoundChallengeRow(
        id=put(runtime.blobs, given.canonical()),
        epoch=epoch,
        challenger=caller,
        welfare=welfare,
        received_at=now,
    )
    session.add(kept)
    return kept
