"""Unfolds a receipt: lease, order, specification, ask, node, benchmark and clearing, each with its checks."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from suanli.audit.anchored import anchor_findings
from suanli.audit.case import Case
from suanli.audit.finding import Finding
from suanli.protocol.charging import receipt_charge
from suanli.protocol.checks import Check, check
from suanli.protocol.documents import content_hash
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.messages import Ask, Outcome
from suanli.protocol.reasons import Reason
from suanli.protocol.units import DIMENSIONS, charge_lines
from suanli.protocol.values import Hash

PARTS: dict[str, tuple[str, ...]] = {
    "receipt": ("receipt_signature", "receipt_lease", "charge"),
    "result": ("result_hash",),
    "lease": ("lease_signature", "lease_order", "lease_deadline", "lease_cap", "lease_ask", "one_node"),
    "order": ("order_signature",),
    "specification": ("spec_hash", "spec_proof"),
    "ask": ("ask_signature", "prices_cover_ask", "prices_within_order", "limits_within_ask"),
    "anchor": ("anchor_signature", "anchor_epoch", "order_booked", "lease_matched"),
    "node": ("terms_node_signature", "terms_owner_signature"),
}
"""Where each check of a bundle stands in the tree."""


def receipt_finding(case: Case, receipt: Hash, payments: Iterable[Check] = ()) -> Finding:
    """All that stands behind a receipt; `payments` are the checks of what paid it."""
    bundle = case.bundle(receipt)
    if bundle is None:
        detail = f"no evidence for receipt {receipt} in the store"
        return Finding(
            "receipt", receipt, {}, (check("evidence", False, detail, Reason.EVIDENCE_MISSING), *payments)
        )
    checks = bundle.verify(case.authority)
    here = check(
        "deployment",
        bundle.domain == case.chain.domain,
        f"chain {bundle.domain.chain_id}",
        Reason.WRONG_CHAIN,
    )
    return Finding(
        "receipt",
        receipt,
        _receipt_facts(bundle),
        (here, *_of("receipt", checks), *payments),
        (_result(bundle, checks), _lease(case, bundle, checks)),
    )


def _lease(case: Case, bundle: EvidenceBundle, checks: list[Check]) -> Finding:
    lease = bundle.lease.message
    facts = {"task": lease.task, "attempt": lease.attempt, "cap": lease.cap, "deadline": lease.deadline}
    facts |= {"epoch": lease.epoch, "serial": lease.serial}
    below = (
        _order(bundle, checks),
        _ask(case, bundle, checks),
        *anchor_findings(case, bundle, _of("anchor", checks)),
        *_clearing(case, bundle),
    )
    return Finding("lease", lease.id(), facts, _of("lease", checks), below)


def _order(bundle: EvidenceBundle, checks: list[Check]) -> Finding:
    order, spec = bundle.order.message, bundle.spec
    facts = {"buyer": order.buyer, "tasks": order.tasks, "budget": order.budget, "deadline": order.deadline}
    spec_facts = {
        "module": spec.module,
        "arguments": " ".join(spec.arguments),
        "input bytes": spec.input_bytes(),
    }
    task = Finding("specification", spec.content_hash(), spec_facts, _of("specification", checks))
    return Finding("order", order.id(), facts, _of("order", checks), (task,))


def _ask(case: Case, bundle: EvidenceBundle, checks: list[Check]) -> Finding:
    ask = bundle.ask.message
    facts = {
        "prices": _by_dimension(ask.prices.vector()),
        "minimum charge": ask.minimumCharge,
    }
    return Finding("ask", ask.id(), facts, _of("ask", checks), (_node(case, bundle, checks),))


def _node(case: Case, bundle: EvidenceBundle, checks: list[Check]) -> Finding:
    terms = bundle.terms.message
    known = case.replay.books.nodes.get(terms.node)
    stands = known is not None and (known.terms, known.owner) == (terms.id(), terms.owner)
    detail = f"connected with terms {known.terms} in {known.transaction}" if known else "never connected"
    facts: dict[str, Any] = {"owner": terms.owner, "stake": terms.stake}
    if known is not None:
        facts |= {"connected in": known.transaction, "state": known.state.name}
    connected = check("connected", stands, detail, Reason.NODE_NOT_CONNECTED)
    return Finding(
        "node", terms.node, facts, (connected, *_of("node", checks)), (_benchmark(case, terms.benchmark),)
    )


def _benchmark(case: Case, benchmark: Hash) -> Finding:
    document = case.blob(benchmark)
    return Finding("benchmark", benchmark, {}, _content(benchmark, document))


def _clearing(case: Case, bundle: EvidenceBundle) -> Iterator[Finding]:
    """The clearing that made the lease, when the store publishes it: it must hold this very match."""
    if bundle.clearing is None:
        return
    document = case.blob(bundle.clearing)
    checks = _content(bundle.clearing, document)
    if document is not None:
        checks = (*checks, _match(bundle, document))
    yield Finding("clearing", bundle.clearing, {}, checks)


def _match(bundle: EvidenceBundle, document: bytes) -> Check:
    lease, ask = bundle.lease.message, bundle.ask.message
    wanted: dict[str, Any] = {
        "order": lease.order,
        "task": lease.task,
        "attempt": lease.attempt,
        "node": lease.node,
    }
    wanted |= {"ask": ask.id(), "cap": str(lease.cap), "prices": lease.prices.to_json()}
    try:
        matches = json.loads(document).get("matches", [])
        found = any(wanted.items() <= _priced(one, ask).items() for one in matches)
    except (ValueError, TypeError, AttributeError):
        matches, found = [], False
    return check("clearing_match", found, f"{len(matches)} matches, this lease among them")


def _priced(match: dict[str, Any], ask: Ask) -> dict[str, Any]:
    """A published match with its prices; those of the ask where it names none."""
    return {"prices": ask.prices.to_json()} | match


def _result(bundle: EvidenceBundle, checks: list[Check]) -> Finding:
    manifest = bundle.manifest
    facts = {
        "outcome": manifest.outcome.name,
        "outputs": len(manifest.outputs),
        "bytes": manifest.output_bytes(),
    }
    return Finding("result", bundle.receipt.message.result, facts, _of("result", checks))


def _receipt_facts(bundle: EvidenceBundle) -> dict[str, Any]:
    receipt, lease = bundle.receipt.message, bundle.lease.message
    return {
        "outcome": Outcome(receipt.outcome).name if receipt.outcome in set(Outcome) else str(receipt.outcome),
        "node": lease.node,
        "usage": _by_dimension(receipt.usage.vector()),
        "micro-atoms": _by_dimension(charge_lines(lease.prices, receipt.usage)),
        "minimum charge": lease.minimumCharge,
        "due": receipt_charge(lease, receipt.usage),
        "charged": receipt.amount,
    }


def _content(hash_: Hash, document: bytes | None) -> tuple[Check, ...]:
    if document is None:
        return ()
    return (
        check(
            "content_hash", content_hash(document) == hash_, "SHA-256 of the document", Reason.HASH_MISMATCH
        ),
    )


def _by_dimension(vector: tuple[int, ...]) -> str:
    return ", ".join(
        f"{dimension.name} {number}" for dimension, number in zip(DIMENSIONS, vector, strict=True)
    )


def _of(part: str, checks: list[Check]) -> tuple[Check, ...]:
    return tuple(one for one in checks if one.name in PARTS[part])
