"""Lists of two scans as one, so that dual steps see where items came from as well as where they would go."""

from typing import Any

import numpy as np

from market.core.auction.lists import Lists
from market.core.auction.problem import Problem
from market.core.auction.variants import run


def merged(problem: Problem, new: Lists, old: Lists) -> Lists:
    """By kind the entries of `new`, then those of `old` that are not among them. `gain` is left zero."""
    start = new.start + old.start
    entries = [np.zeros(int(start[-1]), np.int64) for _ in range(3)]
    both = Lists(start, start[:-1].copy(), *entries)
    seen = np.full(problem.rules.providers, -1, np.int64)
    run(merge, problem.compiled, (new, old), (both, seen))
    return both


def merge(new: Lists, old: Lists, both: Lists, seen: Any) -> None:
    """Fill `both`; `seen` (providers): the last kind that has the provider."""
    for kind in range(len(new.stop)):
        place = both.start[kind]
        for entry in range(new.start[kind], new.stop[kind]):
            seen[new.provider[entry]] = kind
            both.provider[place], both.surplus[place] = new.provider[entry], new.surplus[entry]
            place += 1
        for entry in range(old.start[kind], old.stop[kind]):
            if seen[old.provider[entry]] != kind:
                both.provider[place], both.surplus[place] = old.provider[entry], old.surplus[entry]
                place += 1
        both.stop[kind] = place
