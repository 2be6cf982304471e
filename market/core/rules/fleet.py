"""Rules on the node itself: connected, accepting work, alive, with a standing ask that can be counted."""

from market.core.offers import prices_now
from suanli.protocol.book import BookNode, Moment
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM
from suanli.protocol.wire.common import Explanation

PRICE_MAXIMUM = 1 << 36
"""A unit price in micro-atoms stays below: then no product of a round leaves 64 bits."""
CHARGE_MAXIMUM = (1 << 55) // MICRO_ATOMS_PER_ATOM
"""A minimum charge in atoms stays below."""


def connected(node: BookNode, moment: Moment) -> Explanation | None:
    """The chain knows the node and its stake."""
    if node.state in (NodeState.CONNECTED, NodeState.DRAINING):
        return None
    return Explanation(reason=Reason.NODE_NOT_CONNECTED, detail=f"the node is {node.state.name} on chain")


def accepting(node: BookNode, moment: Moment) -> Explanation | None:
    """Neither the chain nor the agent says that the node is draining."""
    if node.state is NodeState.DRAINING or node.draining:
        return Explanation(reason=Reason.NODE_DRAINING, detail="the node takes no more work")
    return None


def heard(node: BookNode, moment: Moment) -> Explanation | None:
    """The agent gave a sign of life lately."""
    if node.last_seen_at is None:
        return Explanation(reason=Reason.NODE_SILENT, detail="the node's agent was never heard")
    if node.last_seen_at < moment.silent_before:
        return Explanation(reason=Reason.NODE_SILENT, detail="the node's agent has not been heard lately")
    return None


def offering(node: BookNode, moment: Moment) -> Explanation | None:
    """The node has an ask that is still valid."""
    if node.ask is None:
        return Explanation(reason=Reason.ASK_EXPIRED, detail="the node has no standing ask")
    if node.ask.expiry <= moment.now:
        return Explanation(reason=Reason.ASK_EXPIRED, detail=f"the node's ask expired at {node.ask.expiry}")
    return None


def countable(node: BookNode, moment: Moment) -> Explanation | None:
    """The ask's numbers are small enough to be multiplied."""
    if node.ask is None:
        return None
    price, least = max(prices_now(node).vector()), node.ask.minimumCharge
    if price < PRICE_MAXIMUM and least < CHARGE_MAXIMUM:
        return None
    detail = f"the node asks {price} micro-atoms per unit and at least {least} atoms: beyond what is counted"
    return Explanation(reason=Reason.QUANTITY_OUT_OF_RANGE, detail=detail)
