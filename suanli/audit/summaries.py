"""Settlements and claims with their own facts and rules only: what they pay for stays folded."""

from typing import Any

from suanli.audit.books.records import Claim
from suanli.audit.case import Case
from suanli.audit.finding import Finding
from suanli.audit.replay import Judged
from suanli.audit.settled import SettledBatch, SettledRoot, SettledStatement
from suanli.protocol.checks import check
from suanli.protocol.root_netting import RootBatch


def settlement_summary(judged: Judged) -> Finding:
    """One batch or statement with the checks of its rules."""
    settled = judged.settled
    if isinstance(settled, SettledBatch):
        return Finding("batch", settled.netting().id(), batch_facts(settled), judged.checks)
    if isinstance(settled, SettledRoot):
        return Finding("root batch", settled.netting().id(), batch_facts(settled), judged.checks)
    return Finding("statement", settled.call.statement.id(), statement_facts(settled), judged.checks)


def claim_summary(case: Case, claim: Claim) -> Finding:
    """One claim and how it ended: only one that stands pays, and only the node's owner."""
    facts: dict[str, Any] = {
        "state": claim.state.value,
        "opened in": claim.transaction,
        "amount": claim.amount,
        "payer": claim.payer,
        "node": claim.node,
        "serial": claim.serial,
    }
    if claim.ended_in is not None:
        facts["ended in"] = claim.ended_in
    if claim.dispute is not None:
        facts |= {"dispute": claim.dispute.id, "challenger": claim.dispute.challenger}
    rules = [one for hash_, one in case.replay.rules if hash_ in (claim.transaction, claim.ended_in)]
    got = "nobody" if claim.payee is None else claim.payee
    right = claim.payee in (None, case.replay.books.nodes[claim.node].owner)
    return Finding("claim", claim.id, facts, (*rules, check("claim_payee", right, f"{got} was paid")))


def batch_facts(settled: SettledBatch | SettledRoot) -> dict[str, Any]:
    """What a batch moved."""
    packed, said = settled.call.packed, settled.event.arguments
    return {
        "transaction": settled.event.transaction,
        "epoch": packed.epoch,
        "buyers": len(packed.buyers),
        "nodes": len(packed.parties()) - len(packed.buyers),
        "tasks": packed.tasks if isinstance(packed, RootBatch) else len(packed.tasks),
        "volume": said["volume"],
        "fee": said["fee"],
    }


def statement_facts(settled: SettledStatement) -> dict[str, Any]:
    """What a statement moved."""
    statement = settled.call.statement
    facts: dict[str, Any] = {
        "transaction": settled.event.transaction,
        "buyer": statement.buyer,
        "node": statement.node,
        "payee": statement.payee,
        "paid": statement.amount,
        "receipts": statement.receipts,
    }
    return facts if settled.order is None else facts | {"reservation of": settled.order}
