"""What the auditor writes down of each thing that lives in the contracts. Plain values, amounts in atoms."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from suanli.protocol.states import NodeState
from suanli.protocol.values import Address, Hash


@dataclass(slots=True)
class Account:
    """An account of the Ledger. `given` is what came in without an event that says what for."""

    balance: int = 0
    epoch: int = 0
    thawing: int = 0
    thaw_ready_at: int = 0
    given: int = 0


@dataclass(slots=True)
class Node:
    """A node of the GridRegistry, and where it was connected."""

    owner: Address
    state: NodeState
    stake: int
    terms: Hash
    benchmark: Hash
    transaction: Hash
    releasable_at: int = 0
    locked: int = 0
    connected_at: int = 0


@dataclass(slots=True)
class Grant:
    """A delegation as it stands."""

    remaining: int = 0
    expiry: int = 0
    nonce: int = 0


@dataclass(slots=True)
class Reservation:
    """Money set aside for an order or an award, in an account of its own."""

    buyer: Address
    guardian: Address
    account: Address
    awarded: bool = False


class AuctionPhase(IntEnum):
    """The numbers of the Solidity enum `AuctionState`."""

    NONE = 0
    OPEN = 1
    AWARDED = 2
    CLOSED = 3


@dataclass(slots=True)
class Bid:
    """A node's bid; `score` is None while it is sealed, and for one that cannot win."""

    opened: bool = False
    quality_cost: int = 0
    score: int | None = None


@dataclass(slots=True)
class Auction:
    """An auction with every bid. `rules`: each quality's maximum and weight; `bond`: the winner's deposit."""

    buyer: Address
    account: Address
    tasks: int
    budget: int
    deposit: int
    deadline: int
    spec_root: Hash
    rules: tuple[tuple[int, int], ...]
    phase: AuctionPhase = AuctionPhase.OPEN
    winner: Address | None = None
    payment: int = 0
    bond: int = 0
    bids: dict[Address, Bid] = field(default_factory=dict)


@dataclass(slots=True)
class Operator:
    """A bonded operator and its anchors by epoch."""

    bond: int = 0
    bonded_at: int = 0
    releasable_at: int = 0
    last_epoch: int = 0
    anchors: dict[int, Hash] = field(default_factory=dict)


class Ruling(IntEnum):
    """How a dispute ended; the numbers of the Solidity enum `Ruling`."""

    UNDECIDED = 0
    STANDS = 1
    FALLS = 2


class ClaimState(StrEnum):
    """Where a claim stands."""

    OPEN = "OPEN"
    DISPUTED = "DISPUTED"
    PAID = "PAID"
    FALLEN = "FALLEN"
    """A panel found something else: nobody was paid, and the claim is never opened again."""
    RETURNED = "RETURNED"
    """No panel was found or agreed: nobody was paid, and the claim may be opened again."""


@dataclass(slots=True)
class Seat:
    """A juror of a panel and the work that it opened, None while sealed, missing or abstaining."""

    node: Address
    work: Hash | None = None


@dataclass(slots=True)
class Dispute:
    """A challenge of a claim: its parties and its panels, seat by seat."""

    id: Hash
    challenger: Address
    appellant: Address | None = None
    escalated: bool = False
    panels: dict[int, list[Seat]] = field(default_factory=dict)


@dataclass(slots=True)
class Claim:
    """A claim as it was opened; `payer` is where the money came from and where it returns."""

    id: Hash
    order: Hash
    task: int
    node: Address
    buyer: Address
    payer: Address
    awarded: bool
    serial: int
    amount: int
    opened_at: int
    work: Hash
    transaction: Hash
    state: ClaimState = ClaimState.OPEN
    dispute: Dispute | None = None
    ended_in: Hash | None = None
    ended_at: int = 0
    payee: Address | None = None

    @property
    def space(self) -> Address:
        """Whose serials the claim's counts among."""
        return self.payer if self.awarded else self.buyer

    @property
    def is_open(self) -> bool:
        """Whether the court holds the claim's money."""
        return self.state in (ClaimState.OPEN, ClaimState.DISPUTED)
