"""Unfolds a settlement or a claim into the receipts that it pays."""

from collections import Counter
from collections.abc import Iterator

from suanli.audit.books.records import Claim
from suanli.audit.case import Case
from suanli.audit.finding import Finding
from suanli.audit.payment_index import root_of
from suanli.audit.payments import listed_receipt, paid_receipt
from suanli.audit.replay import Judged
from suanli.audit.settled import SettledRoot, SettledStatement
from suanli.audit.summaries import claim_summary, settlement_summary
from suanli.protocol.checks import Check, check
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.merkle import receipts_root
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash


def transaction_finding(case: Case, hash_: Hash) -> Finding:
    """Every settlement and claim that a transaction carried, down to the receipts."""
    settled = [judged for judged in case.replay.settlements if judged.transaction == hash_]
    claims = [one for one in case.replay.books.claims.values() if hash_ in (one.transaction, one.ended_in)]
    below = (
        *(settlement_finding(case, one) for one in settled),
        *(claim_finding(case, one) for one in claims),
    )
    rules = tuple(one for transaction, one in case.replay.rules if transaction == hash_)
    return Finding("transaction", hash_, {"settlements": len(settled), "claims": len(claims)}, rules, below)


def settlement_finding(case: Case, judged: Judged) -> Finding:
    """One batch or statement with each of its receipts."""
    found = settlement_summary(judged)
    listed = list(case.payments.listed_in(judged))
    if listed:
        below = tuple(listed_receipt(case, payment) for payment in listed)
        return Finding(found.kind, found.id, found.facts, found.checks, below)
    receipts = case.store.receipts_under(*root_of(judged))
    below = tuple(paid_receipt(case, receipt) for receipt in receipts)
    checks = (*found.checks, *_sum_checks(case, judged, receipts))
    return Finding(found.kind, found.id, found.facts, checks, below)


def claim_finding(case: Case, claim: Claim) -> Finding:
    """One claim with the receipt that it rests on, where the store shows it."""
    found = claim_summary(case, claim)
    wanted = case.receipts_where(
        lambda one: one.lease.message.id() == claim.id, case.store.receipts_of(claim.order)
    )
    below = tuple(paid_receipt(case, receipt) for receipt in wanted)
    return Finding(found.kind, found.id, found.facts, found.checks, below)


def _sum_checks(case: Case, judged: Judged, receipts: list[Hash]) -> Iterator[Check]:
    """The receipts under the root add up to what was paid, and have the serials that were marked."""
    root, count = root_of(judged)
    whole = len(receipts) == count and receipts_root(receipts) == root
    found = [bundle for bundle in map(case.bundle, receipts) if bundle is not None]
    yield check("receipts_root", whole, f"{len(receipts)} of {count} receipts", Reason.EVIDENCE_MISSING)
    yield check("receipts_distinct", len(set(receipts)) == len(receipts), "no receipt stands twice")
    settled = judged.settled
    if isinstance(settled, SettledStatement):
        yield from _statement(settled, found)
    elif isinstance(settled, SettledRoot):
        yield from _root(settled, found)


def _statement(settled: SettledStatement, found: list[EvidenceBundle]) -> Iterator[Check]:
    statement = settled.call.statement
    charged = sum(one.receipt.message.amount for one in found)
    serials = sorted(one.lease.message.serial for one in found)
    right = statement.amount == charged
    yield check("statement_sum", right, f"paid {statement.amount}, receipts {charged}", Reason.CHARGE_WRONG)
    yield check("serials_marked", serials == list(settled.call.serials), f"serials {serials} in the receipts")


def _root(settled: SettledRoot, found: list[EvidenceBundle]) -> Iterator[Check]:
    packed = settled.call.packed
    debits, gross = Counter[Address](), Counter[Address]()
    serials: dict[Address, list[int]] = {}
    for one in found:
        buyer, lease, amount = one.order.message.buyer, one.lease.message, one.receipt.message.amount
        debits[buyer] += amount
        gross[lease.node] += amount
        serials.setdefault(lease.node, []).append(lease.serial)
    paid = dict(packed.debits)
    earned = {node: row.gross for node, row in packed.nodes.items()}
    marked = {node: list(row.serials()) for node, row in packed.nodes.items()}
    sums = paid == dict(debits) and earned == dict(gross)
    yield check("root_sums", sums, f"debits {paid}, gross {earned}", Reason.CHARGE_WRONG)
    same = marked == {node: sorted(several) for node, several in serials.items()}
    yield check("serials_marked", same, f"serials {marked}")
