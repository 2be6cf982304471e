"""Rules on who may work for whom: no dealing with oneself, copies of a task at different owners."""

from market.core.rules.wants import TaskWants
from market.core.ways import Ways
from suanli.protocol.book import BookNode, Wanted
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.common import Explanation


def not_the_buyers_own(wanted: Wanted, node: BookNode) -> Explanation | None:
    """The buyer is neither the node nor its owner."""
    if wanted.buyer in (node.owner, node.node):
        return Explanation(reason=Reason.SELF_DEALING, detail="the node is the buyer's own")
    return None


def not_tried(wants: TaskWants, node: BookNode, ways: Ways) -> Explanation | None:
    """The node has not had this task before."""
    if node.node in wants.tried:
        return Explanation(reason=Reason.ALREADY_TRIED, detail="the node has had this task before")
    return None


def another_owner(wants: TaskWants, node: BookNode, ways: Ways) -> Explanation | None:
    """No other copy of this task is with the same owner."""
    if node.owner in wants.owners:
        detail = f"another copy of the task is with the same owner, {node.owner}"
        return Explanation(reason=Reason.SAME_OWNER, detail=detail)
    return None
