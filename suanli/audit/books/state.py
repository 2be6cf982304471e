"""The books that the events and calldata of a deployment add up to, kept by the auditor itself. Pure.

Events are recorded by the module of their contract; settlements are applied by `suanli.audit.settling`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from suanli.audit.books.records import (
    Account,
    Auction,
    Claim,
    Former,
    Grant,
    Membership,
    Node,
    Operator,
    Reservation,
)
from suanli.audit.books.serials import Serials
from suanli.audit.chain import Event
from suanli.protocol.checks import Check
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.states import SlashReason
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True)
class Modules:
    """The contracts that hold money in Ledger accounts of their own, and their chain."""

    registry: Address
    bidding: Address
    anchors: Address
    court: Address
    chain_id: int


@dataclass(slots=True)
class Books:
    """All that the contracts know, as the auditor reckons it. Pairs are (account, delegate)."""

    modules: Modules
    rules: CourtRules = field(default_factory=CourtRules)
    claim_grace_seconds: int = 0
    accounts: defaultdict[Address, Account] = field(default_factory=lambda: defaultdict(Account))
    nodes: dict[Address, Node] = field(default_factory=dict)
    """In the order in which they were connected."""
    grants: defaultdict[tuple[Address, Address], Grant] = field(default_factory=lambda: defaultdict(Grant))
    former: defaultdict[tuple[Address, Address], Former] = field(default_factory=lambda: defaultdict(Former))
    """What is left of replaced delegations, for claims only."""
    delegated: dict[tuple[Address, Address], Hash] = field(default_factory=dict)
    """The transaction that first named a delegate."""
    serials: Serials = field(default_factory=Serials)
    cancelled: dict[tuple[Address, int], int] = field(default_factory=dict)
    """When an account cancelled a nonce."""
    reservations: dict[Hash, Reservation] = field(default_factory=dict)
    auctions: dict[Hash, Auction] = field(default_factory=dict)
    operators: defaultdict[Address, Operator] = field(default_factory=lambda: defaultdict(Operator))
    claims: dict[Hash, Claim] = field(default_factory=dict)
    disputed: dict[Hash, Claim] = field(default_factory=dict)
    """Claims by the id of their dispute."""
    roles: dict[tuple[int, Address], Membership] = field(default_factory=dict)
    """Who ever had a role of the Authority."""
    function_roles: dict[tuple[Address, str], int] = field(default_factory=dict)
    """The role that may call a function, by contract and selector."""
    authorities: dict[str, Address] = field(default_factory=dict)
    """Who says what roles there are, by the contract that asks."""
    module_active_at: dict[Address, int] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    """The contracts that take no new business now."""
    deposited: int = 0
    withdrawn: int = 0
    checks: list[Check] = field(default_factory=list)
    """What the recorders worked out a second time, for `replay` to collect."""
    explained: Counter[Address] = field(default_factory=Counter)
    """What the transaction's events say that modules moved, net by account."""
    slashes: Counter[tuple[Address, SlashReason]] = field(default_factory=Counter)
    """How often the transaction's rulings take stake of a node and why, less how often it was taken."""
    payers: list[tuple[tuple[Address, ...], int]] = field(default_factory=list)
    """Payments of the transaction of which events leave open which of several accounts made them."""
    moved: Counter[Address] = field(default_factory=Counter)
    """What the Ledger says that modules moved in the transaction, net by account."""

    def liabilities(self) -> int:
        """What the Ledger owes in all, in atoms."""
        return sum(account.balance for account in self.accounts.values())

    def explain(self, from_: Address, to: Address, amount: int) -> None:
        """An event says that a module moves `amount` atoms; the Ledger's own word must agree."""
        self.explained[from_] -= amount
        self.explained[to] += amount

    def explain_one_of(self, payers: tuple[Address, ...], to: Address, amount: int) -> None:
        """The same where the event does not tell which of several pays."""
        self.payers.append((payers, amount))
        self.explained[to] += amount

    def give(self, account: Address, amount: int) -> None:
        """Credits what no module asked for: a deposit or a settlement's part."""
        self.accounts[account].balance += amount
        self.accounts[account].given += amount

    def unexplained(self) -> dict[Address, int]:
        """Since the last call: what was moved by no event's word, or not moved in spite of it, by account."""
        for payers, amount in self.payers:
            payer = next((one for one in payers if self._lacks(one, amount)), payers[0])
            self.explained[payer] -= amount
        accounts = {*self.moved, *self.explained}
        found = {account: self.moved[account] - self.explained[account] for account in sorted(accounts)}
        self.moved.clear()
        self.explained.clear()
        self.payers.clear()
        return {account: amount for account, amount in found.items() if amount}

    def _lacks(self, account: Address, amount: int) -> bool:
        return self.explained[account] - self.moved[account] >= amount


Recorder = Callable[[Books, Event, dict[str, Any]], None]
"""Applies one event: the books, the event, its arguments."""
