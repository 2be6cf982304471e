"""The contracts' rules once more in plain Python: what every call does, or by which error it is refused.

Written from the interfaces, not from the code; batches are applied task by task.
"""

from dataclasses import dataclass, field

from suanli.protocol.netting import Batch
from suanli.protocol.states import NodeState
from suanli.protocol.units import fee_rounded_down


class Refused(Exception):
    """The call must revert with the custom error of this name."""


@dataclass
class Account:
    """An account's money in atoms and its last epoch."""

    balance: int = 0
    epoch: int = 0
    stake: int = 0
    thawing: int = 0
    ready_at: int = 0


@dataclass
class Node:
    """A node that is or was connected."""

    owner: str
    stake: int
    state: NodeState = NodeState.CONNECTED
    releasable_at: int = 0


@dataclass
class Grant:
    """What a delegate may still sign away."""

    remaining: int = 0
    expiry: int = 0
    nonce: int = 0


@dataclass
class Books:
    """All books of one deployment. Every method either applies or raises Refused and changes nothing."""

    fee_recipient: str
    fee_basis_points: int
    thaw_seconds: int
    unbonding_seconds: int
    minimum_stake: int
    now: int
    accounts: dict[str, Account] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    stated: dict[tuple[str, str], int] = field(default_factory=dict)
    tokens: int = 0

    def account(self, who: str) -> Account:
        """The account of `who`, opened when it is new."""
        return self.accounts.setdefault(who, Account())

    def grant(self, who: str, delegate: str) -> Grant:
        """What `delegate` may sign for `who`."""
        return self.grants.setdefault((who, delegate), Grant())

    def deposit(self, who: str, amount: int) -> None:
        _require(amount > 0, "InvalidAmount")
        self.account(who).balance += amount
        self.tokens += amount

    def thaw(self, who: str, amount: int) -> None:
        account = self.account(who)
        account.thawing, account.ready_at = amount, self.now + self.thaw_seconds if amount else 0

    def withdraw(self, who: str) -> None:
        account = self.account(who)
        amount = min(account.thawing, account.balance)
        _require(amount > 0, "NothingThawing")
        _require(self.now >= account.ready_at, "StillThawing")
        account.balance -= amount
        account.thawing = account.ready_at = 0
        self.tokens -= amount

    def connect(self, node: str, owner: str, stake: int) -> None:
        _require(node not in self.nodes, "WrongState")
        _require(stake >= self.minimum_stake, "StakeTooSmall")
        account = self.account(owner)
        _require(account.balance >= stake, "BalanceTooSmall")
        account.balance -= stake
        account.stake += stake
        self.nodes[node] = Node(owner, stake)

    def disconnect(self, node: str, caller: str) -> None:
        found = self.nodes.get(node)
        _require(found is not None and found.owner == caller, "NotOwner")
        assert found is not None
        _require(found.state is NodeState.CONNECTED, "WrongState")
        found.state, found.releasable_at = NodeState.UNBONDING, self.now + self.unbonding_seconds

    def release(self, node: str) -> None:
        found = self.nodes.get(node)
        _require(found is not None and found.state is NodeState.UNBONDING, "WrongState")
        assert found is not None
        _require(self.now >= found.releasable_at, "StillUnbonding")
        owner = self.account(found.owner)
        owner.stake -= found.stake
        owner.balance += found.stake
        found.state, found.stake = NodeState.RELEASED, 0

    def delegate(self, who: str, delegate: str, cap: int, expiry: int, nonce: int) -> None:
        _require(who != delegate, "InvalidDelegate")
        _require(self.now <= expiry, "Expired")
        _require(nonce > self.grant(who, delegate).nonce, "NonceUsed")
        self.grants[who, delegate] = Grant(cap, expiry, nonce)

    def revoke(self, who: str, delegate: str) -> None:
        grant = self.grant(who, delegate)
        _require(grant.expiry > 0, "NotDelegated")
        self.grants[who, delegate] = Grant(0, 0, grant.nonce + 1)

    def advance_epoch(self, who: str, epoch: int) -> None:
        _require(epoch <= self.now, "EpochInFuture")
        _require(epoch > self.account(who).epoch, "EpochUsed")
        self.account(who).epoch = epoch

    def settle_statement(self, buyer: str, node: str, amount: int, signer: str) -> None:
        growth = amount - self.stated.get((buyer, node), 0)
        _require(growth > 0, "StatementNotGrown")
        self._require_may_sign(buyer, signer, growth)
        _require(node in self.nodes, "NodeUnknown")
        _require(self.account(buyer).balance >= growth, "BalanceTooSmall")
        self._draw(buyer, signer, growth)
        self.stated[buyer, node] = amount
        self._pay(buyer, node, growth)

    def settle_batch(self, batch: Batch, signers: dict[str, str]) -> None:
        buyers = batch.buyers()
        debits = {buyer: sum(task.amount for task in batch.tasks if task.buyer == buyer) for buyer in buyers}
        for buyer in buyers:
            self._require_may_sign(buyer, signers[buyer], debits[buyer])
        _require(all(node in self.nodes for node in batch.nodes()), "NodeUnknown")
        _require(batch.epoch <= self.now, "EpochInFuture")
        for buyer in buyers:
            _require(batch.epoch > self.account(buyer).epoch, "EpochUsed")
            _require(self.account(buyer).balance >= debits[buyer], "BalanceTooSmall")
        for buyer in buyers:
            self._draw(buyer, signers[buyer], debits[buyer])
            self.account(buyer).epoch = batch.epoch
        for task in batch.tasks:
            self._pay(task.buyer, task.node, task.amount)

    def _require_may_sign(self, buyer: str, signer: str, amount: int) -> None:
        if signer == buyer:
            return
        grant = self.grant(buyer, signer)
        _require(grant.expiry > 0, "NotDelegated")
        _require(self.now <= grant.expiry, "DelegationExpired")
        _require(grant.remaining >= amount, "DelegationExceeded")

    def _draw(self, buyer: str, signer: str, amount: int) -> None:
        if signer != buyer:
            self.grant(buyer, signer).remaining -= amount

    def _pay(self, buyer: str, node: str, amount: int) -> None:
        fee = fee_rounded_down(amount, self.fee_basis_points)
        self.account(buyer).balance -= amount
        self.account(self.nodes[node].owner).balance += amount - fee
        self.account(self.fee_recipient).balance += fee


def _require(condition: bool, error: str) -> None:
    if not condition:
        raise Refused(error)
