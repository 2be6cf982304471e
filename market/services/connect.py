"""Connect (算力并网): takes a node's signed terms to the chain. The registry decides; the indexer tells."""

from sqlmodel import Session

from market.db.queries import outbox
from market.db.tables.connect import NodeRow
from market.db.tables.outbox import IntentKind, IntentRow
from market.runtime import Runtime
from market.services.accounts import check_not_expired
from market.services.signers import check_signer
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import NodeTerms
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState
from suanli.protocol.wire.accounts import ConnectRequest


def connect(session: Session, runtime: Runtime, request: ConnectRequest, now: int) -> IntentRow:
    """Queues the terms of a node for the registry; the same terms are queued once.

    Raises MarketError(MESSAGE_EXPIRED | SIGNER_MISMATCH | MESSAGE_REPLAYED).
    """
    terms = request.terms
    known = outbox.find(session, IntentKind.CONNECT, terms.id())
    if known is None:
        _check_fresh(session, terms)
    check_not_expired(terms.expiry, now)
    check_signer(runtime.domain, terms, request.node_signature, terms.node)
    if not runtime.authority(terms.owner, runtime.domain.digest(terms), request.owner_signature):
        raise MarketError(Reason.SIGNER_MISMATCH, f"the owner {terms.owner} did not sign these terms")
    return outbox.queue(session, IntentKind.CONNECT, terms.id(), request.model_dump(mode="json"), now)


def _check_fresh(session: Session, terms: NodeTerms) -> None:
    row = session.get(NodeRow, terms.node)
    if row is not None and row.state is not NodeState.NONE:
        raise MarketError(
            Reason.MESSAGE_REPLAYED, f"a node connects once, and {terms.node} has been connected"
        )
