"""Anchor: each clearing is committed to as it is made; a bonded operator's commitments go to the chain.

An operator's epochs ascend on chain, so anchors are queued in their order; one that is passed over is lost.
"""

from dataclasses import asdict, dataclass

import structlog
from sqlmodel import Session

from market.core.clearing import CODE, Cleared, Terms
from market.db.blobs import put
from market.db.queries import anchors, outbox
from market.db.tables.anchor import AnchorRow
from market.db.tables.clear import ClearingRow
from market.db.tables.outbox import IntentKind, IntentRow
from market.runtime import Runtime
from suanli.protocol.anchoring import AnchoredClearing, anchored_clearing, epoch_leases, leaf_of, root_of
from suanli.protocol.auto_price import median_prices
from suanli.protocol.certificate import Certificate, Provenance, certificate_of
from suanli.protocol.documents import content_hash
from suanli.protocol.evidence import AnchorEvidence
from suanli.protocol.messages import Lease
from suanli.protocol.signatures import sign
from suanli.protocol.values import Hash
from suanli.protocol.wire.accounts import IntentState
from suanli.protocol.wire.common import Signed

ANCHORS_AT_ONCE = 50
CLOCK_SLACK_SECONDS = 300
"""How far the chain's clock may be ahead of ours: what was cleared so long before the bond counts, too."""

_log = structlog.get_logger("anchor")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a round began with: its terms, and the certificate whose duals they hold."""

    terms: Terms
    started_from: Hash | None


def keep(session: Session, runtime: Runtime, row: ClearingRow, cleared: Cleared, origin: Origin) -> AnchorRow:
    """Signs and stores certificate and anchor of a clearing whose leases have been written.

    An order that was promised this epoch and has ended since counts as one of the book all the same.
    """
    encoded = cleared.decided.encoded
    orders = {order.order for order in encoded.book.orders} | set(anchors.promised(session, row.epoch))
    session.flush()
    leases = anchors.leases_of(session, row.epoch)
    certificate = _certificate(row, cleared, origin, root_of(sorted(orders)))
    row.certificate = put(runtime.blobs, certificate.canonical())
    row.welfare = cleared.decided.outcome.welfare
    row.prices = median_prices([lease.prices for lease in leases])
    listed = put(runtime.blobs, epoch_leases(row.epoch, leases).canonical())
    evidence = anchored_clearing(
        row.epoch, row.document, row.book, orders, leases, certificate=row.certificate, lease_messages=listed
    )
    message = evidence.anchor()
    kept = AnchorRow(
        epoch=row.epoch,
        message=message,
        signature=sign(runtime.operator, runtime.domain, message),
        evidence=put(runtime.blobs, evidence.canonical()),
        leases=listed,
    )
    session.add(kept)
    return kept


def _certificate(row: ClearingRow, cleared: Cleared, origin: Origin, book_root: Hash) -> Certificate:
    provenance = Provenance(
        epoch=row.epoch,
        book=row.book,
        book_root=book_root,
        mechanism=origin.terms.mechanism,
        iterations=asdict(origin.terms.effort),
        code=CODE,
        started_from=origin.started_from,
    )
    return certificate_of(cleared.decided.outcome, provenance)


def queue_due(session: Session, runtime: Runtime, bonded_at: int, last_epoch: int, now: int) -> int:
    """Queues the anchors that the chain lacks since the bond, ascending; idle epochs are left out.

    `last_epoch` is the last that the chain has. Returns how many are on their way now.
    """
    rows = anchors.due(session, last_epoch, bonded_at - CLOCK_SLACK_SECONDS, ANCHORS_AT_ONCE)
    busy = [row for row in rows if row.message.orders]
    for row in busy:
        arguments = {"anchor": row.message.to_json(), "uri": _uri(runtime, row.epoch)}
        outbox.queue(session, IntentKind.ANCHOR, row.message.id(), arguments, now)
    return len(busy)


def queue_bond(session: Session, runtime: Runtime, now: int) -> IntentRow:
    """Queues the operator's bond, once: who was slashed or has left does not return by itself."""
    key = content_hash(f"bond {runtime.deployment.chain_id} {runtime.deployment.anchors}".encode())
    if outbox.find(session, IntentKind.BOND, key) is None:
        _log.info("bonding", operator=runtime.operator.address)
    return outbox.queue(session, IntentKind.BOND, key, {"account": runtime.operator.address}, now)


def intent_of(session: Session, row: AnchorRow) -> IntentRow | None:
    """The anchor's way to the chain; None while the operator is not bonded, and for an idle epoch."""
    return outbox.find(session, IntentKind.ANCHOR, row.message.id())


def evidence_of(runtime: Runtime, evidence: Hash) -> AnchoredClearing:
    """The stored evidence of an anchor."""
    with runtime.blobs.open(evidence) as document:
        return AnchoredClearing.parse(document.read())


def behind(session: Session, runtime: Runtime, lease: Lease) -> AnchorEvidence | None:
    """Where a lease and its order stand under the anchor of its epoch; None before the chain has that."""
    row = session.get(AnchorRow, lease.epoch)
    intent = None if row is None else intent_of(session, row)
    if row is None or intent is None or intent.state is not IntentState.CONFIRMED:
        return None
    evidence = evidence_of(runtime, row.evidence)
    order, leased = leaf_of(evidence.orders, lease.order), leaf_of(evidence.leases, lease.id())
    return AnchorEvidence(
        anchor=Signed(message=row.message, signature=row.signature),
        order_index=order.index,
        order_proof=list(order.proof),
        lease_index=leased.index,
        lease_proof=list(leased.proof),
    )


def _uri(runtime: Runtime, epoch: int) -> str:
    return f"{runtime.settings.origin}/v1/clearings/{epoch}/anchor"
