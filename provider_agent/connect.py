"""Connect (算力并网): the owner stakes for a node, the node key proves itself, the chain decides."""

import asyncio
import time
from collections.abc import Callable

from eth_account.signers.local import LocalAccount

from provider_agent.agent import Connections
from provider_agent.capability import Capability
from provider_agent.home import Home
from provider_agent.settings import Settings
from provider_agent.transactions import send
from suanli.protocol.errors import ChainError, NodeError
from suanli.protocol.messages import NodeTerms
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import ConnectRequest, Intent, IntentState

Progress = Callable[[str], None]

_VALID_SECONDS = 3600
_PATIENCE_SECONDS = 300.0
_POLL_SECONDS = 0.3


def make_terms(
    settings: Settings, node: LocalAccount, owner: LocalAccount, benchmark: Hash, stake: int
) -> ConnectRequest:
    """The node's terms with the signatures of both keys. Raises NodeError(SIGNER_MISMATCH)."""
    if owner.address != settings.owner:
        detail = f"the keystore is {owner.address}'s, the owner of this node is {settings.owner}"
        raise NodeError(Reason.SIGNER_MISMATCH, detail)
    terms = NodeTerms(
        node=node.address,
        owner=owner.address,
        benchmark=benchmark,
        stake=stake,
        expiry=int(time.time()) + _VALID_SECONDS,
    )
    by_owner, by_node = (sign(key, settings.domain, terms) for key in (owner, node))
    return ConnectRequest(terms=terms, owner_signature=by_owner, node_signature=by_node)


async def check_can_stake(connections: Connections, settings: Settings, stake: int | None) -> int:
    """The stake in atoms, `stake` or the least. Raises NodeError when the owner does not have it."""
    least = await connections.chain.minimum_stake()
    wanted = least if stake is None else stake
    if wanted < least:
        raise NodeError(Reason.BALANCE_TOO_SMALL, f"the stake is at least {least} atoms")
    available = (await connections.chain.account(settings.owner)).available
    if available < wanted:
        detail = f"{settings.owner} has {available} atoms in escrow, the stake is {wanted}"
        raise NodeError(Reason.BALANCE_TOO_SMALL, detail)
    return wanted


async def is_connected(connections: Connections, node: Address) -> bool:
    """Whether the chain has the node as connected. Raises NodeError for one that has left for good."""
    state = (await connections.chain.node(node)).state
    if state in (NodeState.UNBONDING, NodeState.RELEASED):
        detail = f"the node {node} has left ({state.name}): make a new home with `suanli node init`"
        raise NodeError(Reason.STATE_CONFLICT, detail)
    return state is not NodeState.NONE


async def connect_by_market(
    connections: Connections, request: ConnectRequest, progress: Progress
) -> Hash | None:
    """Lets the market relay the terms and waits until they landed; the transaction."""
    intent = await connections.client.connect(request)
    shown: IntentState | None = None
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while intent.state not in (IntentState.CONFIRMED, IntentState.FAILED):
        if intent.state is not shown:
            shown = intent.state
            progress(f"the market's relayer: {intent.state.value.lower()}")
        if time.monotonic() > deadline:
            raise NodeError(Reason.CHAIN_UNREACHABLE, "the market has not landed the terms yet; run it again")
        await asyncio.sleep(_POLL_SECONDS)
        intent = await connections.client.intent(intent.id)
    return _landed(intent)


async def connect_directly(
    connections: Connections, settings: Settings, owner: LocalAccount, request: ConnectRequest
) -> Hash:
    """The owner sends the terms to the chain in a transaction of their own; needs gas, not the market."""
    terms = request.terms
    message = (terms.node, terms.owner, bytes.fromhex(terms.benchmark[2:]), terms.stake, terms.expiry)
    signatures = [bytes.fromhex(one[2:]) for one in (request.owner_signature, request.node_signature)]
    registry = settings.deployment.registry
    return await send(connections.chain, owner, "GridRegistry", registry, "connect", [message, *signatures])


async def await_market(connections: Connections, node: Address, progress: Progress) -> None:
    """Waits until the market has seen the node on the chain, so that an agent can start at once."""
    progress("waiting for the market to see it on the chain")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if (await connections.client.node(node)).state is NodeState.CONNECTED:
                return
        except NodeError as error:
            if error.reason is not Reason.NOT_FOUND:
                raise
        await asyncio.sleep(_POLL_SECONDS)
    raise NodeError(Reason.NODE_NOT_CONNECTED, "the market has not seen the node on the chain yet")


async def publish_capability(connections: Connections, home: Home, capability: Capability) -> Hash:
    """Keeps the document here and in the market; its hash."""
    home.capability.write_bytes(capability.canonical())
    await connections.client.upload(capability.content_hash(), home.capability)
    return capability.content_hash()


def _landed(intent: Intent) -> Hash | None:
    if intent.state is IntentState.FAILED:
        reason = intent.failure.reason if intent.failure else Reason.CONTRACT_REVERTED
        raise ChainError(
            reason, intent.failure.detail if intent.failure else "the contract refused the terms"
        )
    return intent.transaction
