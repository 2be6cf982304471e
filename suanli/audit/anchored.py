"""Holds a lease against the anchor of its epoch: the word on chain, the signed one, its two roots."""

from collections.abc import Iterator

from suanli.audit.case import Case
from suanli.audit.finding import Finding
from suanli.protocol.checks import Check, check
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.reasons import Reason


def anchor_findings(case: Case, bundle: EvidenceBundle, checks: tuple[Check, ...]) -> Iterator[Finding]:
    """The anchor of the lease's epoch, when the chain has one or the evidence shows one; else nothing.

    `checks` are the bundle's own of its anchor: signature, epoch, places of order and lease.
    """
    operator, epoch = bundle.order.message.operator, bundle.lease.message.epoch
    known = case.replay.books.operators.get(operator)
    stored = None if known is None else known.anchors.get(epoch)
    shown = None if bundle.anchor is None else bundle.anchor.anchor.message
    if stored is None and shown is None:
        return
    if shown is None:
        missing = check(
            "anchor_shown", False, f"epoch {epoch} is anchored: {stored}", Reason.EVIDENCE_MISSING
        )
        yield Finding("anchor", str(stored), {"operator": operator, "epoch": epoch}, (missing,))
        return
    facts = {"operator": operator, "epoch": epoch, "orders": shown.orders, "leases": shown.leases}
    same = stored in (None, shown.id())
    detail = f"{stored or 'none'} on chain, {shown.id()} shown"
    yield Finding("anchor", shown.id(), facts, (check("anchor_stored", same, detail), *checks))
