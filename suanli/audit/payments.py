"""Unfolds a settlement into its payments, and holds each payment against the receipt that it pays."""

from collections.abc import Iterator
from typing import Any

from suanli.audit.case import Case, Payment
from suanli.audit.finding import Finding
from suanli.audit.history import SettledBatch, SettledStatement
from suanli.audit.receipts import receipt_finding
from suanli.audit.replay import Judged
from suanli.protocol.checks import Check, check
from suanli.protocol.merkle import receipts_root
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


def transaction_finding(case: Case, hash_: Hash) -> Finding:
    """Every settlement that a transaction carried, down to the receipts."""
    settled = [judged for judged in case.replay.settlements if judged.transaction == hash_]
    below = tuple(settlement_finding(case, judged) for judged in settled)
    block = settled[0].settled.event.block
    return Finding("transaction", hash_, {"block": block, "settlements": len(settled)}, (), below)


def settlement_finding(case: Case, judged: Judged) -> Finding:
    """One batch or statement with each of its receipts."""
    if isinstance(judged.settled, SettledBatch):
        return _batch(case, judged, judged.settled)
    return _statement(case, judged, judged.settled)


def settlement_summary(case: Case, judged: Judged) -> Finding:
    """One batch or statement with its own rules only: the payments of others stay folded."""
    if isinstance(judged.settled, SettledBatch):
        return Finding("batch", judged.settled.netting().id(), _batch_facts(judged.settled), judged.checks)
    statement = judged.settled.call.statement
    return Finding("statement", statement.id(), _statement_facts(judged.settled), judged.checks)


def paid_receipt(case: Case, receipt: Hash) -> Finding:
    """A receipt with all that paid it, which must be one payment at most, and all that it rests on."""
    payments = case.payments_of(receipt)
    checks = [one for payment in payments for one in payment_checks(case, payment)]
    checks.append(_once(payments))
    found = receipt_finding(case, receipt, checks)
    settlements = tuple(settlement_summary(case, payment.by) for payment in payments)
    facts = found.facts | {"payment": _paid_by(payments)}
    return Finding(found.kind, found.id, facts, found.checks, (*settlements, *found.below))


def payment_checks(case: Case, payment: Payment) -> Iterator[Check]:
    """The payment is what the receipt says: amount, buyer and node."""
    bundle = case.bundle(payment.receipt)
    if bundle is None:
        return
    charged, buyer, node = (
        bundle.receipt.message.amount,
        bundle.order.message.buyer,
        bundle.lease.message.node,
    )
    yield check(
        "amount_paid",
        payment.amount == charged,
        f"paid {payment.amount}, receipt {charged}",
        Reason.CHARGE_WRONG,
    )
    yield check("buyer_paid", payment.buyer == buyer, f"paid by {payment.buyer}, order of {buyer}")
    yield check("node_paid", payment.node == node, f"paid to {payment.node}, run by {node}")


def _batch(case: Case, judged: Judged, settled: SettledBatch) -> Finding:
    below = tuple(_task(case, payment) for payment in case.payments_in(judged))
    return Finding("batch", settled.netting().id(), _batch_facts(settled), judged.checks, below)


def _task(case: Case, payment: Payment) -> Finding:
    checks = [*payment_checks(case, payment), _once(case.payments_of(payment.receipt))]
    found = receipt_finding(case, payment.receipt, checks)
    moved = {"paid": payment.amount, "fee": payment.fee, "buyer": payment.buyer, "paid to": payment.node}
    return Finding(found.kind, found.id, moved | found.facts, found.checks, found.below)


def _statement(case: Case, judged: Judged, settled: SettledStatement) -> Finding:
    """The growth of a statement is the sum of the receipts that it added to the last one."""
    statement = settled.call.statement
    pair = [one for one, _ in case.statements(statement.buyer, statement.node)]
    place = pair.index(judged)
    before = 0 if place == 0 else _receipts_in(pair[place - 1])
    listed = case.store.receipts_under(statement.receiptsRoot, statement.receipts)
    added = listed[before : statement.receipts]
    checks = [*judged.checks, *_statement_checks(case, settled, listed, added)]
    below = tuple(paid_receipt(case, receipt) for receipt in added)
    return Finding("statement", statement.id(), _statement_facts(settled), tuple(checks), below)


def _statement_checks(
    case: Case, settled: SettledStatement, listed: list[Hash], added: list[Hash]
) -> Iterator[Check]:
    statement = settled.call.statement
    whole = len(listed) == statement.receipts and receipts_root(listed) == statement.receiptsRoot
    yield check(
        "receipts_root", whole, f"{len(listed)} of {statement.receipts} receipts", Reason.EVIDENCE_MISSING
    )
    bundles = [case.bundle(receipt) for receipt in added]
    charged = sum(bundle.receipt.message.amount for bundle in bundles if bundle is not None)
    paid = settled.event.arguments["paid"]
    yield check("statement_sum", paid == charged, f"paid {paid}, receipts {charged}", Reason.CHARGE_WRONG)
    yield check("receipts_distinct", len(set(listed)) == len(listed), "no receipt stands twice")


def _receipts_in(judged: Judged) -> int:
    assert isinstance(judged.settled, SettledStatement)
    return judged.settled.call.statement.receipts


def _once(payments: list[Payment]) -> Check:
    return check("paid_once", len(payments) <= 1, f"{len(payments)} payments", Reason.MESSAGE_REPLAYED)


def _paid_by(payments: list[Payment]) -> str:
    return ", ".join(payment.by.transaction for payment in payments) or "not settled yet"


def _batch_facts(settled: SettledBatch) -> dict[str, Any]:
    packed, said = settled.call.packed, settled.event.arguments
    return {
        "transaction": settled.event.transaction,
        "epoch": packed.epoch,
        "buyers": len(packed.buyers),
        "nodes": len(packed.nodes),
        "tasks": len(packed.tasks),
        "volume": said["volume"],
        "fee": said["fee"],
    }


def _statement_facts(settled: SettledStatement) -> dict[str, Any]:
    statement, said = settled.call.statement, settled.event.arguments
    return {
        "transaction": settled.event.transaction,
        "buyer": statement.buyer,
        "node": statement.node,
        "total": statement.amount,
        "paid": said["paid"],
        "fee": said["fee"],
        "receipts": statement.receipts,
    }
