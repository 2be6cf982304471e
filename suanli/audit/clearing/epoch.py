"""One epoch from its anchor to its last lease: what the operator committed to, recomputed from its book.

Reads an evidence store, which is not believed: every document is held against the hash that names it.
"""

from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from suanli.audit.clearing.certified import Depth, Expected, Scrutiny, check_certificate, of_this_size
from suanli.audit.clearing.encode import EncodedBook, encode
from suanli.audit.clearing.holds import strange_holds
from suanli.audit.clearing.leases import check_leases
from suanli.audit.finding import Finding
from suanli.audit.stores import EvidenceStore
from suanli.protocol.anchoring import NOTHING, AnchoredClearing, EpochLeases, root_of
from suanli.protocol.book import Book
from suanli.protocol.certificate import Certificate, outcome_of
from suanli.protocol.checks import Check, check
from suanli.protocol.documents import Document
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import AuditError, ProtocolError
from suanli.protocol.evidence import signed_by_key
from suanli.protocol.messages import EpochAnchor
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.clearings import AnchorView

D = TypeVar("D", bound=Document)
MICRO_ATOMS = "micro-atoms"


@dataclass(frozen=True, slots=True)
class Committed:
    """Whose word counts: the operator of the deployment, its domain, and the anchor's id that the chain has.

    `stored` is None where no chain was asked, NOTHING where it has none.
    """

    operator: Address
    domain: Domain
    stored: Hash | None = None


@dataclass(frozen=True, slots=True)
class Papers:
    """The documents of one epoch, each with the content hash that its evidence names."""

    anchor: AnchorView
    evidence: AnchoredClearing
    book: Book
    certificate: Certificate
    leases: EpochLeases

    @property
    def expected(self) -> Expected:
        """What the certificate must be for."""
        evidence, root = self.evidence, root_of(self.evidence.orders)
        return Expected(evidence.epoch, evidence.book, root, evidence.certificate)


def read_papers(store: EvidenceStore, epoch: int) -> Papers:
    """The documents of an epoch. Raises AuditError: EVIDENCE_MISSING, DOCUMENT_MALFORMED or HASH_MISMATCH."""
    text = store.anchor_text(epoch)
    if text is None:
        raise AuditError(Reason.EVIDENCE_MISSING, f"the store has no anchor of epoch {epoch}")
    try:
        anchor = AnchorView.model_validate_json(text)
    except ValidationError as error:
        raise AuditError(Reason.DOCUMENT_MALFORMED, f"the anchor of epoch {epoch}: {error}") from error
    evidence = _document(store, AnchoredClearing, anchor.anchor.message.evidence)
    return Papers(
        anchor=anchor,
        evidence=evidence,
        book=_document(store, Book, evidence.book),
        certificate=_document(store, Certificate, evidence.certificate),
        leases=_document(store, EpochLeases, evidence.lease_messages),
    )


def audit_epoch(
    papers: Papers, committed: Committed, epoch: int, scrutiny: Scrutiny | None = None
) -> Finding:
    """Everything that an epoch's papers say, as one tree."""
    encoded, certificate = encode(papers.book), papers.certificate
    facts = {
        "orders": len(papers.evidence.orders),
        "nodes in the round": len(encoded.nodes),
        "copies in the round": len(encoded.copies),
        "leases": len(papers.evidence.leases),
        "mechanism": certificate.mechanism.value,
        "welfare": f"{certificate.welfare} {MICRO_ATOMS}",
        "bound": f"{certificate.bound} {MICRO_ATOMS}",
        "gap": f"at most {certificate.gap:.4%} below the optimum",
    }
    below = (
        _anchored(papers, committed, epoch),
        _booked(papers),
        _certified(papers, encoded, scrutiny or Scrutiny()),
        _leased(papers, encoded),
    )
    return Finding("clearing", f"epoch {epoch}", facts, (), below)


def _anchored(papers: Papers, committed: Committed, epoch: int) -> Finding:
    signed = papers.anchor.anchor
    message, stored = signed.message, committed.stored
    digest = committed.domain.digest(message)
    facts = {"operator": committed.operator, "on chain": _place(stored)}
    checks = (
        check("anchor_epoch", message.epoch == epoch, f"the anchor is of epoch {message.epoch}"),
        check(
            "anchor_signature",
            signed_by_key(committed.operator, digest, signed.signature),
            f"EpochAnchor by {committed.operator}",
            Reason.SIGNATURE_INVALID,
        ),
        _evidence(papers.evidence, message),
        check(
            "anchor_stored",
            stored in (None, NOTHING, message.id()),
            f"{stored or 'nothing asked'} on chain, {message.id()} shown",
        ),
    )
    return Finding("anchor", message.id(), facts, checks)


def _evidence(evidence: AnchoredClearing, message: EpochAnchor) -> Check:
    again = evidence.anchor()
    return check(
        "anchor_evidence", again == message, f"the evidence makes {again.id()}", Reason.HASH_MISMATCH
    )


def _place(stored: Hash | None) -> str:
    return "not asked" if stored is None else "no" if stored == NOTHING else "yes"


def _booked(papers: Papers) -> Finding:
    orders, anchored = {order.order for order in papers.book.orders}, set(papers.evidence.orders)
    detail = f"{len(orders)} orders in the book, {len(anchored)} anchored"
    once = len(orders) == len(papers.book.orders)
    checks = (
        check("orders_anchored", orders <= anchored, detail),
        check("orders_once", once, "no order twice"),
    )
    return Finding("book", papers.evidence.book, {"nodes": len(papers.book.nodes)}, checks)


def _certified(papers: Papers, encoded: EncodedBook, scrutiny: Scrutiny) -> Finding:
    certificate, facts = papers.certificate, {"checked": scrutiny.depth.value}
    if scrutiny.depth is Depth.SAMPLE:
        facts["seed of the sample"] = str(scrutiny.seed)
    checks = check_certificate(encoded.round, certificate, papers.expected, scrutiny)
    return Finding("certificate", papers.expected.certificate or NOTHING, facts, checks)


def _leased(papers: Papers, encoded: EncodedBook) -> Finding:
    hash_ = papers.evidence.lease_messages or NOTHING
    try:
        outcome = outcome_of(of_this_size(encoded.round, papers.certificate))
    except ProtocolError as error:
        return Finding("leases", hash_, {}, (check("leases_match", False, error.detail, error.reason),))
    checks = check_leases(papers.evidence, papers.leases, encoded, outcome, papers.certificate.mechanism)
    return Finding("leases", hash_, {"held copies": len(encoded.held)}, (*checks, _held(papers, encoded)))


def _held(papers: Papers, encoded: EncodedBook) -> Check:
    strange = strange_holds(encoded.held, papers.book)
    named = "; ".join(
        f"order {one.order.order} task {one.task.index} at {one.held.node}" for one in strange[:3]
    )
    return check(
        "held_terms", not strange, named or f"{len(encoded.held)} held copies, each within its order"
    )


def _document(store: EvidenceStore, kind: type[D], hash_: Hash | None) -> D:
    name = kind.__name__
    data = None if hash_ is None else store.blob(hash_)
    if data is None:
        raise AuditError(Reason.EVIDENCE_MISSING, f"the store does not show the epoch's {name} {hash_ or ''}")
    try:
        document = kind.parse(data)
    except ValidationError as error:
        raise AuditError(Reason.DOCUMENT_MALFORMED, f"{name} {hash_}: {error}") from error
    if document.content_hash() != hash_:
        detail = f"what the store shows as {hash_} is {document.content_hash()}"
        raise AuditError(Reason.HASH_MISMATCH, f"{name}: {detail}")
    return document
