"""Ruin and recreate: empty a few related providers, fill them anew in a shaken order, keep what is no worse.

The work is counted in rounds and every choice follows from the seed, so it replays. Looks only at the lists.
"""

from typing import Any

import numpy as np

from market.core.auction.desk import Desk, Wants, chance, grab, let_go, seat, unseat
from market.core.auction.lists import Lists, Scan
from market.core.auction.moves import has_room, is_allowed
from market.core.auction.problem import Problem
from market.core.auction.rounding import priorities
from market.core.auction.variants import Rules, State, helper, run

WANTED, TWINS = 16, 2
"""At most so many waiting items are tried per emptied provider, and so many of one kind."""
POOL = 128
"""At most so many items are in hand at once."""
HEAT = 30
"""The first patience, as a part of the mean welfare of a provider: one in so many."""
EMPTIED = 3
"""At most so many providers are emptied at once."""


def improve(problem: Problem, at: Scan, state: State, ruins: int, seed: bytes) -> None:
    """Change `state` for the better in `ruins` rounds; its welfare never falls."""
    wants = _wants(problem, at)
    places = np.flatnonzero(np.diff(wants.start))
    if ruins == 0 or not len(places):
        return
    draws = np.random.Philox(key=int.from_bytes(seed[:16], "big")).random_raw(ruins)
    lucks = (draws >> np.uint64(34)).astype(np.int64) + 1
    heat = int(at.bound) // len(places) // HEAT
    inputs = (problem.rules, at.lists, wants, places, lucks, heat)
    desk = _desk(problem, state)
    run(seat_all, problem.compiled, (problem.rules,), (state, desk))
    run(ruin, problem.compiled, inputs, (state, desk, state.at.copy()))


def _wants(problem: Problem, at: Scan) -> Wants:
    lists, kinds = at.lists, problem.kinds
    priority, cost = priorities(problem, at)
    order = np.argsort(-priority, kind="stable").astype(np.int64)
    start = np.zeros(problem.rules.providers + 1, np.int64)
    kind = np.zeros(int((lists.stop - lists.start[:-1]).sum()), np.int64)
    run(by_provider, problem.compiled, (lists, order), (start, kind))
    return Wants(
        start=start,
        kind=kind,
        first=np.concatenate(([0], np.cumsum(kinds.count))).astype(np.int64),
        item=np.argsort(kinds.of, kind="stable").astype(np.int64),
        priority=priority,
        shake=cost // 4 + 1,
    )


def by_provider(lists: Lists, order: Any, start: Any, wanting: Any) -> None:
    """Fill `wanting` with the kinds in `order` that list each provider, `start` with where each begins."""
    for entry in range(len(order)):
        for place in range(lists.start[entry], lists.stop[entry]):
            if lists.surplus[place] > 0:
                start[lists.provider[place]] += 1
    total = 0
    for provider in range(len(start)):
        total += start[provider]
        start[provider] = total
    for rank in range(len(order) - 1, -1, -1):
        kind = order[rank]
        for place in range(lists.start[kind], lists.stop[kind]):
            if lists.surplus[place] > 0:
                start[lists.provider[place]] -= 1
                wanting[start[lists.provider[place]]] = kind


def _desk(problem: Problem, state: State) -> Desk:
    items, providers = len(problem.demand), problem.rules.providers
    worth = np.zeros(items, np.int64)
    matched = np.flatnonzero(state.at >= 0)
    worth[matched] = problem.surplus_at(matched, state.at[matched])
    return Desk(
        head=np.full(providers, -1, np.int64),
        after=np.full(items, -1, np.int64),
        before=np.full(items, -1, np.int64),
        worth=worth,
        mark=np.full(items, -1, np.int64),
        pool=np.zeros(POOL, np.int64),
        key=np.zeros(POOL, np.int64),
        was=np.zeros(POOL, np.int64),
        was_worth=np.zeros(POOL, np.int64),
        emptied=np.zeros(EMPTIED, np.int64),
        luck=np.ones(1, np.int64),
    )


def seat_all(rules: Rules, state: State, desk: Desk) -> None:
    """Enter the matches that stand already into the desk's lists of tenants."""
    for item in range(len(state.at)):
        if state.at[item] >= 0:
            desk.after[item] = desk.head[state.at[item]]
            if desk.head[state.at[item]] >= 0:
                desk.before[desk.head[state.at[item]]] = item
            desk.head[state.at[item]] = item


def ruin(
    rules: Rules,
    lists: Lists,
    wants: Wants,
    places: Any,
    lucks: Any,
    heat: int,
    state: State,
    desk: Desk,
    best: Any,
) -> None:
    """The rounds. `best` (items): the best matches seen, which `state` ends with."""
    rounds, now, record, saved = len(lucks), 0, 0, 0
    for turn in range(rounds):
        desk.luck[0] = lucks[turn]
        emptied = _choose(rules, lists, wants, places, desk)
        count = _empty(rules, wants, turn, emptied, state, desk)
        _sort(wants, rules, count, desk)
        change = _recreate(rules, lists, wants, count, state, desk)
        patience = heat * (rounds - turn) // rounds * chance(desk, 1 << 16) // (1 << 16)
        if change + patience < 0:
            _undo(rules, count, state, desk)
            continue
        if change < 0 and now == record and now > saved:
            _undo(rules, count, state, desk)
            for item in range(len(best)):
                best[item] = state.at[item]
            saved = now
            continue
        now += change
        record = max(record, now)
    if now < saved:
        for item in range(len(best)):
            if state.at[item] >= 0 and state.at[item] != best[item]:
                unseat(rules, state, desk, item)
        for item in range(len(best)):
            if best[item] >= 0 and state.at[item] < 0:
                seat(rules, state, desk, item, best[item], 0)


@helper
def _choose(rules: Rules, lists: Lists, wants: Wants, places: Any, desk: Desk) -> int:
    """Pick providers to empty: one by chance, others that compete for the same items."""
    first = places[chance(desk, len(places))]
    desk.emptied[0] = first
    count, tries = 1, chance(desk, EMPTIED)
    for _ in range(tries):
        kind = wants.kind[wants.start[first] + chance(desk, wants.start[first + 1] - wants.start[first])]
        entry = lists.start[kind] + chance(desk, lists.stop[kind] - lists.start[kind])
        provider, new = lists.provider[entry], True
        for place in range(count):
            if desk.emptied[place] == provider:
                new = False
        if new:
            desk.emptied[count] = provider
            count += 1
    return count


@helper
def _empty(rules: Rules, wants: Wants, turn: int, emptied: int, state: State, desk: Desk) -> int:
    """Take the tenants of the emptied providers in hand, and waiting items that want to go there."""
    count = 0
    for place in range(emptied):
        item = desk.head[desk.emptied[place]]
        while item >= 0 and count < POOL:
            following = desk.after[item]
            count = grab(state, desk, item, turn, count)
            unseat(rules, state, desk, item)
            item = following
    for place in range(emptied):
        provider, found, picky = desk.emptied[place], 0, chance(desk, 4)
        for want in range(wants.start[provider], wants.start[provider + 1]):
            kind, twins = wants.kind[want], 0
            if chance(desk, 4) < picky:
                continue
            for slot in range(wants.first[kind], wants.first[kind + 1]):
                item = wants.item[slot]
                if state.at[item] < 0 and desk.mark[item] != turn and count < POOL:
                    count = grab(state, desk, item, turn, count)
                    found, twins = found + 1, twins + 1
                    if twins == TWINS:
                        break
            if found >= WANTED or count == POOL:
                break
    return count


@helper
def _sort(wants: Wants, rules: Rules, count: int, desk: Desk) -> None:
    """Order what is in hand by shaken priority, highest first."""
    wild = 1 << chance(desk, 4)
    for place in range(count):
        item = desk.pool[place]
        kind = rules.kind[item]
        shake = wants.shake[kind] * wild
        key = wants.priority[kind] + chance(desk, shake) - shake // 2
        was, worth, slot = desk.was[place], desk.was_worth[place], place
        while slot > 0 and desk.key[slot - 1] < key:
            desk.pool[slot], desk.key[slot] = desk.pool[slot - 1], desk.key[slot - 1]
            desk.was[slot], desk.was_worth[slot] = desk.was[slot - 1], desk.was_worth[slot - 1]
            slot -= 1
        desk.pool[slot], desk.key[slot] = item, key
        desk.was[slot], desk.was_worth[slot] = was, worth


@helper
def _recreate(rules: Rules, lists: Lists, wants: Wants, count: int, state: State, desk: Desk) -> int:
    """Place what is in hand; first who can nearly pay for the scarcity, then all. Returns the change."""
    change = 0
    for place in range(count):
        change -= desk.was_worth[place]
    for again in range(2):
        for place in range(count):
            item = desk.pool[place]
            if state.at[item] >= 0:
                continue
            kind = rules.kind[item]
            floor = -chance(desk, wants.shake[kind]) // 2
            for entry in range(lists.start[kind], lists.stop[kind]):
                if again == 0 and lists.gain[entry] < floor:
                    break
                provider = lists.provider[entry]
                if lists.surplus[entry] <= 0 or not has_room(rules, state, kind, provider):
                    continue
                if again == 0 and chance(desk, 16) == 0:
                    continue
                if is_allowed(rules, state, item, provider):
                    seat(rules, state, desk, item, provider, lists.surplus[entry])
                    change += lists.surplus[entry]
                    break
    return change


@helper
def _undo(rules: Rules, count: int, state: State, desk: Desk) -> None:
    for place in range(count):
        if state.at[desk.pool[place]] >= 0:
            unseat(rules, state, desk, desk.pool[place])
    for place in range(count):
        if desk.was[place] >= 0:
            let_go(rules, state, desk, place)
