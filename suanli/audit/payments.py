"""Holds each payment against the receipt that it pays, whatever exit it took."""

from collections.abc import Iterator

from suanli.audit.case import Case
from suanli.audit.finding import Finding
from suanli.audit.payment_index import Payment
from suanli.audit.receipts import receipt_finding
from suanli.audit.replay import Judged
from suanli.audit.summaries import claim_summary, settlement_summary
from suanli.protocol.checks import Check, check
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import reference_of
from suanli.protocol.values import Hash


def paid_receipt(case: Case, receipt: Hash) -> Finding:
    """A receipt with all that paid it, which must be one payment at most, and all that it rests on."""
    payments = case.payments_of(receipt)
    checks = [one for payment in payments for one in payment_checks(case, receipt, payment)]
    found = receipt_finding(case, receipt, [*checks, paid_once(payments)])
    by = tuple(_summary(case, payment) for payment in payments)
    return Finding(
        found.kind, found.id, found.facts | _facts(case, receipt, payments), found.checks, (*by, *found.below)
    )


def listed_receipt(case: Case, payment: Payment) -> Finding:
    """The same for one task of a listed batch, told from the payment."""
    assert payment.reference is not None
    receipt = case.receipt_named(payment.reference)
    checks = [*payment_checks(case, receipt, payment), paid_once(case.payments_of(receipt))]
    found = receipt_finding(case, receipt, checks)
    moved = {"paid": payment.amount, "fee": payment.fee, "buyer": payment.buyer, "paid to": payment.payee}
    return Finding(found.kind, found.id, moved | found.facts, found.checks, found.below)


def payment_checks(case: Case, receipt: Hash, payment: Payment) -> Iterator[Check]:
    """The payment is what the receipt says: amount, buyer, node, payee, serial and reference."""
    bundle = case.bundle(receipt)
    if bundle is None:
        return
    charged, buyer, lease = bundle.receipt.message.amount, bundle.order.message.buyer, bundle.lease.message
    owner = bundle.terms.message.owner
    paid = payment.amount == charged
    yield check("amount_paid", paid, f"paid {payment.amount}, receipt {charged}", Reason.CHARGE_WRONG)
    yield check("buyer_paid", payment.buyer == buyer, f"paid by {payment.buyer}, order of {buyer}")
    yield check("node_paid", payment.node == lease.node, f"paid to {payment.node}, run by {lease.node}")
    yield check("payee_paid", payment.payee == owner, f"paid to {payment.payee}, the node is {owner}'s")
    marked = payment.serial == lease.serial
    yield check("serial_paid", marked, f"serial {payment.serial} marked, the lease has {lease.serial}")
    if payment.reference is not None:
        same = payment.reference == reference_of(receipt)
        yield check("reference", same, f"{payment.reference} in the batch", Reason.HASH_MISMATCH)
    elif isinstance(payment.by, Judged):
        detail = "the receipt stands under the root" if payment.listed else "nothing shows it under the root"
        yield check("under_root", payment.listed, detail, Reason.EVIDENCE_MISSING)


def paid_once(payments: list[Payment]) -> Check:
    """A receipt has one payment at most, by whatever exit."""
    return check("paid_once", len(payments) <= 1, f"{len(payments)} payments", Reason.MESSAGE_REPLAYED)


def _summary(case: Case, payment: Payment) -> Finding:
    if isinstance(payment.by, Judged):
        return settlement_summary(payment.by)
    return claim_summary(case, payment.by)


def _facts(case: Case, receipt: Hash, payments: list[Payment]) -> dict[str, str]:
    paid_by = ", ".join(payment.transaction for payment in payments) or "not settled yet"
    bundle = case.bundle(receipt)
    claim = None if bundle is None else case.replay.books.claims.get(bundle.lease.message.id())
    return {"payment": paid_by} | ({} if claim is None else {"claim": claim.state.value})
