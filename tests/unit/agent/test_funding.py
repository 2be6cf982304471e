"""Work begins only for orders that stand and buyers who can pay, and goes on while the chain is silent."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from provider_agent.chain import AccountState
from provider_agent.funding import Funding
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.reservations import reservation_account
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.nodes import Assignment
from tests.unit.agent.offers import CAST, DOMAIN, NOW, assignment

TRUST, NEEDED = 600.0, 500
OTHER = "0x" + "77" * 32


@dataclass
class Chain:
    """What the agent asks of a chain, told by the test."""

    balance: int = NEEDED
    delegated: dict[Address, tuple[int, int]] = field(default_factory=dict)
    cancelled_at: int | None = None
    paid: set[tuple[Address, int]] = field(default_factory=set)
    reserved: dict[Hash, int] = field(default_factory=dict)
    """What is set aside, by order."""
    given: dict[Hash, int] = field(default_factory=dict)
    """What somebody paid into the accounts of reservations that nobody made."""
    is_wallet: bool = False
    """Whether the buyer is a contract that takes every signature as its own."""
    away: bool = False

    async def account(self, address: Address) -> AccountState:
        self._answer()
        held = {reservation_account(one): atoms for one, atoms in (self.reserved | self.given).items()}
        balance = self.balance if address == CAST.buyer.address else held.get(address, 0)
        return AccountState(balance, 0, 0)

    async def is_reserved(self, order: Hash) -> bool:
        self._answer()
        return order in self.reserved

    async def end_of(self, order: tuple[Address, int, int]) -> int:
        self._answer()
        _, _, deadline = order
        return deadline if self.cancelled_at is None else min(deadline, self.cancelled_at)

    async def is_paid(self, node: Address, serial: int) -> bool:
        self._answer()
        return (node, serial) in self.paid

    async def delegation(self, account: Address, delegate: Address) -> tuple[int, int]:
        self._answer()
        return self.delegated.get(delegate, (0, 0))

    async def accepts_signature(self, account: Address, digest: bytes, signature: bytes) -> bool:
        self._answer()
        return self.is_wallet

    def _answer(self) -> None:
        if self.away:
            raise ChainError(Reason.CHAIN_UNREACHABLE, "away")


@dataclass
class Agent:
    """One agent's look at the chain, and its clock."""

    chain: Chain = field(default_factory=Chain)
    now: float = 0.0
    elsewhere: int = 0
    """What of the debt is another order's."""

    def __post_init__(self) -> None:
        chain: Any = self.chain
        self.funding = Funding(chain, DOMAIN, TRUST, lambda: self.now)

    def says(self, offer: Assignment) -> Reason | None:
        owed = {offer.order.message.id(): NEEDED - self.elsewhere, OTHER: self.elsewhere}
        objection = asyncio.run(self.funding.check(offer, owed, NOW))
        return None if objection is None else objection.reason


def test_a_standing_order_of_a_buyer_who_can_pay_is_worked_for() -> None:
    assert Agent().says(assignment()) is None
    assert Agent(Chain(balance=NEEDED - 1)).says(assignment()) is Reason.NOT_FUNDED


def test_no_work_begins_under_a_serial_that_is_used_up() -> None:
    """Whoever used it up: the node's own signature or claim, in another life of this home."""
    lease = assignment(serial=12).lease.message
    assert Agent(Chain(paid={(lease.node, 12)})).says(assignment(serial=12)) is Reason.SERIAL_TAKEN
    others = {(lease.node, 13), (CAST.buyer.address, 12)}
    assert Agent(Chain(paid=others)).says(assignment(serial=12)) is None


def test_a_reserved_order_is_paid_by_its_reservation_and_by_nothing_else() -> None:
    own = assignment().order.message.id()
    assert Agent(Chain(balance=0, reserved={own: NEEDED})).says(assignment()) is None
    assert Agent(Chain(balance=0, reserved={own: NEEDED - 1})).says(assignment()) is Reason.NOT_FUNDED


def test_a_rich_buyer_who_reserved_one_atom_is_not_worked_for() -> None:
    own = assignment().order.message.id()
    assert Agent(Chain(balance=100 * NEEDED, reserved={own: 1})).says(assignment()) is Reason.NOT_FUNDED


def test_a_reservation_pays_for_no_other_order() -> None:
    own = assignment().order.message.id()
    rich = Chain(balance=99, reserved={own: 10 * NEEDED})
    assert Agent(rich, elsewhere=100).says(assignment()) is Reason.NOT_FUNDED
    rich.balance = 100
    assert Agent(rich, elsewhere=100).says(assignment()) is None
    rich.balance, rich.reserved[OTHER] = 0, 1
    assert Agent(rich, elsewhere=100).says(assignment()) is None


def test_money_in_the_account_of_a_reservation_that_nobody_made_covers_nothing() -> None:
    own = assignment().order.message.id()
    assert Agent(Chain(balance=0, given={own: NEEDED})).says(assignment()) is Reason.NOT_FUNDED


def test_a_contracts_order_is_worked_for_when_it_is_reserved() -> None:
    """Its owner may take the contract's signature back after the work; a reserved order needs none."""
    honest = assignment()
    order = CAST.signed(CAST.owner, honest.order.message)
    offer, own = honest.model_copy(update={"order": order}), order.message.id()
    assert Agent(Chain(is_wallet=True)).says(offer) is Reason.NOT_FUNDED
    assert Agent(Chain(is_wallet=True, reserved={own: NEEDED - 1})).says(offer) is Reason.NOT_FUNDED
    assert Agent(Chain(is_wallet=True, reserved={own: NEEDED})).says(offer) is None
    assert Agent(Chain(reserved={own: NEEDED})).says(offer) is Reason.SIGNER_MISMATCH


def test_a_delegates_cap_is_looked_at_for_each_lease() -> None:
    """It is shared by everything that the delegate signed, here and elsewhere."""
    honest = assignment()
    offer = honest.model_copy(update={"order": CAST.signed(CAST.owner, honest.order.message)})
    agent = Agent(Chain(delegated={CAST.owner.address: (NEEDED, NOW)}))
    assert agent.says(offer) is None
    agent.chain.delegated, agent.now = {CAST.owner.address: (NEEDED - 1, NOW)}, 10.0
    assert agent.says(offer) is Reason.SIGNER_MISMATCH


def test_no_lease_of_a_cancelled_order_is_begun() -> None:
    agent = Agent(Chain(cancelled_at=NOW - 1))
    assert agent.says(assignment()) is Reason.JOB_CANCELLED


def test_a_lease_that_runs_beyond_the_orders_end_is_declined() -> None:
    deadline = assignment().lease.message.deadline
    assert Agent(Chain(cancelled_at=deadline - 1)).says(assignment()) is Reason.JOB_CANCELLED
    assert Agent(Chain(cancelled_at=deadline)).says(assignment()) is None


def test_a_cancellation_is_seen_within_seconds() -> None:
    agent = Agent()
    assert agent.says(assignment()) is None
    agent.chain.cancelled_at, agent.now = NOW, 10.0
    assert agent.says(assignment()) is Reason.JOB_CANCELLED


def test_new_orders_are_worked_for_while_the_chain_is_silent_for_a_while() -> None:
    agent = Agent()
    assert agent.says(assignment()) is None
    agent.chain.away, agent.now = True, TRUST
    assert agent.says(assignment(order_changes={"nonce": 8})) is None
    agent.now = TRUST + 1
    assert agent.says(assignment(order_changes={"nonce": 8})) is Reason.CHAIN_UNREACHABLE


@pytest.mark.parametrize(
    ("delegation", "reason"),
    [
        ((NEEDED, NOW), None),
        ((NEEDED - 1, NOW), Reason.SIGNER_MISMATCH),
        ((NEEDED, NOW - 1), Reason.SIGNER_MISMATCH),
    ],
)
def test_a_delegates_order_needs_a_delegation_that_covers_it(
    delegation: tuple[int, int], reason: Reason | None
) -> None:
    honest = assignment()
    by_delegate = honest.model_copy(update={"order": CAST.signed(CAST.owner, honest.order.message)})
    assert Agent(Chain(delegated={CAST.owner.address: delegation})).says(by_delegate) is reason
