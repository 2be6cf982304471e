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
    _reserved: Memory[Hash, bool] = field(init=False)
    _delegations: Memory[tuple[Address, Address], tuple[int, int]] = field(init=False)
    _approvals: Memory[tuple[Address, bytes, bytes], bool] = field(init=False)

    def __post_init__(self) -> None:
        self._reserved = Memory(self.trust_seconds, self.clock)
        self._delegations = Memory(self.trust_seconds, self.clock)
        self._approvals = Memory(self.trust_seconds, self.clock)
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
        """A reserved order is paid by its reservation alone, the others together by the buyer's account."""
        buyer, id_ = order.message.buyer, order.message.id()
        available = (await self._accounts.get(buyer, self.chain.account)).available
        needed = sum([atoms for one, atoms in owed.items() if not await self._is_reserved(one)])
        if available < needed:
            detail = f"{buyer} has {available} atoms that stay in escrow, its work here may cost {needed}"
            return Objection(Reason.NOT_FUNDED, detail)
        if await self._is_reserved(id_):
            return await self._check_reservation(id_, owed.get(id_, 0))
        return None

    async def _check_reservation(self, order: Hash, needed: int) -> Objection | None:
        reserved = await self._accounts.get(reservation_account(order), self.chain.account)
        if reserved.balance >= needed:
            return None
        detail = f"{reserved.balance} atoms are reserved for {order}, its work here may cost {needed}"
        return Objection(Reason.NOT_FUNDED, detail)

    async def _is_reserved(self, order: Hash) -> bool:
        """By the record in the contract: anyone can pay something into the account of a reservation to be."""
        try:
            return await self._reserved.get(order, self.chain.is_reserved)
        except ChainError as error:
            if error.reason is not Reason.CHAIN_UNREACHABLE:
                raise
            return False

    async def _check_signer(self, order: Signed[JobOrder], needed: int, now: int) -> Objection | None:
        buyer, signer = order.message.buyer, self._signer(order)
        if signer == buyer:
            return None
        if signer is not None:
            remaining, expiry = await self._delegations.get((buyer, signer), self._delegation)
            if expiry >= now and remaining >= needed:
                return None
        return await self._check_contract(order)

    def _signer(self, order: Signed[JobOrder]) -> Address | None:
        try:
            return recover(self.domain, order.message, order.signature)
        except ProtocolError:
            return None

    async def _delegation(self, pair: tuple[Address, Address]) -> tuple[int, int]:
        return await self.chain.delegation(*pair)

    async def _check_contract(self, order: Signed[JobOrder]) -> Objection | None:
        """A contract can disown its signature after the work; claims on a reserved order need none."""
        buyer, id_ = order.message.buyer, order.message.id()
        question = buyer, self.domain.digest(order.message), bytes.fromhex(order.signature[2:])
        if not await self._approvals.get(question, self._approval):
            detail = f"the order is not signed by {buyer} or a delegate of it"
            return Objection(Reason.SIGNER_MISMATCH, detail)
        if not await self._is_reserved(id_):
            return Objection(Reason.NOT_FUNDED, f"{buyer} signs as a contract and has not reserved {id_}")
        return None

    async def _approval(self, question: tuple[Address, bytes, bytes]) -> bool:
        return await self.chain.accepts_signature(*question)
