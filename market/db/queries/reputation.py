"""How nodes' newest leases ended: what the book knows of a node beside its own words."""

from collections import Counter, defaultdict

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.reputation import RECENT_LEASES, Record
from market.db.tables.connect import NodeRow
from market.db.tables.lease import LeaseRow
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LeaseState
from suanli.protocol.values import Address

_BLAMELESS = (Reason.NODE_DRAINING, Reason.CHAIN_UNREACHABLE)
_UNDELIVERED = (LeaseState.LOST, LeaseState.HANDED_BACK)


def records(session: Session) -> dict[Address, Record]:
    """By node, how its newest leases ended; nodes without a lease are missing."""
    newest = (
        select(LeaseRow.state, LeaseRow.reason)
        .where(LeaseRow.node == NodeRow.node)
        .order_by(col(LeaseRow.serial).desc())
        .limit(RECENT_LEASES)
        .lateral("newest")
    )
    query = (
        sa.select(col(NodeRow.node), newest.c.state, newest.c.reason, sa.func.count())
        .join(newest, sa.true())
        .group_by(col(NodeRow.node), newest.c.state, newest.c.reason)
    )
    found: dict[Address, Counter[str]] = defaultdict(Counter)
    for node, state, reason, count in session.execute(query):
        if (name := _name(state, reason)) is not None:
            found[node][name] += count
    return {node: Record(**counts) for node, counts in found.items()}


def _name(state: LeaseState, reason: Reason | None) -> str | None:
    if state in _UNDELIVERED:
        return None if reason in _BLAMELESS else "undelivered"
    ended = {LeaseState.ACCEPTED: "accepted", LeaseState.REJECTED: "rejected"}
    return ended.get(state, "receipted" if state is LeaseState.RECEIPTED else None)
