"""Putting one item at one provider and taking it away: the rules between matches. Kernels' helpers."""

from typing import Any

from market.core.auction.variants import Rules, State, helper


@helper
def ask_price(rules: Rules, kind: int, provider: int) -> int:
    """What the provider's ask charges for an item of this kind, micro-atoms (`arrays.price_of`)."""
    dimensions = len(rules.sizes)
    total = 0
    for d in range(dimensions):
        product = rules.usage[kind * dimensions + d] * rules.prices[d * rules.providers + provider]
        total += (product + rules.sizes[d] - 1) // rules.sizes[d]
    if total < rules.minimum[provider]:
        total = rules.minimum[provider]
    return (total + rules.quantum - 1) // rules.quantum * rules.quantum


@helper
def has_room(rules: Rules, state: State, kind: int, provider: int) -> bool:
    """Whether what is free at the provider holds an item of this kind."""
    resources = rules.resources
    for r in range(resources):
        if rules.load[kind * resources + r] > state.free[provider * resources + r]:
            return False
    return True


@helper
def is_allowed(rules: Rules, state: State, item: int, provider: int) -> bool:
    """Whether the item's family and its group's budget let it go to the provider."""
    family = rules.family[item]
    if family >= 0:
        start = rules.member_start[family]
        for slot in range(start, start + state.placed[family]):
            if rules.owner[state.at[state.members[slot]]] == rules.owner[provider]:
                return False
    group = rules.group[item]
    return bool(group < 0 or ask_price(rules, rules.kind[item], provider) <= state.left[group])


@helper
def put(rules: Rules, state: State, item: int, provider: int) -> None:
    """Match the item, which waits, with the provider."""
    kind = rules.kind[item]
    _shift(rules, state, kind, provider, -1)
    state.at[item] = provider
    family = rules.family[item]
    if family >= 0:
        state.members[rules.member_start[family] + state.placed[family]] = item
        state.placed[family] += 1
    group = rules.group[item]
    if group >= 0:
        state.left[group] -= ask_price(rules, kind, provider)


@helper
def take(rules: Rules, state: State, item: int) -> None:
    """Let a matched item wait again."""
    kind, provider = rules.kind[item], state.at[item]
    _shift(rules, state, kind, provider, 1)
    family = rules.family[item]
    if family >= 0:
        slot = rules.member_start[family]
        while state.members[slot] != item:
            slot += 1
        last = rules.member_start[family] + state.placed[family] - 1
        state.members[slot] = state.members[last]
        state.placed[family] -= 1
    group = rules.group[item]
    if group >= 0:
        state.left[group] += ask_price(rules, kind, provider)
    state.at[item] = -1


@helper
def _shift(rules: Rules, state: State, kind: int, provider: int, sign: int) -> None:
    resources = rules.resources
    for r in range(resources):
        state.free[provider * resources + r] += sign * rules.load[kind * resources + r]


@helper
def scarcity(rules: Rules, duals: Any, kind: int, provider: int) -> int:
    """What the capacity that an item of this kind takes at the provider is worth elsewhere, micro-atoms."""
    resources, total = rules.resources, 0
    for r in range(resources):
        total += rules.load[kind * resources + r] * duals[provider * resources + r]
    return total
