"""What a node says of itself beside its prices: where it stands, what it has, what it emits, how it surges.

An ask names the hash of this document, so the node has signed it. Nobody has measured what it says. Pure.
"""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from suanli.protocol.documents import Document
from suanli.protocol.messages import Prices
from suanli.protocol.units import BASIS_POINTS
from suanli.protocol.values import ZERO_HASH, BasisPoints, Hash, Labels, Region, Uint16, Uint64

NO_OFFERING = ZERO_HASH
"""`Ask.offering` of a node that says nothing."""
SURGE_MAXIMUM = 100 * BASIS_POINTS
"""No surge makes prices more than a hundredfold."""


class SurgeStep(BaseModel):
    """From this share of slots in use on, prices are so many basis points of the ask's (10 000: the same)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    used_share_basis_points: BasisPoints
    price_basis_points: Annotated[int, Field(ge=BASIS_POINTS, le=SURGE_MAXIMUM)]


class AutoPrice(BaseModel):
    """How the node's agent came by the ask's prices; with the prices of past rounds anyone can redo it.

    The rule is in `auto_price.py`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    epoch: Uint64
    """The last epoch that was looked at."""
    rounds: Annotated[int, Field(ge=1, le=1000)]
    """Of how many epochs with a lease the median counts."""
    share_basis_points: Annotated[int, Field(ge=1, le=SURGE_MAXIMUM)]
    """The part of that median that the node asks for."""
    start: Prices
    """What it asks for while there is no such epoch."""
    electricity_atoms_per_kilowatt_hour: Uint64
    """Of the floor: no price of work pays less than the electricity that the work takes."""


class Offering(Document):
    """A node's own words. Every field is optional; left out, the node says nothing of it."""

    region: Region | None = None
    labels: Labels = ()
    carbon_grams_per_kilowatt_hour: Uint16 | None = None
    watts_per_slot: Uint16 | None = None
    """What one busy slot draws beyond an idle machine."""
    fuel_per_second: Uint64 | None = None
    """What one slot gets through."""
    surge: Annotated[tuple[SurgeStep, ...], Field(max_length=16)] = ()
    auto_price: AutoPrice | None = None

    @model_validator(mode="after")
    def _floor_is_known(self) -> Self:
        floored = self.auto_price is not None and self.auto_price.electricity_atoms_per_kilowatt_hour
        if floored and (self.watts_per_slot is None or not self.fuel_per_second):
            raise ValueError("a floor by electricity needs watts_per_slot and fuel_per_second")
        return self

    @model_validator(mode="after")
    def _surge_ascends(self) -> Self:
        for lower, upper in pairwise(self.surge):
            if (
                upper.used_share_basis_points <= lower.used_share_basis_points
                or upper.price_basis_points < lower.price_basis_points
            ):
                raise ValueError("surge steps ascend: each at a larger share, none with a lower price")
        return self


def offering_hash(offering: Offering | None) -> Hash:
    """`Ask.offering` for this document, or for none."""
    return NO_OFFERING if offering is None else offering.content_hash()
