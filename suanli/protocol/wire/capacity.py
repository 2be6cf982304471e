"""Capacity (算力感知): what the fleet of a round had to offer, by region and tier."""

from suanli.protocol.messages import Prices
from suanli.protocol.values import Region, Uint64
from suanli.protocol.wire.common import Wire


class CapacityCell(Wire):
    """The nodes of one region whose largest task falls into one tier.

    The tier is that of the largest task's memory (`memory_mebibytes`) and fuel (`gigafuel`), each a power of
    two at or below it; `region` is None where nodes state none.
    """

    region: Region | None
    memory_mebibytes: Uint64
    gigafuel: Uint64
    nodes: int
    slots: int
    free_slots: int
    """Before the round."""
    matched: int
    """Copies that the round gave them."""
    lowest: Prices
    """Of each dimension the lowest price that one of them asks now, surge included; in micro-atoms."""
    median: Prices
    """Of each dimension the upper median."""
    scarcity: Uint64
    """The highest support price of a slot, in micro-atoms."""


class Capacity(Wire):
    """`GET /capacity`: the fleet of one round. `waiting` counts the copies that got no node.

    `GET /capacity/history` has one for each kept epoch, newest first.
    """

    epoch: Uint64
    at: int
    cells: list[CapacityCell]
    orders: int
    matched: int
    waiting: int
