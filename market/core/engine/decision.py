"""What the engine answers: one decision, many of them, and why providers were left out. Plain values."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from suanli.protocol.arrays import Integers, Numbers


class Decision(NamedTuple):
    """An item's place: the provider's number; price, quality, surplus in micro-atoms as in `arrays.pair`."""

    provider: int
    price: int
    quality: int
    surplus: int


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions of many items: provider (M,), NOBODY for none; price, quality, surplus (M,), then 0."""

    provider: Numbers
    price: Integers
    quality: Integers
    surplus: Integers


class Rule(IntEnum):
    """What can keep a provider from an item, in the order in which the rules are asked.

    A need's number stands beside NEED in `Exclusions.needs`.
    """

    REGION = 0
    LABELS = 1
    NEED = 2
    BARRED_PROVIDER = 3
    BARRED_OWNER = 4
    CAPACITY = 5
    PRICE = 6
    QUALITY = 7


@dataclass(frozen=True, slots=True)
class Exclusions:
    """How many providers each rule was the first to exclude; with `eligible` they add up to the fleet.

    price: the ask alone is above the item's value; quality: it is within, but not with what quality costs.
    """

    region: int
    labels: int
    needs: tuple[int, ...]
    barred_provider: int
    barred_owner: int
    capacity: int
    price: int
    quality: int
    eligible: int


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One limit of an item, and what would come of easing it alone.

    rule: which limit, `number`: which region, label bit or need of it; `limit`: the new limit that is just
    enough (a need, or for PRICE the value in micro-atoms; 0 elsewhere); `decision`: what it would lead to;
    `saving`: micro-atoms of price and quality saved on the present decision; None: there is none yet.
    """

    rule: Rule
    number: int
    limit: int
    decision: Decision
    saving: int | None
