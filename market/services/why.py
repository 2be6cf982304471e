"""Why: the round that a job or a node asks about, explained from what is stored of it."""

from sqlmodel import Session

from market.core.why.job import why_job
from market.core.why.node import why_node
from market.db.queries import clearings, leases
from market.db.tables.clear import ClearingRow
from market.db.tables.order import JobRow
from market.runtime import Runtime
from market.services import rounds
from suanli.protocol.values import Address
from suanli.protocol.wire.why import JobWhy, NodeWhy

_ROUNDS_LOOKED_AT = 4
"""A job that waits is in nearly every book; where jobs take turns its last one is older."""


def of_job(session: Session, runtime: Runtime, job: JobRow) -> JobWhy:
    """What the last kept round with the job in its book says."""
    for row in _candidates(session, job):
        decided = rounds.decided_of(runtime, row)
        if any(order.order == job.id for order in decided.encoded.book.orders):
            return why_job(decided, job.id, row.epoch, row.at, rounds.mechanism_of(runtime, row))
    return JobWhy(job=job.id, epoch=None, at=None, placed=[], waiting=[], percentile=None)


def of_node(session: Session, runtime: Runtime, node: Address) -> NodeWhy:
    """What the last kept round says."""
    row = clearings.last(session)
    if row is None or row.certificate is None:
        return NodeWhy(
            node=node,
            epoch=None,
            at=None,
            reason=None,
            copies=0,
            matched=0,
            elsewhere=0,
            waiting=0,
            excluded=[],
            changes=[],
            percentile=None,
        )
    return why_node(rounds.decided_of(runtime, row), node, row.epoch, row.at)


def _candidates(session: Session, job: JobRow) -> list[ClearingRow]:
    """The rounds that may have had the job, newest first."""
    epochs = {row.epoch: row for row in clearings.page(session, None, _ROUNDS_LOOKED_AT)}
    for epoch in (job.promised_epoch, leases.last_epoch(session, job.id)):
        if epoch is not None and (row := session.get(ClearingRow, epoch)) is not None:
            epochs[epoch] = row
    return [epochs[epoch] for epoch in sorted(epochs, reverse=True) if epochs[epoch].certificate]
