"""Rules on the node itself: it is connected, accepts work, is alive and has a standing ask."""

from suanli.protocol.book import BookNode, Moment, Wanted
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState
from suanli.protocol.wire.common import Explanation


def connected(wanted: Wanted, node: BookNode, moment: Moment) -> Explanation | None:
    """The chain knows the node and its stake."""
    if node.state in (NodeState.CONNECTED, NodeState.DRAINING):
        return None
    return Explanation(reason=Reason.NODE_NOT_CONNECTED, detail=f"the node is {node.state.name} on chain")


def accepting(wanted: Wanted, node: BookNode, moment: Moment) -> Explanation | None:
    """Neither the chain nor the agent says that the node is draining."""
    if node.state is NodeState.DRAINING or node.draining:
        return Explanation(reason=Reason.NODE_DRAINING, detail="the node takes no more work")
    return None


def heard(wanted: Wanted, node: BookNode, moment: Moment) -> Explanation | None:
    """The agent gave a sign of life lately."""
    if node.last_seen_at is None:
        return Explanation(reason=Reason.NODE_SILENT, detail="the node's agent was never heard")
    if node.last_seen_at < moment.silent_before:
        return Explanation(reason=Reason.NODE_SILENT, detail="the node's agent has not been heard lately")
    return None


def offering(wanted: Wanted, node: BookNode, moment: Moment) -> Explanation | None:
    """The node has an ask that is still valid."""
    if node.ask is None:
        return Explanation(reason=Reason.ASK_EXPIRED, detail="the node has no standing ask")
    if node.ask.expiry <= moment.now:
        return Explanation(reason=Reason.ASK_EXPIRED, detail=f"the node's ask expired at {node.ask.expiry}")
    return None
