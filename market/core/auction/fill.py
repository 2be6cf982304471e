"""Fill a round in a given order: each item goes where most is left after the scarcity of what it takes."""

from typing import Any

from market.core.auction.lists import Lists
from market.core.auction.moves import has_room, is_allowed, put, scarcity
from market.core.auction.rows import BLOCK, row_of
from market.core.auction.variants import Rules, State, helper


@helper
def best_place(
    rules: Rules, duals: Any, lists: Lists, state: State, item: int, floor: int, row: Any, open_: Any
) -> int:
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
    if lists.stop[kind] < lists.start[kind + 1] or rules.providers == 0:
        return -1
    if len(rules.table) > 0:
        return _best_of_all(rules, duals, state, item, floor, rules.table, kind * rules.providers, open_)
    for begin in range(0, rules.providers, BLOCK):
        row_of(rules, kind, begin, row[begin : begin + BLOCK])
    return _best_of_all(rules, duals, state, item, floor, row, 0, open_)


@helper
def _best_of_all(
    rules: Rules, duals: Any, state: State, item: int, floor: int, table: Any, at: int, open_: Any
) -> int:
    """As `best_place`, over `open_[0]` open providers, by number. Drops those that are full."""
    kind, best, best_gain, count = rules.kind[item], -1, floor - 1, 0
    for place in range(1, 1 + open_[0]):
        provider = open_[place]
        surplus = table[at + provider]
        if surplus > best_gain and surplus >= 0:
            if not has_room(rules, state, kind, provider):
                if _is_full(rules, state, provider):
                    continue
            else:
                gain = surplus - scarcity(rules, duals, kind, provider)
                if gain > best_gain and is_allowed(rules, state, item, provider):
                    best, best_gain = provider, gain
        count += 1
        open_[count] = provider
    open_[0] = count
    return best


@helper
def _is_full(rules: Rules, state: State, provider: int) -> bool:
    """Whether not even the least load of each resource would fit."""
    resources, full = rules.resources, False
    for r in range(resources):
        full = full or state.free[provider * resources + r] < rules.least_load[r]
    return bool(full)


def fill(
    rules: Rules,
    duals: Any,
    lists: Lists,
    order: Any,
    lot: Any,
    floor: int,
    state: State,
    hopeless: Any,
    row: Any,
    open_: Any,
) -> None:
    """Place the waiting items in `order`. What is alike to an item that found no place has none either."""
    for item in order:
        if state.at[item] >= 0 or hopeless[lot[item]]:
            continue
        provider = best_place(rules, duals, lists, state, item, floor, row, open_)
        if provider < 0:
            hopeless[lot[item]] = 1
        else:
            put(rules, state, item, provider)
