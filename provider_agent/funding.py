"""Whether a lease is covered: the buyer (or a delegate) ordered it and did not cancel, the escrow can pay.

While the chain cannot be reached, what it said last counts for a few minutes, so that work goes on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from provider_agent.chain import AccountState, Chain
from provider_agent.lease import Objection
from provider_agent.memory import Memory
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import ChainError, ProtocolError
from suanli.protocol.messages import JobOrder, Lease
from suanli.protocol.reasons import Reason
from suanli.protocol.reservations import reservation_account
from suanli.protocol.signatures import recover
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.nodes import Assignment


@dataclass
class Funding:
    """Looks at the chain for one agent; remembers what it saw. `clock` counts seconds and never goes back."""

    chain: Chain
    domain: Domain
    trust_seconds: float
    clock: Callable[[], float]
    _accounts: Memory[Address, AccountState] = field(init=False)
    _ends: Memory[tuple[Address, int, int], int] = field(init=False)
    _orders: dict[Hash, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._accounts = Memory(self.trust_seconds, self.clock)
        self._ends = Memory(self.trust_seconds, self.clock)

    async def check(self, assignment: Assignment, owed: Mapping[Hash, int], now: int) -> Objection | None:
        """Why order or escrow do not do; `owed` are all atoms that the buyer may come to owe, by order."""
        order, needed = assignment.order, sum(owed.values())
        try:
            return (
                await self._check_signer(order, needed, now)
                or await self._check_end(order.message, assignment.lease.message)
                or await self._check_serial(assignment.lease.message)
                or await self._check_balance(order, owed)
            )
        except ChainError as error:
            return Objection(error.reason, error.detail)

    async def _check_end(self, order: JobOrder, lease: Lease) -> Objection | None:
        """A cancelled order pays nothing more; how long a silent chain is borne, the balance's check says."""
        try:
            end = await self._ends.get((order.buyer, order.nonce, order.deadline), self.chain.end_of)
        except ChainError as error:
            if error.reason is not Reason.CHAIN_UNREACHABLE:
                raise
            return None
        if lease.deadline <= end:
            return None
        return Objection(Reason.JOB_CANCELLED, f"the order ends at {end}, the lease at {lease.deadline}")

    async def _check_serial(self, lease: Lease) -> Objection | None:
        """A serial is paid once: work under one that is used up would be for nothing."""
        try:
            is_paid = await self.chain.is_paid(lease.node, lease.serial)
        except ChainError as error:
            if error.reason is not Reason.CHAIN_UNREACHABLE:
                raise
            return None
        if not is_paid:
            return None
        return Objection(Reason.SERIAL_TAKEN, f"the chain has paid the serial {lease.serial} of this node")

    async def _check_balance(self, order: Signed[JobOrder], owed: Mapping[Hash, int]) -> Objection | None:
        """What is reserved for an order pays for this order only, the buyer's account for all of them."""
        buyer = order.message.buyer
        available = (await self._accounts.get(buyer, self.chain.account)).available
        needed = sum(owed.values())
        if available < needed:
            needed = sum([await self._unreserved(one, atoms) for one, atoms in owed.items()])
        if available < needed:
            detail = f"{buyer} has {available} atoms that stay in escrow, its work here may cost {needed}"
            return Objection(Reason.NOT_FUNDED, detail)
        return None

    async def _unreserved(self, order: Hash, atoms: int) -> int:
        """What of a debt the order's reservation does not cover."""
        reserved = await self._accounts.get(reservation_account(order), self.chain.account)
        return max(0, atoms - reserved.balance)

    async def _check_signer(self, order: Signed[JobOrder], needed: int, now: int) -> Objection | None:
        key = order.message.id() + order.signature
        if self.clock() - self._orders.get(key, -self.trust_seconds) < self.trust_seconds:
            return None
        objection = await self._judge_signer(order, needed, now)
        if objection is None:
            self._orders[key] = self.clock()
        return objection

    async def _judge_signer(self, order: Signed[JobOrder], needed: int, now: int) -> Objection | None:
        buyer = order.message.buyer
        try:
            signer: Address | None = recover(self.domain, order.message, order.signature)
        except ProtocolError:
            signer = None
        if signer == buyer:
            return None
        if signer is not None:
            remaining, expiry = await self.chain.delegation(buyer, signer)
            if expiry >= now and remaining >= needed:
                return None
        digest, raw = self.domain.digest(order.message), bytes.fromhex(order.signature[2:])
        if await self.chain.accepts_signature(buyer, digest, raw):
            return None
        return Objection(Reason.SIGNER_MISMATCH, f"the order is not signed by {buyer} or a delegate of it")
