"""Whether an order's own limits allow what its buyer holds. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from suanli.protocol.charging import usage_at_limits
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import Ask, JobOrder, Prices
from suanli.protocol.reasons import Reason
from suanli.protocol.units import charge
from suanli.protocol.values import Address


class Offered(Protocol):
    """A hold: the node, and at which prices of which ask."""

    @property
    def hold(self) -> int: ...
    @property
    def node(self) -> Address: ...
    @property
    def owner(self) -> Address: ...
    @property
    def ask(self) -> Ask: ...
    @property
    def prices(self) -> Prices: ...


def check_holds(order: JobOrder, held: Sequence[tuple[int, Offered]]) -> None:
    """`held`: (task, hold). Raises MarketError with the first rule that a hold breaks."""
    owners: dict[int, set[Address]] = defaultdict(set)
    most = charge(order.maximumPrices, usage_at_limits(order.limits, order.limits.inputBytes))
    for task, one in held:
        if order.buyer in (one.node, one.owner):
            raise _not(Reason.SELF_DEALING, one, "the node is the buyer's own")
        if one.owner in owners[task]:
            raise _not(Reason.SAME_OWNER, one, f"another copy of task {task} is with the same owner")
        asked = zip(one.prices.vector(), order.maximumPrices.vector(), strict=True)
        if any(price > limit for price, limit in asked) or one.ask.minimumCharge > most:
            raise _not(Reason.PRICE_ABOVE_LIMIT, one, "its prices are above the order's")
        sizes = zip(dict(order.limits).values(), dict(one.ask.limits).values(), strict=True)
        if any(need > offer for need, offer in sizes):
            raise _not(Reason.STATE_CONFLICT, one, "the order's limits are above the node's")
        owners[task].add(one.owner)


def _not(reason: Reason, one: Offered, why: str) -> MarketError:
    return MarketError(reason, f"the hold {one.hold}: {why}", hold=str(one.hold))
