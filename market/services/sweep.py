"""Sweep: what time alone brings about. Jobs expire; leases of silent nodes and overdue ones go to others.

Nobody is called late before this market has listened for as long as a node may be silent.
"""

import math
from dataclasses import dataclass

from sqlmodel import Session

from market.core.lifecycle import LIVE_LEASES, OPEN_JOBS
from market.db.queries import access, jobs, leases
from market.db.tables.lease import LeaseRow
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


def sweep(session: Session, runtime: Runtime, now: int, listening_since: float) -> Swept:
    """One sweep; `listening_since` is when this market began to serve, in seconds since the epoch."""
    access.forget_expired(session, now)
    if now < listening_since + runtime.settings.node_silence_seconds:
        return Swept()
    expired = _expire_jobs(session, now)
    return Swept(expired, _lose_leases(session, runtime, now))


def _expire_jobs(session: Session, now: int) -> int:
    expired = 0
    for job in jobs.lock(session, jobs.past_deadline(session, now, _AT_ONCE)):
        if job.state in OPEN_JOBS and job.deadline <= now:
            close.expire(session, job, now)
            expired += 1
    return expired


def _lose_leases(session: Session, runtime: Runtime, now: int) -> int:
    moment = moment_at(runtime.settings, now)
    offered_before = now - math.ceil(runtime.settings.offer_seconds)
    silent = {row.id for row in leases.of_silent_nodes(session, moment.silent_before, _AT_ONCE)}
    late = leases.overdue(session, now, offered_before, _AT_ONCE)
    rows = {row.id: row for row in late} | {one: leases.get(session, one) for one in silent}
    by_id = {job.id: job for job in jobs.lock(session, {row.job for row in rows.values()})}
    lost = 0
    for row in (leases.get(session, one) for one in sorted(rows)):
        if row.state in LIVE_LEASES:
            why = _silent() if row.id in silent else _late(row)
            lease.end(session, runtime, by_id[row.job], row, LeaseState.LOST, why, now)
            lost += 1
    return lost


def _silent() -> Explanation:
    return Explanation(reason=Reason.NODE_SILENT, detail="the node's agent has not been heard lately")


def _late(row: LeaseRow) -> Explanation:
    what = "was not started in time" if row.state is LeaseState.OFFERED else f"ended at {row.deadline}"
    return Explanation(reason=Reason.LEASE_EXPIRED, detail=f"the lease {what}")
