"""Everything that an account has in the contracts at one moment, as the chain told it. Values only."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from suanli.direct.phases import Case
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address, Hash


class AuctionState(IntEnum):
    """The life of an auction; the numbers are those of the Solidity enum."""

    NONE = 0
    OPEN = 1
    AWARDED = 2
    CLOSED = 3


@dataclass(frozen=True, slots=True)
class OwnedNode:
    """A node of the account: its stake and the locked part in atoms, when it comes free once unbonding."""

    node: Address
    state: NodeState
    stake: int
    locked: int
    releasable_at: int


@dataclass(frozen=True, slots=True)
class Reserved:
    """What is left of a reservation, and the first second of its release."""

    order: Hash
    amount: int
    release_at: int


@dataclass(frozen=True, slots=True)
class AuctionHolding:
    """An auction in which the account has money as buyer (`budget`) or bidder (`deposits`), in atoms.

    `bids` tells whether anybody bids, `sealed` how many bids are not open; `finished` whether every task of
    an award is paid or claimed; `terms` is what the contract takes.
    """

    auction: Hash
    terms: tuple[Any, ...]
    state: AuctionState
    budget: int
    deposits: int
    bids: bool
    sealed: int
    commit_until: int
    reveal_until: int
    release_at: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Holdings:
    """All of it at the chain's time `now`; amounts in atoms, times in seconds since the epoch."""

    account: Address
    now: int
    balance: int
    thawing: int
    thaw_ready_at: int
    rules: CourtRules
    nodes: tuple[OwnedNode, ...] = ()
    reservations: tuple[Reserved, ...] = ()
    auctions: tuple[AuctionHolding, ...] = ()
    cases: tuple[Case, ...] = ()
    bond: int = 0
    bond_releasable_at: int = 0
