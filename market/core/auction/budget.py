"""How much work one round of clearing may do, in iterations. Never in seconds: a round must replay."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """The effort of one round; it is part of what makes an outcome, so a certificate names it.

    `refreshes`: full scans of all pairs that correct the dual prices; `steps`: dual steps after each;
    `candidates`: the best providers kept per kind of item between two scans; `ruins`: rounds of ruin and
    recreate.
    """

    refreshes: int = 3
    steps: int = 40
    candidates: int = 32
    ruins: int = 2000


GREEDY = Budget(refreshes=0, steps=0, candidates=16, ruins=0)
"""Density greedy alone: the fallback."""
