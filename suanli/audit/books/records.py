"""What the auditor writes down of each thing that lives in the contracts. Plain values, amounts in atoms."""

from dataclasses import dataclass, field

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
class SerialMark:
    """What took a serial: a settlement's transaction, or a claim."""

    space: Address
    word: int
    mask: int
    by: str


@dataclass(slots=True)
class Reservation:
    """Money set aside for an order or an award, in an account of its own."""

    buyer: Address
    guardian: Address
    account: Address
    awarded: bool = False


@dataclass(slots=True)
class SealedBid:
    """A node's bid in an auction; `score` is None while it is sealed or when it cannot win."""

    payer: Address
    price: int = 0
    quality_cost: int = 0
    score: int | None = None
    opened: bool = False
    returned: bool = False


@dataclass(slots=True)
class Auction:
    """An auction with its terms and every bid."""

    buyer: Address
    account: Address
    tasks: int
    budget: int
    deposit: int
    deadline: int
    weights: tuple[int, ...]
    state: str = "OPEN"
    winner: Address | None = None
    payment: int = 0
    bond: int = 0
    bids: dict[Address, SealedBid] = field(default_factory=dict)


@dataclass(slots=True)
class Operator:
    """A bonded operator and the anchors that it left, by epoch."""

    bond: int = 0
    withdrawable_at: int = 0
    anchors: dict[int, Hash] = field(default_factory=dict)
