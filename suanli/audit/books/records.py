"""What the auditor writes down of each thing that lives in the contracts. Plain values, amounts in atoms."""

from dataclasses import dataclass, field, fields
from enum import IntEnum, StrEnum

from suanli.protocol import court
from suanli.protocol.anchoring import FaultReason
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


@dataclass(frozen=True, slots=True)
class Former:
    """What claims may draw of replaced delegations: the largest one's rest, then the later ones'."""

    remaining: int = 0
    expiry: int = 0
    later_remaining: int = 0
    later_expiry: int = 0

    def since(self, oldest: int) -> "Former":
        """Without what ended before `oldest`."""
        if self.expiry >= oldest:
            return self
        if self.later_expiry < oldest:
            return Former()
        return Former(self.later_remaining, self.later_expiry)

    def replaced(self, remaining: int, ended: int) -> "Former":
        """With the rest of one delegation more, which ended last."""
        if remaining >= self.remaining:
            return Former(remaining, ended)
        return Former(self.remaining, self.expiry, max(self.later_remaining, remaining), ended)

    def drawn(self, amount: int) -> "Former":
        """Less what a claim took."""
        left = self.remaining - amount
        return Former(left, self.expiry, min(self.later_remaining, left), self.later_expiry)


@dataclass(slots=True)
class Reservation:
    """Money set aside for an order or an award, in an account of its own.

    `deadline` and `nonce` are the order's, as far as calldata shows them; an award has no nonce.
    """

    buyer: Address
    guardian: Address
    account: Address
    awarded: bool = False
    deadline: int | None = None
    nonce: int | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether an account has a role, and how long its acts wait, in seconds; None while that changes."""

    member: bool
    delay: int | None


class AuctionPhase(IntEnum):
    """The numbers of the Solidity enum `AuctionState`."""

    NONE = 0
    OPEN = 1
    AWARDED = 2
    CLOSED = 3


@dataclass(slots=True)
class Bid:
    """A node's bid; `score` is None while it is sealed, and for one that cannot win."""

    seal: Hash
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


Fault = tuple[FaultReason, Hash]
"""What was proved of an operator, named as IEpochAnchors names it."""


@dataclass(slots=True)
class Operator:
    """A bonded operator, its anchors by epoch and its proved faults. `charged` has not cost its bond yet."""

    bond: int = 0
    bonded_at: int = 0
    releasable_at: int = 0
    last_epoch: int = 0
    anchors: dict[int, Hash] = field(default_factory=dict)
    charged: Fault | None = None
    proved: set[Fault] = field(default_factory=set)


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
    """A juror of a panel, its seal, and the work that it opened, None while sealed, missing or abstaining."""

    node: Address
    work: Hash | None = None
    seal: Hash | None = None
    abstained: bool = False


@dataclass(slots=True)
class Panel:
    """A panel as it was drawn; `drawn` is how the log packs its jurors' places in the registry's list."""

    seats: list[Seat]
    drawn: int = 0
    drawn_at: int = 0


@dataclass(slots=True)
class Dispute:
    """A challenge of a claim: its parties, its panels, and how the panel that is next is drawn.

    `seed_block` is the block whose hash draws it, `rearmed` whether that was named anew; `tries` and `begun`
    how many places an unfinished draw has tried, and which of them it seated.
    """

    id: Hash
    challenge: court.Challenge
    seed_block: int = 0
    rearmed: bool = False
    tries: int = 0
    begun: list[int] = field(default_factory=list)
    appellant: Address | None = None
    escalated_at: int | None = None
    panels: dict[int, Panel] = field(default_factory=dict)

    @property
    def challenger(self) -> Address:
        """Who says that the claim is false."""
        return self.challenge.challenger

    @property
    def round(self) -> int:
        """The present round: 0 before the small panel, 1 before the large one."""
        return 0 if self.escalated_at is None else 1


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
        return self.payer if self.awarded else self.node

    def as_opened(self) -> court.Claim:
        """The claim as the court hashes it."""
        return court.Claim(**{field.name: getattr(self, field.name) for field in fields(court.Claim)})

    @property
    def is_open(self) -> bool:
        """Whether the court holds the claim's money."""
        return self.state in (ClaimState.OPEN, ClaimState.DISPUTED)
