"""What a job cost: every payment of an order, and that its buyer paid what providers and the fee received."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from suanli.audit.case import Case
from suanli.audit.finding import Finding
from suanli.audit.payment_index import Payment
from suanli.audit.payments import paid_receipt
from suanli.protocol.checks import Check, check
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.messages import VerificationPolicy
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


@dataclass(frozen=True, slots=True)
class Paid:
    """A receipt with its evidence and its payments."""

    receipt: Hash
    bundle: EvidenceBundle
    payments: list[Payment]


def order_finding(case: Case, order: Hash, task: int | None = None) -> Finding | None:
    """Everything paid for an order, or for one task of it; None when no evidence names it."""

    def wanted(bundle: EvidenceBundle) -> bool:
        lease = bundle.lease.message
        return bundle.order.message.id() == order == lease.order and task in (None, lease.task)

    receipts = case.receipts_where(wanted, case.store.receipts_of(order))
    bundles = [(receipt, case.bundle(receipt)) for receipt in receipts]
    paid = [Paid(receipt, one, case.payments_of(receipt)) for receipt, one in bundles if one is not None]
    if not paid:
        return None
    paid.sort(key=lambda one: (one.bundle.lease.message.task, one.bundle.lease.message.attempt))
    checks = (*_money(paid), *_copies(paid))
    below = tuple(paid_receipt(case, one.receipt) for one in paid)
    kind, id_ = ("order", order) if task is None else ("task", f"{order}:{task}")
    return Finding(kind, id_, _facts(paid), checks, below)


def _facts(paid: list[Paid]) -> dict[str, str | int]:
    order = paid[0].bundle.order.message
    payments = [payment for one in paid for payment in one.payments]
    amount, fee = (sum(getattr(payment, name) for payment in payments) for name in ("amount", "fee"))
    return {
        "buyer": order.buyer,
        "tasks": order.tasks,
        "receipts": len(paid),
        "settled": sum(bool(one.payments) for one in paid),
        "budget": order.budget,
        "buyer paid": amount,
        "providers got": amount - fee,
        "fee": fee,
        "transactions": ", ".join(dict.fromkeys(payment.transaction for payment in payments)),
    }


def _money(paid: list[Paid]) -> Iterator[Check]:
    order = paid[0].bundle.order.message
    payments = [payment for one in paid for payment in one.payments]
    charged = sum(one.bundle.receipt.message.amount for one in paid)
    settled = sum(one.bundle.receipt.message.amount for one in paid if one.payments)
    amount, fee = (sum(getattr(payment, name) for payment in payments) for name in ("amount", "fee"))
    by_owner = Counter[str]()
    for payment in payments:
        by_owner[payment.payee] += payment.amount - payment.fee
    shares = ", ".join(f"{owner} {share}" for owner, share in sorted(by_owner.items()))
    earned = sum(by_owner.values())
    yield check("budget", charged <= order.budget, f"{charged} of {order.budget}", Reason.BUDGET_TOO_SMALL)
    yield check(
        "buyer_total", amount == settled, f"paid {amount}, settled receipts {settled}", Reason.CHARGE_WRONG
    )
    yield check("order_conservation", amount == earned + fee, f"{amount} = {earned} ({shares}) + fee {fee}")


def _copies(paid: list[Paid]) -> Iterator[Check]:
    """No task has more paid copies than ordered; copies agree and have different owners."""
    copies: defaultdict[int, list[EvidenceBundle]] = defaultdict(list)
    for one in paid:
        if one.payments:
            copies[one.bundle.lease.message.task].append(one.bundle)
    order = paid[0].bundle.order.message
    most = max(1, order.replicas)
    many = [str(task) for task, bundles in copies.items() if len(bundles) > most]
    yield check("copies", not many, f"at most {most} paid copies of a task" + _tasks(many))
    if order.policy == VerificationPolicy.REPLICAS:
        split = [str(task) for task, bundles in copies.items() if len({_verdict(one) for one in bundles}) > 1]
        owned = [str(task) for task, bundles in copies.items() if len(set(_owners(bundles))) < len(bundles)]
        yield check(
            "copies_agree",
            not split,
            "paid copies have equal results" + _tasks(split),
            Reason.RESULT_MISMATCH,
        )
        yield check(
            "copies_apart", not owned, "copies have different owners" + _tasks(owned), Reason.SAME_OWNER
        )


def _verdict(bundle: EvidenceBundle) -> tuple[object, ...]:
    receipt = bundle.receipt.message
    return receipt.outcome, receipt.result, receipt.usage


def _owners(bundles: list[EvidenceBundle]) -> list[str]:
    return [bundle.terms.message.owner for bundle in bundles]


def _tasks(numbers: list[str]) -> str:
    return f"; not so: task {', '.join(numbers)}" if numbers else ""
