"""The books that the events and calldata of a deployment add up to, kept by the auditor itself. Pure.

`record` takes events one by one in their order; settlements are applied by `settling.py`.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from suanli.audit.chain import Event
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address, Hash


@dataclass(slots=True)
class Account:
    """An account of the Ledger, in atoms."""

    balance: int = 0
    epoch: int = 0
    thawing: int = 0
    thaw_ready_at: int = 0
    stake: int = 0


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


@dataclass(slots=True)
class Grant:
    """A delegation as it stands."""

    remaining: int = 0
    expiry: int = 0
    nonce: int = 0


@dataclass(slots=True)
class Books:
    """Accounts, nodes, delegations and statement totals. Pairs are (account, delegate) and (buyer, node)."""

    accounts: defaultdict[Address, Account] = field(default_factory=lambda: defaultdict(Account))
    nodes: dict[Address, Node] = field(default_factory=dict)
    grants: defaultdict[tuple[Address, Address], Grant] = field(default_factory=lambda: defaultdict(Grant))
    delegated: dict[tuple[Address, Address], Hash] = field(default_factory=dict)
    """The transaction that first named a delegate."""
    statements: defaultdict[tuple[Address, Address], int] = field(default_factory=lambda: defaultdict(int))
    paid_receipts: dict[Hash, Hash] = field(default_factory=dict)
    """The transaction whose batch paid a receipt."""
    deposited: int = 0
    withdrawn: int = 0

    def liabilities(self) -> int:
        """What the Ledger owes in all, in atoms: balances and stakes."""
        return sum(account.balance + account.stake for account in self.accounts.values())


def record(books: Books, event: Event) -> None:
    """Applies one event that is not a settlement."""
    RECORDERS[event.name](books, event, event.arguments)


def _deposited(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.accounts[said["account"]].balance += said["amount"]
    books.deposited += said["amount"]


def _withdrawn(books: Books, event: Event, said: dict[str, Any]) -> None:
    account = books.accounts[said["account"]]
    account.balance -= said["amount"]
    account.thawing = account.thaw_ready_at = 0
    books.withdrawn += said["amount"]


def _thaw_started(books: Books, event: Event, said: dict[str, Any]) -> None:
    account = books.accounts[said["account"]]
    account.thawing, account.thaw_ready_at = said["amount"], said["readyAt"]


def _stake_locked(books: Books, event: Event, said: dict[str, Any]) -> None:
    _move_stake(books.accounts[said["account"]], said["amount"])


def _stake_released(books: Books, event: Event, said: dict[str, Any]) -> None:
    _move_stake(books.accounts[said["account"]], -said["amount"])


def _move_stake(account: Account, amount: int) -> None:
    account.balance -= amount
    account.stake += amount


def _epoch_advanced(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.accounts[said["account"]].epoch = said["epoch"]


def _node_connected(books: Books, event: Event, said: dict[str, Any]) -> None:
    stands = (said["owner"], NodeState.CONNECTED, said["stake"], said["terms"], said["benchmark"])
    books.nodes[said["node"]] = Node(*stands, transaction=event.transaction)


def _node_drained(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.nodes[said["node"]].state = NodeState.DRAINING


def _node_resumed(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.nodes[said["node"]].state = NodeState.CONNECTED


def _node_disconnected(books: Books, event: Event, said: dict[str, Any]) -> None:
    node = books.nodes[said["node"]]
    node.state, node.releasable_at = NodeState.UNBONDING, said["releasableAt"]


def _node_released(books: Books, event: Event, said: dict[str, Any]) -> None:
    node = books.nodes[said["node"]]
    node.state, node.stake = NodeState.RELEASED, 0


def _delegated(books: Books, event: Event, said: dict[str, Any]) -> None:
    pair = (said["account"], said["delegate"])
    books.grants[pair] = Grant(said["cap"], said["expiry"], said["nonce"])
    books.delegated.setdefault(pair, event.transaction)


def _delegation_revoked(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.grants[said["account"], said["delegate"]] = Grant(0, 0, said["nonce"])


RECORDERS: dict[str, Callable[[Books, Event, dict[str, Any]], None]] = {
    "Deposited": _deposited,
    "Withdrawn": _withdrawn,
    "ThawStarted": _thaw_started,
    "StakeLocked": _stake_locked,
    "StakeReleased": _stake_released,
    "EpochAdvanced": _epoch_advanced,
    "NodeConnected": _node_connected,
    "NodeDrained": _node_drained,
    "NodeResumed": _node_resumed,
    "NodeDisconnected": _node_disconnected,
    "NodeReleased": _node_released,
    "Delegated": _delegated,
    "DelegationRevoked": _delegation_revoked,
}
"""One for every event of the contracts but the two settlements."""
