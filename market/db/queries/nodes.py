"""Nodes and their asks."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.core.lifecycle import LIVE_LEASES
from market.db.tables.connect import AskRow, NodeRow
from market.db.tables.lease import LeaseRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState, PaymentState
from suanli.protocol.values import Address
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.nodes import NodeView


def get(session: Session, node: Address, *, lock: bool = False) -> NodeRow:
    """A node's row; its `lock` does not hold up leases that refer to it. Raises MarketError(NOT_FOUND)."""
    row = session.get(NodeRow, node, with_for_update={"key_share": True} if lock else None)
    if row is None:
        raise MarketError(Reason.NOT_FOUND, f"the market does not know the node {node}")
    return row


def current_ask(session: Session, node: Address) -> AskRow | None:
    """The node's standing ask."""
    return session.exec(select(AskRow).where(AskRow.node == node, col(AskRow.current))).first()


def staked(session: Session, owner: Address) -> int:
    """What an owner's nodes have at stake, in atoms."""
    query = select(sa.func.sum(NodeRow.stake)).where(NodeRow.owner == owner)
    return int(session.exec(query).one() or 0)


def page(session: Session, after: str | None, limit: int) -> list[NodeRow]:
    """Nodes that have ever been on chain, by address."""
    query = select(NodeRow).where(col(NodeRow.state) != NodeState.NONE).order_by(NodeRow.node).limit(limit)
    return list(session.exec(query if after is None else query.where(NodeRow.node > after)))


def view(session: Session, node: NodeRow, silent_before: int) -> NodeView:
    """The node in public."""
    ask = current_ask(session, node.node)
    receipts, earned = _settled(session, node.node)
    return NodeView(
        node=node.node,
        owner=node.owner,
        state=node.state,
        stake=node.stake,
        online=node.last_seen_at is not None and node.last_seen_at >= silent_before,
        last_seen_at=node.last_seen_at,
        ask=ask and Signed(message=ask.message, signature=ask.signature),
        offering=ask and ask.offering,
        leases_running=_live(session, node.node),
        receipts_settled=receipts,
        earned=earned,
    )


def _live(session: Session, node: Address) -> int:
    query = select(sa.func.count()).where(LeaseRow.node == node, col(LeaseRow.state).in_(LIVE_LEASES))
    return session.exec(query).one()


def _settled(session: Session, node: Address) -> tuple[int, int]:
    query = select(sa.func.count(), sa.func.sum(ReceiptRow.amount)).where(
        ReceiptRow.node == node, ReceiptRow.payment == PaymentState.SETTLED
    )
    count, amount = session.exec(query).one()
    return count, int(amount or 0)
