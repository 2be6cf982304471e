"""Holds: an order names what its buyer took; a clearing and the single writer never share a slot."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlmodel import Session

from market.core.clearing import Match
from market.core.hold_rules import check_holds
from market.db.queries import holds
from market.db.tables.order import JobRow
from suanli.protocol.book import BookNode
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import JobOrder
from suanli.protocol.reasons import Reason


def begin(session: Session, *, alone: bool) -> int:
    """Before a clearing reads what is free: the last decision that it can know of.

    alone: nothing is taken on the spot until the clearing is over.
    """
    if alone:
        holds.occupy(session)
    return holds.number(session)


def confirm(session: Session, begun: int, nodes: Iterable[BookNode], matches: Sequence[Match]) -> None:
    """Last in a clearing that gives slots away: the writer decides nothing more before it has seen them.

    `matches`: those without a hold. Raises MarketError(STATE_CONFLICT) where a slot was taken meanwhile:
    nothing of the clearing stays, and it may be made again.
    """
    since, given = holds.taken_since(session, begun), Counter(match.node for match in matches)
    free = {node.node: node.free_slots for node in nodes}
    for node in sorted(since):
        if given[node] and since[node] + given[node] > free[node]:
            detail = f"a slot of {node} was taken on the spot while the round was cleared"
            raise MarketError(Reason.STATE_CONFLICT, detail, node=node)


def assigned(session: Session, order: JobOrder, numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Each hold with the task that it is for. Raises MarketError where an order cannot have it."""
    if len(set(numbers)) < len(numbers) or len(numbers) > order.tasks * order.replicas:
        raise MarketError(Reason.MESSAGE_MALFORMED, "each hold is for one copy of the order, each once")
    found = holds.taken(session, numbers)
    pairs = [(one, place // max(1, order.replicas)) for place, one in enumerate(numbers)]
    for one, _ in pairs:
        if one not in found:
            raise MarketError(Reason.QUOTE_EXPIRED, f"there is no hold {one}", hold=str(one))
    check_holds(order, [(task, found[one]) for one, task in pairs])
    return pairs


def is_known(session: Session, order: JobOrder) -> bool:
    """Whether the order was taken in."""
    return session.get(JobRow, order.id()) is not None
