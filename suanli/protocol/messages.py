"""The signed messages of Suanli, each declared once; Solidity and TypeScript mirror them by test.

Field order and names are part of the signature: changing one makes a new message.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar, Self

from suanli.protocol.eip712 import Message, Struct
from suanli.protocol.units import DIMENSIONS
from suanli.protocol.values import ZERO_HASH, Address, Hash, Uint8, Uint32, Uint64, Uint128, Uint256


class VerificationPolicy(IntEnum):
    """How a result is accepted."""

    BUYER = 0
    """The buyer accepts or rejects each result."""
    REPLICAS = 1
    """`replicas` equal result hashes from nodes of different owners."""


class Outcome(IntEnum):
    """What became of one run. Only these two are receipted; a node's own failures hand the lease back."""

    COMPLETED = 0
    """The program ended with exit code 0."""
    PROGRAM_FAILED = 1
    """The program itself failed, in a way that every machine repeats; its metered work is charged."""


class _Vector(Struct):
    """One number per dimension."""

    @classmethod
    def of(cls, vector: Iterable[int]) -> Self:
        """From the numbers in the order of `units.DIMENSIONS`."""
        names = (dimension.name for dimension in DIMENSIONS)
        return cls.model_validate(dict(zip(names, vector, strict=True)))

    def vector(self) -> tuple[int, ...]:
        """The numbers in the order of `units.DIMENSIONS`."""
        return tuple(getattr(self, dimension.name) for dimension in DIMENSIONS)


class Prices(_Vector):
    """Unit prices in micro-atoms per gigafuel, GiB·gigafuel, MiB in and MiB out."""

    TYPE: ClassVar[str] = "Prices(uint64 fuel,uint64 memoryFuel,uint64 ingress,uint64 egress)"
    fuel: Uint64
    memoryFuel: Uint64
    ingress: Uint64
    egress: Uint64


class Usage(_Vector):
    """Metered work: fuel, MiB·megafuel, bytes in and bytes out."""

    TYPE: ClassVar[str] = "Usage(uint64 fuel,uint64 memoryFuel,uint64 ingress,uint64 egress)"
    fuel: Uint64
    memoryFuel: Uint64
    ingress: Uint64
    egress: Uint64


class Limits(Struct):
    """The most that one task may use. For an ask: the most that the node lets one task use."""

    TYPE: ClassVar[str] = (
        "Limits(uint64 fuel,uint64 memoryBytes,uint64 inputBytes,uint64 outputBytes,uint32 wallSeconds)"
    )
    fuel: Uint64
    memoryBytes: Uint64
    inputBytes: Uint64
    outputBytes: Uint64
    wallSeconds: Uint32


class NodeTerms(Message):
    """Connects a node: signed by the owner (who stakes) and by the node key (proof of possession)."""

    TYPE: ClassVar[str] = (
        "NodeTerms(address node,address owner,bytes32 benchmark,uint128 stake,uint64 expiry)"
    )
    node: Address
    owner: Address
    benchmark: Hash
    stake: Uint128
    expiry: Uint64


class Ask(Message):
    """A node's standing offer, signed by the node key: unit prices, task slots, the largest task.

    `offering` is the content hash of what the node says of itself besides (`offering.py`); zero for nothing.
    """

    TYPE: ClassVar[str] = (
        "Ask(address node,Prices prices,uint128 minimumCharge,uint32 slots,Limits limits,bytes32 offering,"
        "uint64 expiry,uint256 nonce)"
    )
    node: Address
    prices: Prices
    minimumCharge: Uint128
    slots: Uint32
    limits: Limits
    offering: Hash = ZERO_HASH
    expiry: Uint64
    nonce: Uint256


class JobOrder(Message):
    """A buyer's job: tasks under `specRoot`, each within `limits`, paid from at most `budget` by `deadline`.

    Signed by the buyer or by a delegate; `budget` covers every copy of every task and the fee inside it.
    Only leases of `operator` count. `nonce` is any number that the buyer has not used: the contract cancels
    by it.
    """

    TYPE: ClassVar[str] = (
        "JobOrder(address buyer,address operator,bytes32 specRoot,uint32 tasks,uint8 policy,uint8 replicas,"
        "uint128 budget,Prices maximumPrices,Limits limits,uint64 deadline,uint256 nonce)"
    )
    buyer: Address
    operator: Address
    specRoot: Hash
    tasks: Uint32
    policy: Uint8
    replicas: Uint8
    budget: Uint128
    maximumPrices: Prices
    limits: Limits
    deadline: Uint64
    nonce: Uint256


class Lease(Message):
    """The operator's match of one copy of one task with one node, signed by the operator.

    `attempt` numbers the copies of a task; `spec` is the task's content hash under the order's `specRoot`;
    `ask` is the id of the offer it was matched with in clearing `epoch`; `serial` numbers the node's leases,
    and the contracts pay each serial of a node at most once; `cap` is the most that the receipt may charge,
    in atoms; after `deadline` the lease is void.
    """

    TYPE: ClassVar[str] = (
        "Lease(bytes32 order,uint32 task,uint32 attempt,bytes32 spec,bytes32 ask,uint64 epoch,uint64 serial,"
        "address node,Prices prices,uint128 minimumCharge,uint128 cap,uint64 deadline)"
    )
    order: Hash
    task: Uint32
    attempt: Uint32
    spec: Hash
    ask: Hash
    epoch: Uint64
    serial: Uint64
    node: Address
    prices: Prices
    minimumCharge: Uint128
    cap: Uint128
    deadline: Uint64


class Receipt(Message):
    """A node's signed result of one lease: the hash of its result manifest, its usage, its price in atoms."""

    TYPE: ClassVar[str] = "Receipt(bytes32 lease,uint8 outcome,bytes32 result,Usage usage,uint128 amount)"
    lease: Hash
    outcome: Uint8
    result: Hash
    usage: Usage
    amount: Uint128


class Statement(Message):
    """What a buyer owes a node for a list of receipts; both sign it, and it pays without the operator.

    `payee` is the node's owner; `marks` is the keccak256 of the receipts' packed serials in the node's space
    (`serials.py`), each of which the contracts pay at most once. A later statement over more receipts
    replaces one that has not landed.
    """

    TYPE: ClassVar[str] = (
        "Statement(address buyer,address node,address payee,uint128 amount,uint32 receipts,"
        "bytes32 receiptsRoot,bytes32 marks)"
    )
    buyer: Address
    node: Address
    payee: Address
    amount: Uint128
    receipts: Uint32
    receiptsRoot: Hash
    marks: Hash


class Netting(Message):
    """One multilateral batch: `batch` is the keccak256 of its packed parties and tasks (`netting.py`).

    Every party signs the same message; a buyer's account takes each `epoch` at most once.
    """

    TYPE: ClassVar[str] = "Netting(uint64 epoch,bytes32 batch)"
    epoch: Uint64
    batch: Hash


class RootNetting(Message):
    """The same for a batch that lists sums and a root instead of tasks (`root_netting.py`)."""

    TYPE: ClassVar[str] = "RootNetting(uint64 epoch,bytes32 batch)"
    epoch: Uint64
    batch: Hash


class Reservation(Message):
    """The buyer sets `amount` atoms aside for `order`; only its claims, or `Draw`s, take from them."""

    TYPE: ClassVar[str] = "Reservation(bytes32 order,uint128 amount)"
    order: Hash
    amount: Uint128


class Draw(Message):
    """A reservation's guardian (the order's operator) lets a statement take what `order` has reserved."""

    TYPE: ClassVar[str] = "Draw(bytes32 order,bytes32 statement)"
    order: Hash
    statement: Hash


class ReservationRelease(Message):
    """A reservation's guardian lets it shrink to `remaining` atoms before its time."""

    TYPE: ClassVar[str] = "ReservationRelease(bytes32 order,uint128 remaining)"
    order: Hash
    remaining: Uint128


class Cancellation(Message):
    """`account` cancels its order or ask with `nonce`: nothing may be leased under it any more."""

    TYPE: ClassVar[str] = "Cancellation(address account,uint256 nonce)"
    account: Address
    nonce: Uint256


class VerdictSeal(Message):
    """The juror in this seat of a dispute's panel seals its verdict, and anyone may bring it to the court.

    `verdict` is `suanli.protocol.court.verdict_seal`, which also binds the juror's salt.
    """

    TYPE: ClassVar[str] = "VerdictSeal(bytes32 dispute,uint8 round,uint8 seat,bytes32 verdict)"
    dispute: Hash
    round: Uint8
    seat: Uint8
    verdict: Hash


class Delegation(Message):
    """Lets `delegate` order and co-sign for `account`, up to `cap` atoms in all, until `expiry`.

    `nonce` must exceed that of the last delegation to the same delegate, so a revoked one stays revoked.
    """

    TYPE: ClassVar[str] = (
        "Delegation(address account,address delegate,uint128 cap,uint64 expiry,uint64 nonce)"
    )
    account: Address
    delegate: Address
    cap: Uint128
    expiry: Uint64
    nonce: Uint64


class InclusionPromise(Message):
    """The operator's promise that `order` is in the book of clearing `epoch`."""

    TYPE: ClassVar[str] = "InclusionPromise(bytes32 order,uint64 epoch,uint64 receivedAt)"
    order: Hash
    epoch: Uint64
    receivedAt: Uint64


class EpochAnchor(Message):
    """The operator's commitment to one clearing; two different ones for one epoch are a provable fault.

    `bookRoot` is the tree over the ids of the `orders` orders of the book, ascending; `matchRoot` the tree
    over the ids of the `leases` leases; both are zero for none. `prices` is the hash of the dual prices,
    `evidence` the content hash of what an auditor needs to check the clearing.
    """

    TYPE: ClassVar[str] = (
        "EpochAnchor(uint64 epoch,bytes32 bookRoot,bytes32 matchRoot,bytes32 prices,uint32 orders,"
        "uint32 leases,bytes32 evidence)"
    )
    epoch: Uint64
    bookRoot: Hash
    matchRoot: Hash
    prices: Hash
    orders: Uint32
    leases: Uint32
    evidence: Hash


MESSAGES: tuple[type[Message], ...] = (
    NodeTerms,
    Ask,
    JobOrder,
    Lease,
    Receipt,
    Statement,
    Netting,
    RootNetting,
    Reservation,
    Draw,
    ReservationRelease,
    Cancellation,
    VerdictSeal,
    Delegation,
    InclusionPromise,
    EpochAnchor,
)
"""Every signed message, for parity tests and generated mirrors."""
