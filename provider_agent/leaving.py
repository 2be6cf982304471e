"""Leaving: disconnect and get the stake back, by the owner's own transactions, with or without a market."""

import asyncio
import time
from dataclasses import dataclass

from eth_account.signers.local import LocalAccount

from provider_agent.chain import Chain
from provider_agent.connect import Progress
from provider_agent.transactions import send
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address, Hash

_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Departure:
    """How far the node got: its state on chain, when the stake comes free, the transactions sent."""

    state: NodeState
    releasable_at: int
    transactions: list[Hash]


async def leave(
    chain: Chain, owner: LocalAccount, node: Address, *, wait: bool, progress: Progress
) -> Departure:
    """Takes the node off the grid as far as the unbonding time allows; run it again to finish.

    `wait` stays until the stake is back. Raises ChainError.
    """
    sent: list[Hash] = []
    record = await chain.node(node)
    if record.state in (NodeState.CONNECTED, NodeState.DRAINING):
        progress("disconnecting on chain")
        sent.append(await _call(chain, owner, "disconnect", node))
        record = await chain.node(node)
    if record.state is NodeState.UNBONDING and (wait or await _now(chain) >= record.releasable_at):
        progress("waiting for the stake to come free")
        while await _now(chain) < record.releasable_at:
            await asyncio.sleep(_POLL_SECONDS)
        sent.append(await _call(chain, owner, "release", node))
        record = await chain.node(node)
    return Departure(record.state, record.releasable_at, sent)


async def _now(chain: Chain) -> float:
    """The time of the next block, near enough: an idle chain's last block may be old."""
    return max(await chain.time(), time.time())


async def _call(chain: Chain, owner: LocalAccount, function: str, node: Address) -> Hash:
    return await send(chain, owner, "GridRegistry", chain.deployment.registry, function, [node])
