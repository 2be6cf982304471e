"""The working table of ruin and recreate: who stands where, and the items in hand. Kernels' helpers."""

from typing import Any, NamedTuple

from market.core.auction.moves import put, take
from market.core.auction.variants import Rules, State, helper


class Wants(NamedTuple):
    """Who wants to go where, as flat arrays of int64."""

    start: Any
    """(providers + 1): where each provider's wanting kinds stand in `kind`"""
    kind: Any
    """highest priority first"""
    first: Any
    """(kinds + 1): where each kind's items stand in `item`"""
    item: Any
    priority: Any
    """(kinds)"""
    shake: Any
    """(kinds): by how much a priority may be shaken"""


class Desk(NamedTuple):
    """Flat arrays of int64 that belong to one run."""

    head: Any
    """(providers): the first tenant, or -1; the others follow by `after`."""
    after: Any
    before: Any
    worth: Any
    """(items): the surplus of the item's match"""
    mark: Any
    """(items): the last turn in which the item was in hand"""
    pool: Any
    """The items in hand, with their `key` to sort by, where each `was` and what that was worth."""
    key: Any
    was: Any
    was_worth: Any
    emptied: Any
    luck: Any
    """(1): the state of the generator"""


@helper
def chance(desk: Desk, below: int) -> int:
    """The next number of Park and Miller's generator (1988), as one of 0 to `below` - 1 (at least one)."""
    luck: int = desk.luck[0] * 48271 % 2147483647
    desk.luck[0] = luck
    if below < 1 << 30:
        return luck % max(1, below)
    return (below >> 30) * (luck >> 1)


@helper
def grab(state: State, desk: Desk, item: int, turn: int, count: int) -> int:
    """Put the item into the pool of `count`; returns the new count."""
    desk.pool[count], desk.mark[item] = item, turn
    desk.was[count] = state.at[item]
    desk.was_worth[count] = 0
    if state.at[item] >= 0:
        desk.was_worth[count] = desk.worth[item]
    return count + 1


@helper
def let_go(rules: Rules, state: State, desk: Desk, place: int) -> None:
    """Give an item of the pool its old match back."""
    seat(rules, state, desk, desk.pool[place], desk.was[place], desk.was_worth[place])


@helper
def seat(rules: Rules, state: State, desk: Desk, item: int, provider: int, worth: int) -> None:
    """Match a waiting item."""
    put(rules, state, item, provider)
    desk.worth[item] = worth
    following = desk.head[provider]
    desk.after[item], desk.before[item] = following, -1
    if following >= 0:
        desk.before[following] = item
    desk.head[provider] = item


@helper
def unseat(rules: Rules, state: State, desk: Desk, item: int) -> None:
    """Let a matched item wait."""
    before, after = desk.before[item], desk.after[item]
    if before >= 0:
        desk.after[before] = after
    else:
        desk.head[state.at[item]] = after
    if after >= 0:
        desk.before[after] = before
    take(rules, state, item)
