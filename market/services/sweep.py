"""Sweep: what time alone brings about. Jobs expire; leases of silent nodes and overdue ones go to others.

Nobody is called late before this market has listened for as long as a node may be silent.
"""

import math
from dataclasses import dataclass

from sqlmodel import Session

from market.core.lifecycle import OPEN_JOBS
from market.db.queries import access, jobs, leases
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow
from market.runtime import Runtime
from market.services import close, lease
from market.services.moment import moment_at
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LeaseState
from suanli.protocol.wire.common import Explanation

_AT_ONCE = 100
"""Leases or jobs per sweep, so that no transaction is long; the next sweep goes on."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep ended."""

    jobs_expired: int = 0
    leases_lost: int = 0


@dataclass(frozen=True, slots=True)
class _Ended:
    job: str
    state: LeaseState
    why: Explanation


def sweep(session: Session, runtime: Runtime, now: int, listening_since: float) -> Swept:
    """One sweep; `listening_since` is when this market began to serve, in seconds since the epoch."""
    access.forget_expired(session, now)
    if now < listening_since + runtime.settings.node_silence_seconds:
        return Swept()
    ended = _ended_leases(session, runtime, now)
    past = set(jobs.past_deadline(session, now, _AT_ONCE))
    # Every row at once, in the one order that cannot deadlock.
    locked = {job.id: job for job in jobs.lock(session, past | {end.job for end in ended.values()})}
    expired = sum(_expire(session, locked[job], now) for job in sorted(past))
    lost = sum(_lose(session, runtime, locked[ended[id].job], id, ended[id], now) for id in sorted(ended))
    return Swept(expired, lost)


def _ended_leases(session: Session, runtime: Runtime, now: int) -> dict[str, _Ended]:
    """The leases that time has ended, by id; they are looked at again under their jobs' locks."""
    offered_before = now - math.ceil(runtime.settings.offer_seconds)
    silent_before = moment_at(runtime.settings, now).silent_before
    late = {
        row.id: _Ended(row.job, row.state, _late(row))
        for row in leases.overdue(session, now, offered_before, _AT_ONCE)
    }
    silent = leases.of_silent_nodes(session, silent_before, _AT_ONCE)
    return late | {row.id: _Ended(row.job, row.state, _silent()) for row in silent}


def _expire(session: Session, job: JobRow, now: int) -> bool:
    if job.state not in OPEN_JOBS or job.deadline > now:
        return False
    close.expire(session, job, now)
    return True


def _lose(session: Session, runtime: Runtime, job: JobRow, lease_id: str, ended: _Ended, now: int) -> bool:
    session.flush()
    row = leases.get(session, lease_id)
    if row.state is not ended.state:
        return False
    lease.end(session, runtime, job, row, LeaseState.LOST, ended.why, now)
    return True


def _silent() -> Explanation:
    return Explanation(reason=Reason.NODE_SILENT, detail="the node's agent has not been heard lately")


def _late(row: LeaseRow) -> Explanation:
    what = "was not started in time" if row.state is LeaseState.OFFERED else f"ended at {row.deadline}"
    return Explanation(reason=Reason.LEASE_EXPIRED, detail=f"the lease {what}")
