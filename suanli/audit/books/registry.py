"""What the GridRegistry's events say: nodes, their stakes (which stand in its own account), delegations."""

from typing import Any

from suanli.audit.books.anchors import BURNED
from suanli.audit.books.records import Grant, Node
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.checks import check
from suanli.protocol.states import NodeState, SlashReason
from suanli.protocol.values import Address

_LONGEST_GRACE_SECONDS = 90 * 24 * 3600
"""`Delegations.sol`: no deployment's claim grace is longer."""


def _node_connected(books: Books, event: Event, said: dict[str, Any]) -> None:
    stands = (said["owner"], NodeState.CONNECTED, said["stake"], said["terms"], said["benchmark"])
    books.nodes[said["node"]] = Node(*stands, transaction=event.transaction, connected_at=event.at)
    books.explain(said["owner"], books.modules.registry, said["stake"])


def _node_drained(books: Books, event: Event, said: dict[str, Any]) -> None:
    _turn(books, said["node"], NodeState.DRAINING, NodeState.CONNECTED)


def _node_resumed(books: Books, event: Event, said: dict[str, Any]) -> None:
    _turn(books, said["node"], NodeState.CONNECTED, NodeState.DRAINING)


def _node_disconnected(books: Books, event: Event, said: dict[str, Any]) -> None:
    _turn(books, said["node"], NodeState.UNBONDING, NodeState.CONNECTED, NodeState.DRAINING)
    books.nodes[said["node"]].releasable_at = said["releasableAt"]


def _turn(books: Books, address: Address, to: NodeState, *from_: NodeState) -> None:
    """The node's state changes as `protocol.states` allows it."""
    node = books.nodes[address]
    right = node.state in from_
    books.checks.append(check("node_state", right, f"{address} from {node.state.name} to {to.name}"))
    node.state = to


def _node_released(books: Books, event: Event, said: dict[str, Any]) -> None:
    node = books.nodes[said["node"]]
    _stands(books, said, owner=node.owner, stake=node.stake)
    books.explain(books.modules.registry, node.owner, node.stake)
    _turn(books, said["node"], NodeState.RELEASED, NodeState.UNBONDING)
    node.stake = 0


def _stake_added(books: Books, event: Event, said: dict[str, Any]) -> None:
    node = books.nodes[said["node"]]
    node.stake += said["amount"]
    _stands(books, said, owner=node.owner, stake=node.stake)
    books.explain(said["owner"], books.modules.registry, said["amount"])


def _stake_locked(books: Books, event: Event, said: dict[str, Any]) -> None:
    node = books.nodes[said["node"]]
    node.locked += said["amount"]
    _stands(books, said, locked=node.locked)


def _stake_unlocked(books: Books, event: Event, said: dict[str, Any]) -> None:
    node = books.nodes[said["node"]]
    node.locked -= said["amount"]
    _stands(books, said, locked=node.locked)


def _node_slashed(books: Books, event: Event, said: dict[str, Any]) -> None:
    """A false claim costs its bond, which the court shares out; a juror's fault costs free stake, burned."""
    node, reason = books.nodes[said["node"]], SlashReason(said["reason"])
    false = reason is SlashReason.CLAIM_FALSE
    due, from_, to = books.rules.juror_slash, node.stake - node.locked, BURNED
    if false:
        due, from_, to = books.rules.claim_bond, node.locked, books.modules.court
    amount = min(due, from_)
    locked = node.locked - amount if false else node.locked
    right = (said["amount"], said["to"], said["locked"]) == (amount, to, locked)
    books.checks.append(check("slash", right, f"{amount} atoms of {said['node']} to {to}: {reason.name}"))
    books.slashes[said["node"], reason] -= 1
    node.stake -= said["amount"]
    node.locked = said["locked"]
    books.explain(books.modules.registry, said["to"], said["amount"])


def _delegated(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Of a delegation that this one replaces, what is left stays good for claims."""
    pair = (said["account"], said["delegate"])
    last, former = books.grants[pair], books.former[pair]
    if last.remaining:
        alive = former.since(event.at - _LONGEST_GRACE_SECONDS)
        books.former[pair] = alive.replaced(last.remaining, _ended(last.expiry, event.at))
    books.grants[pair] = Grant(said["cap"], said["expiry"], said["nonce"])
    books.delegated.setdefault(pair, event.transaction)


def _delegation_revoked(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Ends at once; what is left of the cap stays, for claims only."""
    grant = books.grants[said["account"], said["delegate"]]
    grant.expiry, grant.nonce = _ended(grant.expiry, event.at), said["nonce"]


def _stands(books: Books, said: dict[str, Any], **ours: Any) -> None:
    """What the event says stands afterwards is what does."""
    theirs = {name: said[name] for name in ours}
    books.checks.append(
        check("stake_said", theirs == ours, f"node {said['node']}: {theirs}, {ours} by events")
    )


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
