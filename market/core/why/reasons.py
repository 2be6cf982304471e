"""The reason code of each rule number, and which limits a buyer or a node could relax. Pure."""

from collections import Counter
from collections.abc import Iterable

from market.core.rules import FLEET_RULES
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.why import Count

_FIRST = len(FLEET_RULES)
_CODES = (
    Reason.SELF_DEALING,
    Reason.FUEL_LIMIT_TOO_SMALL,
    Reason.MEMORY_TOO_SMALL,
    Reason.INPUT_TOO_LARGE,
    Reason.OUTPUT_TOO_LARGE,
    Reason.WALL_LIMIT_TOO_SMALL,
    Reason.PRICE_ABOVE_LIMIT,
    Reason.PRICE_ABOVE_LIMIT,
    Reason.REGION_NOT_ALLOWED,
    Reason.LABEL_MISSING,
    Reason.TRUST_TOO_LOW,
    Reason.CARBON_TOO_HIGH,
    Reason.LATENCY_TOO_HIGH,
    Reason.TOO_SLOW_FOR_DEADLINE,
    Reason.ALREADY_TRIED,
    Reason.SAME_OWNER,
    Reason.BUDGET_TOO_SMALL,
    Reason.NOT_WORTH_IT,
)
REASON_OF = dict(enumerate(_CODES, start=_FIRST))
"""By number, the reason of every rule between an item and a node of the round."""
MONEY = frozenset({Reason.PRICE_ABOVE_LIMIT, Reason.BUDGET_TOO_SMALL, Reason.NOT_WORTH_IT})
"""What more money gets past."""
FIXED = frozenset({Reason.SELF_DEALING, Reason.ALREADY_TRIED, Reason.SAME_OWNER})
"""What no change of a limit or a price gets past."""


def counts(reasons: Iterable[Reason]) -> list[Count]:
    """How often each reason occurs, the most frequent first."""
    counted = Counter(reasons)
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].value))
    return [Count(reason=reason, count=count) for reason, count in ranked]
