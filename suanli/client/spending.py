"""Holds what the buyer signs to what its orders allow: the budget, and the copies of each task. Pure.

Counted is every receipt that was signed for and is paid or may still be, once each, however many batches and
statements it stands in: the operator's leases say nothing about how much may be spent.
"""

from collections import Counter
from collections.abc import Iterable

from suanli.client.judgement import Books, ChainState, Objection
from suanli.client.record import Commitment, KnownReceipt
from suanli.protocol.messages import JobOrder
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


def beyond_order(receipts: Iterable[KnownReceipt], books: Books, chain: ChainState) -> list[Objection]:
    """What paying for these receipts, too, would break of each order's terms."""
    fresh: dict[Hash, list[KnownReceipt]] = {}
    for receipt in receipts:
        fresh.setdefault(receipt.job, []).append(receipt)
    found = (_beyond(job, more, books, chain) for job, more in fresh.items())
    return [objection for objection in found if objection is not None]


def counts(commitment: Commitment, chain: ChainState) -> bool:
    """Whether the receipt is paid or a signature for it can still be used; a statement's always can."""
    if commitment.stated or commitment.receipt.place in chain.paid:
        return True
    return any(epoch > chain.epoch for epoch in commitment.nettings.values())


def _beyond(job: Hash, more: list[KnownReceipt], books: Books, chain: ChainState) -> Objection | None:
    order = books.own_order(job)
    if order is None:
        return Objection(Reason.EVIDENCE_MISSING, f"job {job} is no order of this record", waits=True)
    paid = {one.receipt.message.id(): one.receipt for one in books.commitments(job) if counts(one, chain)}
    paid |= {one.message.id(): one for one in more}
    return _over_budget(order, paid.values()) or _too_many_copies(order, paid.values())


def _over_budget(order: JobOrder, paid: Iterable[KnownReceipt]) -> Objection | None:
    total = sum(one.message.amount for one in paid)
    if total <= order.budget:
        return None
    detail = f"the receipts of job {order.id()} add up to {total}, its budget is {order.budget}"
    return Objection(Reason.BUDGET_TOO_SMALL, detail)


def _too_many_copies(order: JobOrder, paid: Iterable[KnownReceipt]) -> Objection | None:
    ordered = max(1, order.replicas)
    for task, copies in Counter(one.task for one in paid).items():
        if copies > ordered:
            detail = f"task {task} of job {order.id()} would be paid {copies} times, {ordered} were ordered"
            return Objection(Reason.CHARGE_WRONG, detail)
    return None
