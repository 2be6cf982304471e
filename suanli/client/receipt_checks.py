"""Checks what the market says about a receipt before the buyer believes it. Pure.

The order's operator signed the lease, the node signed the receipt, the price is the formula's, the result is
the manifest's: whoever could lie about one of these is not asked about it.
"""

from suanli.protocol.charging import wrong_charge
from suanli.protocol.documents import ResultManifest, TaskSpec
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import JobOrder
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover
from suanli.protocol.wire.jobs import ReceiptView


def check_signatures(order: JobOrder, view: ReceiptView, domain: Domain) -> None:
    """Raise ClientError(SIGNER_MISMATCH | EVIDENCE_CONTRADICTS) unless view, lease and receipt fit."""
    lease, receipt = view.lease.message, view.receipt.message
    _require(lease.order == order.id(), Reason.EVIDENCE_CONTRADICTS, view, f"its lease is for {lease.order}")
    _require(lease.task < order.tasks, Reason.EVIDENCE_CONTRADICTS, view, f"there is no task {lease.task}")
    _require(receipt.lease == lease.id(), Reason.EVIDENCE_CONTRADICTS, view, f"it answers {receipt.lease}")
    shown = (view.id, view.node, view.task)
    signed = (receipt.id(), lease.node, lease.task)
    _require(
        shown == signed, Reason.EVIDENCE_CONTRADICTS, view, f"it is shown as {shown}, signed as {signed}"
    )
    leased_by = recover(domain, lease, view.lease.signature)
    _require(leased_by == order.operator, Reason.SIGNER_MISMATCH, view, f"its lease is signed by {leased_by}")
    signed_by = recover(domain, receipt, view.receipt.signature)
    _require(signed_by == lease.node, Reason.SIGNER_MISMATCH, view, f"it is signed by {signed_by}")


def check_content(order: JobOrder, view: ReceiptView, spec: TaskSpec, manifest: ResultManifest) -> None:
    """Raise ClientError unless result and price fit.

    Its reason is HASH_MISMATCH, PRICE_ABOVE_LIMIT, BUDGET_TOO_SMALL or CHARGE_WRONG.
    """
    lease, receipt = view.lease.message, view.receipt.message
    _require(lease.spec == spec.content_hash(), Reason.HASH_MISMATCH, view, f"its lease is for {lease.spec}")
    same = manifest.content_hash() == receipt.result and manifest.outcome == receipt.outcome
    _require(same, Reason.HASH_MISMATCH, view, f"its result {receipt.result} is not the manifest's")
    within = all(
        price <= most for price, most in zip(lease.prices.vector(), order.maximumPrices.vector(), strict=True)
    )
    _require(
        within, Reason.PRICE_ABOVE_LIMIT, view, f"its lease's prices {lease.prices.vector()} are too high"
    )
    over = f"its lease's cap {lease.cap} is over the order's budget {order.budget}"
    _require(lease.cap <= order.budget, Reason.BUDGET_TOO_SMALL, view, over)
    wrong = wrong_charge(lease, order.limits, spec, receipt, manifest)
    _require(not wrong, Reason.CHARGE_WRONG, view, wrong)


def _require(passed: bool, reason: Reason, view: ReceiptView, detail: str) -> None:
    if not passed:
        raise ClientError(reason, f"receipt {view.id} of task {view.task} cannot stand: {detail}")
