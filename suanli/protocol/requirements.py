"""What a task wants of the machine that runs it, beyond price and size: limits, and what quality is worth.

A part of a task's specification, so that the node and every auditor see what the buyer asked for. Pure.
"""

from pydantic import BaseModel, ConfigDict

from suanli.protocol.values import BasisPoints, Labels, Region, Regions, Uint16, Uint32, Uint64

MILLISECONDS_PER_SECOND = 1000


class Worth(BaseModel):
    """What the buyer gives up to have more of a quality, in micro-atoms per unit; nothing by default.

    Clearing weighs by it and shows each part as a line of its own; nobody is ever paid it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    micro_atoms_per_latency_millisecond: Uint64 = 0
    """Of the round trip between the origin and the node's region."""
    micro_atoms_per_transfer_second: Uint64 = 0
    """Of the time that the task's input takes from the origin to the node's region."""
    micro_atoms_per_carbon_gram: Uint64 = 0
    """Of CO2e that the task's energy is worth at its limits."""
    micro_atoms_per_failure_percent: Uint64 = 0
    """Of the odds that the node does not deliver."""


class Requirements(BaseModel):
    """Where and how well a task is to run. Every field is optional; left out, it excludes nobody.

    A limit on what a node has not stated or nobody has measured excludes the node.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    regions: Regions = ()
    """The regions that it may run in; empty for any."""
    labels: Labels = ()
    """Labels that the node must have, all of them."""
    origin: Region | None = None
    """Where its data lie and its results go to; `None`: the region of the market's own store."""
    minimum_trust_basis_points: BasisPoints = 0
    maximum_latency_milliseconds: Uint32 | None = None
    """Of the round trip between the origin and the node's region."""
    maximum_carbon_grams_per_kilowatt_hour: Uint16 | None = None
    worth: Worth = Worth()

    def is_neutral(self) -> bool:
        """Whether it wants nothing at all."""
        return self == Requirements()
