"""Fill a round in a given order: each item goes where most is left after the scarcity of what it takes."""

from typing import Any

from market.core.auction.lists import Lists
from market.core.auction.moves import has_room, is_allowed, put, scarcity
from market.core.auction.variants import Rules, State, helper


@helper
def best_place(rules: Rules, duals: Any, lists: Lists, state: State, item: int, floor: int) -> int:
    """The provider with the largest reduced profit, at least `floor`, that may take the item now; or -1.

    Ties go to the lowest number. A list's best that has room is the best of all; where none of the list has,
    and the list does not hold all, every provider is looked at.
    """
    kind = rules.kind[item]
    for entry in range(lists.start[kind], lists.stop[kind]):
        if lists.gain[entry] < floor:
            return -1
        provider: int = lists.provider[entry]
        if has_room(rules, state, kind, provider) and is_allowed(rules, state, item, provider):
            return provider
    if lists.stop[kind] < lists.start[kind + 1]:
        return -1
    return _best_of_all(rules, duals, state, item, floor)


@helper
def _best_of_all(rules: Rules, duals: Any, state: State, item: int, floor: int) -> int:
    kind, best, best_gain = rules.kind[item], -1, floor - 1
    for provider in range(rules.providers):
        surplus = rules.table[kind * rules.providers + provider]
        if surplus < 0 or surplus <= best_gain or not has_room(rules, state, kind, provider):
            continue
        gain = surplus - scarcity(rules, duals, kind, provider)
        if gain > best_gain and is_allowed(rules, state, item, provider):
            best, best_gain = provider, gain
    return best


def fill(
    rules: Rules, duals: Any, lists: Lists, order: Any, lot: Any, floor: int, state: State, hopeless: Any
) -> None:
    """Place the waiting items in `order`. What is alike to an item that found no place has none either."""
    for item in order:
        if state.at[item] >= 0 or hopeless[lot[item]]:
            continue
        provider = best_place(rules, duals, lists, state, item, floor)
        if provider < 0:
            hopeless[lot[item]] = 1
        else:
            put(rules, state, item, provider)
