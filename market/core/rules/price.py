"""Rules on price: nobody pays more than the prices that the order names."""

from market.core.offers import prices_now
from suanli.protocol.book import BookNode, Wanted
from suanli.protocol.charging import usage_at_limits
from suanli.protocol.reasons import Reason
from suanli.protocol.units import DIMENSIONS, charge
from suanli.protocol.wire.common import Explanation


def within_prices(wanted: Wanted, node: BookNode) -> Explanation | None:
    """Each unit price of the ask is at most the order's."""
    if node.ask is None:
        return Explanation(reason=Reason.ASK_EXPIRED, detail="the node has no standing ask")
    pairs = zip(DIMENSIONS, prices_now(node).vector(), wanted.maximum_prices.vector(), strict=True)
    for dimension, asked, most in pairs:
        if asked > most:
            detail = f"{dimension.name}: asks {asked} micro-atoms per {dimension.priced_per}, at most {most}"
            return Explanation(reason=Reason.PRICE_ABOVE_LIMIT, detail=detail)
    return None


def minimum_within_prices(wanted: Wanted, node: BookNode) -> Explanation | None:
    """The ask's minimum charge is at most what a whole task may cost at the order's prices."""
    minimum = 0 if node.ask is None else node.ask.minimumCharge
    most = charge(wanted.maximum_prices, usage_at_limits(wanted.limits, wanted.limits.inputBytes))
    if minimum <= most:
        return None
    detail = f"asks at least {minimum} atoms per task, a whole task may cost {most}"
    return Explanation(reason=Reason.PRICE_ABOVE_LIMIT, detail=detail)
