"""Checks the payments of a CRITICAL round by what they mean: the least value that still wins. Pure.

Items stand by falling density (their best surplus per share that they take of all capacity), ties by number.
Each takes the provider of its largest surplus that has room, ties by number. A winner's payment and quality
come to a value with which it would still have won, and with one micro-atom less it would not. Items that
share a family or a group, or whose group's budget is below their value, wait.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suanli.audit.clearing.feasibility import invalid
from suanli.audit.clearing.round import Places, Round, Truths, judge
from suanli.protocol.arrays import NOBODY, Integers, Outcome
from suanli.protocol.checks import Check, check

PAIRS_HELD = 1 << 24
"""Surpluses kept at once; the critical values of larger rounds are not recomputed."""
WINNERS = 256
"""So many winners, drawn at random, have their critical value recomputed."""
_NEVER = -1
_SMALLEST_SHARE = 1e-12


@dataclass(frozen=True, slots=True)
class _Greedy:
    """`surplus` (M, N) or _NEVER; items in the order of their turns; by item its density and its share."""

    audited: Round
    surplus: Integers
    order: Places
    density: NDArray[np.float64]
    share: NDArray[np.float64]

    def choice(self, item: int, free: Integers, drop: int = 0) -> int:
        """Where the item goes if it is worth `drop` less; NOBODY where it does not win."""
        room = (free >= self.audited.demand.load[item]).all(axis=1)
        gains = np.where(room, self.surplus[item], _NEVER)
        provider = int(gains.argmax())
        return provider if int(gains[provider]) >= drop else int(NOBODY)

    def comes_before(self, item: int, drop: int, other: int) -> bool:
        """Whether the item, worth `drop` less, still has its turn before another."""
        best = int(self.surplus[item].max()) - drop
        density = max(best, 0) / self.share[item]
        return bool(density > self.density[other] or (density == self.density[other] and item < other))


def check_critical(audited: Round, outcome: Outcome, seed: int) -> tuple[Check, ...]:
    """The allocation is that of the greedy rule; payments are critical, for all winners or drawn ones."""
    pairs = len(audited.demand) * len(audited.supply)
    if pairs > PAIRS_HELD:
        detail = f"not recomputed for {pairs} pairs: no more than the limits of payments is known"
        return (check("critical", True, detail),)
    if not pairs:
        return (check("critical", True, "nobody to match"),)
    greedy = _greedy(audited)
    decided, before = _run(greedy)
    strange = np.flatnonzero(decided != outcome.provider)
    follows = invalid("greedy", not strange.size, "each takes the best that has room", strange, "item")
    unsupported = np.flatnonzero(outcome.supports.any(axis=1))
    plain = invalid("critical_supports", not unsupported.size, "no support prices", unsupported, "provider")
    if strange.size:
        return follows, plain
    winners = np.flatnonzero(decided != NOBODY)
    if len(winners) > WINNERS:
        winners = np.sort(np.random.Generator(np.random.Philox(seed)).choice(winners, WINNERS, replace=False))
    wrong = [item for item in winners.tolist() if not _is_critical(greedy, outcome, item, before[item])]
    detail = f"the least values with which {len(winners)} winners still win"
    return follows, plain, invalid("critical", not wrong, detail, np.array(wrong, np.int64), "item")


def _greedy(audited: Round) -> _Greedy:
    items, providers = len(audited.demand), len(audited.supply)
    pairs = judge(audited, np.repeat(np.arange(items), providers), np.tile(np.arange(providers), items))
    surplus = np.where(pairs.eligible, pairs.surplus, _NEVER).reshape(items, providers)
    share = np.zeros(items)
    for load, capacity in zip(audited.demand.load.T, audited.supply.capacity.T, strict=True):
        share += load / max(int(capacity.sum()), 1)
    share = np.maximum(share, _SMALLEST_SHARE)
    density = np.maximum(surplus.max(axis=1), 0).astype(np.float64) / share
    order = np.argsort(-density, kind="stable")
    return _Greedy(audited, surplus, order[_stand_alone(audited)[order]], density, share)


def _stand_alone(audited: Round) -> Truths:
    demand = audited.demand
    alone: Truths = demand.budget[demand.group] >= demand.value
    for numbers in (demand.family, demand.group):
        _, of, counts = np.unique(numbers, return_inverse=True, return_counts=True)
        alone &= counts[of] == 1
    return alone


def _run(greedy: _Greedy) -> tuple[NDArray[np.int32], dict[int, tuple[int, Integers]]]:
    """The greedy allocation; by winner its turn and the free capacity that it found."""
    decided = np.full(len(greedy.density), NOBODY, np.int32)
    before, free = dict[int, tuple[int, Integers]](), greedy.audited.supply.capacity.copy()
    for turn, item in enumerate(greedy.order.tolist()):
        provider = greedy.choice(item, free)
        if provider != NOBODY:
            before[item] = (turn, free.copy())
            decided[item] = provider
            free[provider] -= greedy.audited.demand.load[item]
    return decided, before


def _is_critical(greedy: _Greedy, outcome: Outcome, item: int, found: tuple[int, Integers]) -> bool:
    """Whether the winner still wins when its value is what it pays and what quality counts for, and not with
    one micro-atom less."""
    demand = greedy.audited.demand
    at = np.array([outcome.provider[item]], np.intp)
    quality = int(judge(greedy.audited, np.array([item]), at).quality[0])
    drop = int(demand.value[item]) - int(outcome.payment[item]) - quality
    wins, loses = (_wins(greedy, item, found, one) for one in (drop, drop + 1))
    return drop >= 0 and wins and not loses


def _wins(greedy: _Greedy, item: int, found: tuple[int, Integers], drop: int) -> bool:
    """Whether the item wins if it is worth `drop` less: those before it then decide without it."""
    turn, free = found[0], found[1].copy()
    for other in _until(greedy, item, turn, drop):
        provider = greedy.choice(other, free)
        if provider != NOBODY:
            free[provider] -= greedy.audited.demand.load[other]
    return greedy.choice(item, free, drop) != NOBODY


def _until(greedy: _Greedy, item: int, turn: int, drop: int) -> Iterator[int]:
    for other in greedy.order[turn + 1 :].tolist():
        if greedy.comes_before(item, drop, other):
            return
        yield other
