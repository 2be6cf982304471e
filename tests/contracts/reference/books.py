"""The contracts' rules once more in plain Python: what every call does, or by which error it is refused.

Written from the interfaces, not from the code; batches are applied task by task.
Stakes lie in the registry's own account.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
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

    registry: str
    fee_recipient: str
    fee_basis_points: int
    thaw_seconds: int
    unbonding_seconds: int
    minimum_stake: int
    now: int
    accounts: dict[str, Account] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    spent: set[tuple[str, int]] = field(default_factory=set)
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
        self._move(owner, self.registry, stake)
        self.nodes[node] = Node(owner, stake)

    def add_stake(self, node: str, caller: str, amount: int) -> None:
        found = self._owned(node, caller)
        _require(found.state is NodeState.CONNECTED, "WrongState")
        _require(amount > 0, "NothingAdded")
        self._move(caller, self.registry, amount)
        found.stake += amount

    def disconnect(self, node: str, caller: str) -> None:
        found = self._owned(node, caller)
        _require(found.state is NodeState.CONNECTED, "WrongState")
        found.state, found.releasable_at = NodeState.UNBONDING, self.now + self.unbonding_seconds

    def release(self, node: str) -> None:
        found = self.nodes.get(node)
        _require(found is not None and found.state is NodeState.UNBONDING, "WrongState")
        assert found is not None
        _require(self.now >= found.releasable_at, "StillUnbonding")
        self._move(self.registry, found.owner, found.stake)
        found.state, found.stake = NodeState.RELEASED, 0

    def delegate(self, who: str, delegate: str, cap: int, expiry: int, nonce: int) -> None:
        _require(who != delegate, "InvalidDelegate")
        _require(self.now <= expiry, "Expired")
        _require(nonce > self.grant(who, delegate).nonce, "NonceUsed")
        self.grants[who, delegate] = Grant(cap, expiry, nonce)

    def revoke(self, who: str, delegate: str) -> None:
        grant = self.grant(who, delegate)
        _require(grant.expiry > 0, "NotDelegated")
        grant.expiry, grant.nonce = min(grant.expiry, self.now - 1), grant.nonce + 1

    def advance_epoch(self, who: str, epoch: int) -> None:
        _require(epoch <= self.now, "EpochInFuture")
        _require(epoch > self.account(who).epoch, "EpochUsed")
        self.account(who).epoch = epoch

    def settle_statement(
        self, buyer: str, node: str, payee: str, amount: int, serials: Iterable[int], signer: str
    ) -> None:
        taken = {(node, serial) for serial in serials}
        _require(self.spent.isdisjoint(taken), "AlreadyPaid")
        self._require_may_sign(buyer, signer, amount)
        self._move(buyer, payee, amount)
        self._draw(buyer, signer, amount)
        self.spent |= taken

    def settle_batch(self, batch: Batch, signers: Mapping[str, str]) -> None:
        """Task by task: the fee of each is rounded down."""
        self._debit_all(batch, signers)
        for task in batch.tasks:
            self._credit(batch.payees[task.node], task.amount)

    def settle_root(self, batch: Batch, signers: Mapping[str, str]) -> None:
        """The same batch as sums: the fee of each node's sum is rounded down."""
        self._debit_all(batch, signers)
        gross = Counter[str]()
        for task in batch.tasks:
            gross[task.node] += task.amount
        for node, amount in gross.items():
            self._credit(batch.payees[node], amount)

    def _debit_all(self, batch: Batch, signers: Mapping[str, str]) -> None:
        buyers = batch.buyers()
        debits = {buyer: sum(task.amount for task in batch.tasks if task.buyer == buyer) for buyer in buyers}
        serials = {(task.node, task.serial) for task in batch.tasks}
        _require(self.spent.isdisjoint(serials), "AlreadyPaid")
        for buyer in buyers:
            self._require_may_sign(buyer, signers[buyer], debits[buyer])
        _require(batch.epoch <= self.now, "EpochInFuture")
        for buyer in buyers:
            _require(batch.epoch > self.account(buyer).epoch, "EpochUsed")
            _require(self.account(buyer).balance >= debits[buyer], "BalanceTooSmall")
        for buyer in buyers:
            self._draw(buyer, signers[buyer], debits[buyer])
            self.account(buyer).balance -= debits[buyer]
            self.account(buyer).epoch = batch.epoch
        self.spent |= serials

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

    def _credit(self, payee: str, amount: int) -> None:
        fee = fee_rounded_down(amount, self.fee_basis_points)
        self.account(payee).balance += amount - fee
        self.account(self.fee_recipient).balance += fee

    def _move(self, source: str, target: str, amount: int) -> None:
        _require(self.account(source).balance >= amount, "BalanceTooSmall")
        self.account(source).balance -= amount
        self.account(target).balance += amount

    def _owned(self, node: str, caller: str) -> Node:
        found = self.nodes.get(node)
        if found is None or found.owner != caller:
            raise Refused("NotOwner")
        return found


def _require(condition: bool, error: str) -> None:
    if not condition:
        raise Refused(error)
