"""Clearings and identifiers: what anyone may look up without an account."""

from typing import Any

from suanli.protocol.identifiers import UrnKind
from suanli.protocol.messages import EpochAnchor, Prices
from suanli.protocol.values import Address, Hash, Uint64, Uint128
from suanli.protocol.wire.accounts import Intent
from suanli.protocol.wire.common import Signed, Wire


class ClearingView(Wire):
    """`GET /clearings`: one epoch. `GET /clearings/{hash}` has the `document` and the `book`."""

    epoch: int
    at: int
    document: Hash
    book: Hash
    matches: int
    non_matches: int
    certificate: Hash | None = None
    """What proves how good the round was; epochs from before there were certificates have none."""
    welfare: Uint128 | None = None
    """What all matches gain over their prices and qualities, in micro-atoms."""


class ChallengeView(Wire):
    """`GET /clearings/{epoch}/challenges`: a better allocation; `GET /clearings/{id}` has the document."""

    id: Hash
    epoch: Uint64
    challenger: Address
    welfare: Uint128
    gain: Uint128
    """What it gains beyond the epoch's own allocation, in micro-atoms."""
    received_at: int


class RoundPrice(Wire):
    """What one epoch's leases cost: of each dimension the upper median of their prices.

    The prices of all leases are in the evidence of the epoch's anchor, so anyone can make it again.
    """

    epoch: Uint64
    at: int
    leases: int
    waiting: int
    """Copies that got no node."""
    prices: Prices


class RoundPrices(Wire):
    """`GET /capacity/prices?rounds=N&until=EPOCH`: the last epochs with a lease, the newest first."""

    items: list[RoundPrice]


class AnchorView(Wire):
    """`GET /clearings/{epoch}/anchor`: the operator's commitment to an epoch, and its way to the chain.

    `GET /clearings/{evidence}` has the evidence, from which the anchor can be made again. `intent` is None
    where nothing is to be sent: the operator is not bonded, or the epoch was idle.
    """

    anchor: Signed[EpochAnchor]
    operator: Address
    intent: Intent | None


class Identity(Wire):
    """`GET /id/{urn}`: the signed facts behind an identifier, and where its evidence lies.

    `facts` holds the signed messages and documents themselves, so that they can be checked against the urn.
    """

    urn: str
    kind: UrnKind
    facts: dict[str, Any]
    see: list[str]
