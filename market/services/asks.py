"""Connect: a node states its prices and limits; each new ask replaces the one before."""

from sqlmodel import Session

from market.core.admission import check_limits
from market.db.queries import events, nodes
from market.db.tables.connect import AskRow
from market.runtime import Runtime
from market.services.signers import check_signer
from market.services.wakes import CLEARING
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import Ask
from suanli.protocol.offering import offering_hash
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.nodes import AskRequest


def put_ask(session: Session, runtime: Runtime, node: Address, request: AskRequest, now: int) -> AskRow:
    """Makes an ask the node's current one. The same ask again changes nothing.

    Raises MarketError: wrong signer, expired, another offering than came with it, or a nonce that does not
    exceed the last one's.
    """
    ask = request.ask.message
    if ask.node != node:
        raise MarketError(Reason.MESSAGE_MALFORMED, f"the ask is {ask.node}'s, not {node}'s")
    if ask.expiry <= now:
        raise MarketError(Reason.MESSAGE_EXPIRED, f"the ask expired at {ask.expiry}", now=now)
    check_limits(ask.limits)
    check_signer(runtime.domain, ask, request.ask.signature, node)
    if offering_hash(request.offering) != ask.offering:
        detail = f"the ask names the offering {ask.offering}, {offering_hash(request.offering)} came with it"
        raise MarketError(Reason.HASH_MISMATCH, detail)
    nodes.get(session, node, lock=True)
    current = nodes.current_ask(session, node)
    if current is not None and current.id == ask.id():
        return current
    if current is not None:
        _replace(session, current, ask)
    row = AskRow(
        id=ask.id(),
        node=node,
        message=ask,
        signature=request.ask.signature,
        offering=request.offering,
        nonce=ask.nonce,
        current=True,
        received_at=now,
    )
    session.add(row)
    events.wake(session, CLEARING)
    return row


def _replace(session: Session, current: AskRow, ask: Ask) -> None:
    if ask.nonce <= current.nonce:
        detail = f"the nonce {ask.nonce} does not exceed the current ask's, {current.nonce}"
        raise MarketError(Reason.MESSAGE_REPLAYED, detail, current=str(current.nonce))
    current.current = False
    session.flush()
