"""Fill a round in a given order: each item goes where most is left after the scarcity of what it takes."""

from typing import Any

from market.core.auction.moves import has_room, is_allowed, put, scarcity
from market.core.auction.variants import Rules, State, helper


@helper
def best_place(rules: Rules, duals: Any, state: State, item: int, floor: int) -> int:
    """The provider with the largest reduced profit, at least `floor`, that may take the item now; or -1.

    Ties go to the lowest number. Looks at every provider.
    """
    kind, best, best_gain = rules.kind[item], -1, floor - 1
    for provider in range(rules.providers):
        surplus = rules.table[kind * rules.providers + provider]
        if surplus < 0 or surplus <= best_gain:
            continue
        gain = surplus - scarcity(rules, duals, kind, provider)
        if gain <= best_gain or not has_room(rules, state, kind, provider):
            continue
        if is_allowed(rules, state, item, provider):
            best, best_gain = provider, gain
    return best


def fill(rules: Rules, duals: Any, order: Any, lot: Any, floor: int, state: State, hopeless: Any) -> int:
    """Place the waiting items in `order`; returns how many. What is alike to an item without a place has none."""
    count = 0
    for item in order:
        if state.at[item] >= 0 or hopeless[lot[item]]:
            continue
        provider = best_place(rules, duals, state, item, floor)
        if provider < 0:
            hopeless[lot[item]] = 1
        else:
            put(rules, state, item, provider)
            count += 1
    return count
