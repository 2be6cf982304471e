"""What the GridRegistry's events say: nodes, their stakes (which stand in its own account), delegations."""

from typing import Any

from suanli.audit.books.records import Grant, Node
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.states import NodeState


def _node_connected(books: Books, event: Event, said: dict[str, Any]) -> None:
    stands = (said["owner"], NodeState.CONNECTED, said["stake"], said["terms"], said["benchmark"])
    books.nodes[said["node"]] = Node(*stands, transaction=event.transaction, connected_at=event.at)
    books.explain(said["owner"], books.modules.registry, said["stake"])


def _node_drained(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.nodes[said["node"]].state = NodeState.DRAINING


def _node_resumed(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.nodes[said["node"]].state = NodeState.CONNECTED


def _node_disconnected(books: Books, event: Event, said: dict[str, Any]) -> None:
    node = books.nodes[said["node"]]
    node.state, node.releasable_at = NodeState.UNBONDING, said["releasableAt"]


def _node_released(books: Books, event: Event, said: dict[str, Any]) -> None:
    node = books.nodes[said["node"]]
    books.explain(books.modules.registry, node.owner, node.stake)
    node.state, node.stake = NodeState.RELEASED, 0


def _stake_added(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.nodes[said["node"]].stake += said["amount"]
    books.explain(said["owner"], books.modules.registry, said["amount"])


def _stake_locked(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.nodes[said["node"]].locked += said["amount"]


def _stake_unlocked(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.nodes[said["node"]].locked -= said["amount"]


def _node_slashed(books: Books, event: Event, said: dict[str, Any]) -> None:
    node = books.nodes[said["node"]]
    node.stake -= said["amount"]
    node.locked = said["locked"]
    books.explain(books.modules.registry, said["to"], said["amount"])


def _delegated(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Of a delegation that this one replaces, what is left stays good for claims: the largest, the latest."""
    pair = (said["account"], said["delegate"])
    last, former = books.grants[pair], books.former[pair]
    if last.remaining:
        former.remaining = max(former.remaining, last.remaining)
        former.expiry = max(former.expiry, _ended(last.expiry, event.at))
    books.grants[pair] = Grant(said["cap"], said["expiry"], said["nonce"])
    books.delegated.setdefault(pair, event.transaction)


def _delegation_revoked(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Ends at once; what is left of the cap stays, for claims only."""
    grant = books.grants[said["account"], said["delegate"]]
    grant.expiry, grant.nonce = _ended(grant.expiry, event.at), said["nonce"]


def _ended(expiry: int, now: int) -> int:
    """The last second in which a delegation counts that is taken back now."""
    return min(expiry, now - 1)


RECORDERS: dict[str, Recorder] = {
    "NodeConnected": _node_connected,
    "NodeDrained": _node_drained,
    "NodeResumed": _node_resumed,
    "NodeDisconnected": _node_disconnected,
    "NodeReleased": _node_released,
    "StakeAdded": _stake_added,
    "StakeLocked": _stake_locked,
    "StakeUnlocked": _stake_unlocked,
    "NodeSlashed": _node_slashed,
    "Delegated": _delegated,
    "DelegationRevoked": _delegation_revoked,
}
