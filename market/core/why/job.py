"""Why a job's copies are where they are, or wait: one round seen with its buyer's eyes. Pure."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from market.core.outcomes import Decided
from market.core.pairs import ELIGIBLE
from market.core.premiums import payments_of
from market.core.why.reasons import REASON_OF, counts
from market.core.why.relaxing import changes_of
from market.core.why.waiting import Waiters
from suanli.protocol.arrays import NOBODY, Integers
from suanli.protocol.certificate import Mechanism
from suanli.protocol.reasons import Reason
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM
from suanli.protocol.values import Hash
from suanli.protocol.wire.why import JobWhy, PlacedWhy, TaskWhy


def why_job(decided: Decided, job: Hash, epoch: int, at: int, mechanism: Mechanism) -> JobWhy:
    """What a round says of an order in its book."""
    waiters, encoded = Waiters(decided, mechanism), decided.encoded
    group = next((n for n, order in enumerate(encoded.names.orders) if order.order == job), None)
    if group is None:
        return JobWhy(
            job=job,
            epoch=epoch,
            at=at,
            placed=[],
            waiting=list(_left_out(decided, job)),
            percentile=None,
        )
    items = np.flatnonzero(encoded.demand.group == group).tolist()
    return JobWhy(
        job=job,
        epoch=epoch,
        at=at,
        placed=list(_placed(waiters, items, mechanism)),
        waiting=list(_waiting(waiters, items)),
        percentile=_percentile(decided, group),
    )


def _placed(waiters: Waiters, items: list[int], mechanism: Mechanism) -> Iterator[PlacedWhy]:
    decided = waiters.decided
    payments = payments_of(decided, waiters, mechanism)
    for item in (item for item in items if item in payments):
        value, price = int(decided.encoded.demand.value[item]), decided.price[item]
        yield PlacedWhy(
            task=decided.encoded.names.items[item].task.index,
            node=decided.encoded.names.nodes[decided.outcome.provider[item]].node,
            price=payments[item] // MICRO_ATOMS_PER_ATOM,
            premium=(payments[item] - price) // MICRO_ATOMS_PER_ATOM,
            quality=(value - price - decided.surplus[item]) // MICRO_ATOMS_PER_ATOM,
        )


def _waiting(waiters: Waiters, items: list[int]) -> Iterator[TaskWhy]:
    decided = waiters.decided
    names = decided.encoded.names
    grouped: dict[tuple[Reason, str], list[int]] = defaultdict(list)
    for item in items:
        if decided.outcome.provider[item] == NOBODY:
            why = waiters.why(item)
            grouped[why.reason, why.detail].append(item)
    for waiting in grouped.values():
        item = waiting[0]
        rules = waiters.kind(item).rules.tolist()
        missed = [REASON_OF[rule] for rule in rules if rule != ELIGIBLE]
        left = [why.reason for _, why in decided.encoded.left_nodes.values()]
        yield TaskWhy(
            tasks=sorted({names.items[one].task.index for one in waiting}),
            copies=len(waiting),
            reason=waiters.why(item),
            fleet=len(rules) + len(left),
            eligible=len(rules) - len(missed),
            excluded=counts([*left, *missed]),
            changes=changes_of(waiters, item),
        )


def _left_out(decided: Decided, job: Hash) -> Iterator[TaskWhy]:
    """An order that the round could not count waits as a whole."""
    encoded = decided.encoded
    why = encoded.left_orders.get(job)
    order = next((order for order in encoded.book.orders if order.order == job), None)
    if why is None or order is None:
        return
    fleet = len(encoded.names.nodes) + len(encoded.left_nodes)
    yield TaskWhy(
        tasks=[task.index for task in order.tasks],
        copies=sum(max(0, task.copies) for task in order.tasks),
        reason=why,
        fleet=fleet,
        eligible=0,
        excluded=counts([why.reason] * fleet),
        changes=[],
    )


def _percentile(decided: Decided, group: int) -> int | None:
    """The share of other orders' copies that offered less for the same work, by the median prices."""
    encoded = decided.encoded
    mine = encoded.demand.group == group
    if not len(encoded.supply) or mine.all():
        return None
    levels = encoded.demand.value / np.maximum(_typical(decided), 1)
    return int(100 * (levels[~mine] < levels[mine].mean()).mean())


def _typical(decided: Decided) -> Integers:
    """(M,): what each item costs at the median price of each dimension, in micro-atoms."""
    encoded = decided.encoded
    median = np.sort(encoded.supply.prices, axis=0)[len(encoded.supply) // 2]
    sizes = np.array(encoded.measure.sizes, np.int64)
    return np.asarray((encoded.demand.usage * median // sizes).sum(axis=1), np.int64)
