"""Everything that an account has in the contracts at one moment, as the chain told it. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from suanli.direct.bids import SealedBid
from suanli.direct.phases import Case
from suanli.direct.verdicts import SealedVerdict
from suanli.protocol.auctions import AuctionTerms
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
class Waits:
    """How long each way out takes in this deployment, in seconds."""

    thaw: int = 0
    unbonding: int = 0
    operator_unbonding: int = 0
    claim_grace: int = 0


@dataclass(frozen=True, slots=True)
class OwnedNode:
    """A node of the account: its stake and the locked part in atoms, when it comes free once unbonding."""

    node: Address
    state: NodeState
    stake: int
    locked: int
    releasable_at: int


@dataclass(frozen=True, slots=True)
class RunningDelegation:
    """Somebody who may still sign away `remaining` atoms of the account, until `expiry`."""

    delegate: Address
    remaining: int
    expiry: int


@dataclass(frozen=True, slots=True)
class Reserved:
    """What is left of a reservation, and the first second of its release.

    `nonce` is the order's where it is known here and a cancellation would still end it sooner.
    """

    order: Hash
    amount: int
    release_at: int
    nonce: int | None = None


@dataclass(frozen=True, slots=True)
class AuctionHolding:
    """An auction in which the account has money as buyer or bidder, in atoms.

    `budget` is the buyer's, `deposits` the bidders'; `forfeited` are deposits that fall to the buyer. `bids`
    tells whether anybody bids, `sealed` how many bids are not open, `unopened` which of them are the
    account's and known here; `finished` whether every task of an award is paid or claimed,
    `open_claims` how many claims on it the court has not ended.
    """

    auction: Hash
    terms: AuctionTerms
    state: AuctionState
    budget: int = 0
    deposits: int = 0
    forfeited: int = 0
    bids: bool = False
    sealed: int = 0
    own_sealed: int = 0
    unopened: tuple[SealedBid, ...] = ()
    release_at: int = 0
    finished: bool = False
    open_claims: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """A juror's seat of one of the account's nodes: what the chain has of its verdict, and what is here.

    `stored` is what `verdictOf` says; `majority` whether the panel has agreed on the same.
    """

    case: Case
    juror: Address
    round: int
    number: int
    stored: int
    majority: bool = False
    kept: SealedVerdict | None = None

    @property
    def is_sealed(self) -> bool:
        """Whether a verdict is sealed and not yet open."""
        return bool(self.stored & 1)


@dataclass(frozen=True, slots=True)
class Holdings:
    """All of it at the chain's time `now`; amounts in atoms, times in seconds since the epoch.

    `drawing` names for disputes that wait for a panel the call that the court would take now; `findings`
    has for disputes whose verdicts are open what their panels found (`court.kept`), None for no majority.
    """

    account: Address
    now: int
    balance: int
    thawing: int
    thaw_ready_at: int
    rules: CourtRules
    waits: Waits = Waits()
    nodes: tuple[OwnedNode, ...] = ()
    delegations: tuple[RunningDelegation, ...] = ()
    reservations: tuple[Reserved, ...] = ()
    auctions: tuple[AuctionHolding, ...] = ()
    cases: tuple[Case, ...] = ()
    drawing: Mapping[Hash, str] = field(default_factory=dict)
    findings: Mapping[Hash, int | None] = field(default_factory=dict)
    seats: tuple[Seat, ...] = ()
    bond: int = 0
    bond_releasable_at: int = 0

    def owns(self, node: Address) -> bool:
        """Whether the node is the account's."""
        return any(one.node == node for one in self.nodes)
