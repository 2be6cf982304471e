"""Puts an agent together from its home folder and runs it until it is told to stop."""

import asyncio
import signal
import time
from contextlib import suppress
from dataclasses import dataclass

import structlog
from eth_account.signers.local import LocalAccount

from provider_agent.asking import Asking
from provider_agent.blobs import BlobCache
from provider_agent.chain import Chain
from provider_agent.client import MarketClient
from provider_agent.daemon import Daemon
from provider_agent.effects import Handle, LeaseEffects
from provider_agent.executors.nursery import Nursery
from provider_agent.executors.wasm import WasmExecutor
from provider_agent.funding import Funding
from provider_agent.home import Home
from provider_agent.journal import FaultPoint, Journal, no_fault, open_database
from provider_agent.judging.assembly import make_judging
from provider_agent.keys import open_key
from provider_agent.lease import Terms
from provider_agent.machine import Machine
from provider_agent.market_http import MarketHttp
from provider_agent.network import NetworkLoop
from provider_agent.rpc import Rpc
from provider_agent.settings import Settings
from provider_agent.settlement_journal import SettlementJournal
from provider_agent.settlement_loop import SettlementLoop
from suanli.protocol.deployment import same_contracts
from suanli.protocol.errors import ChainError, NodeError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState
from suanli.protocol.wire.accounts import Deployment

log = structlog.get_logger()

_WORKING = frozenset({NodeState.CONNECTED, NodeState.DRAINING})


@dataclass(frozen=True)
class Connections:
    """A node's two ways out: its market and its chain."""

    client: MarketClient
    chain: Chain

    @classmethod
    def open(cls, settings: Settings, key: LocalAccount) -> "Connections":
        """Connects on first use."""
        http = MarketHttp(settings.market, key, settings.deployment.chain_id)
        return cls(MarketClient(http), Chain(Rpc(settings.rpc), settings.deployment))

    async def close(self) -> None:
        """Ends both."""
        await self.client.close()
        await self.chain.rpc.close()


async def run_agent(home: Home, settings: Settings, fault: FaultPoint = no_fault) -> None:
    """Runs the node's agent until SIGTERM or SIGINT. Raises NodeError when it cannot start."""
    key = open_key(home.node_keystore, home.node_password)
    home.make_folders()
    with home.locked():
        connections = Connections.open(settings, key)
        try:
            leaving = await _check_place(settings, key, connections)
            serve = _serve_court if leaving else _serve
            await serve(home, settings, key, connections, fault)
        finally:
            await connections.close()


async def _serve(
    home: Home, settings: Settings, key: LocalAccount, connections: Connections, fault: FaultPoint
) -> None:
    client, chain = connections.client, connections.chain
    journal = Journal(open_database(home.journal), fault)
    books = SettlementJournal(journal.database, fault)
    machine = Machine(slots=1)
    asking = Asking(home, settings, key, journal, client, lambda slots: setattr(machine, "slots", slots))
    asking.read()
    nursery = Nursery()
    await nursery.open()
    executor = WasmExecutor(nursery, home.compiled)

    def make_effects(handle: Handle) -> LeaseEffects:
        return LeaseEffects(
            home=home,
            key=key,
            domain=settings.domain,
            journal=journal,
            client=client,
            funding=Funding(chain, settings.domain, settings.timing.chain_trust, time.monotonic),
            blobs=BlobCache(home.blobs),
            executor=executor,
            terms=lambda: Terms(
                settings.domain,
                settings.deployment.operator,
                key.address,
                asking.valid(),
                settings.covered_seconds,
            ),
            handle=handle,
        )

    daemon = Daemon(key.address, machine, journal, client, settings.timing, make_effects)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, daemon.stop)
    settlement = SettlementLoop(
        key, settings.owner, settings.domain, journal, books, client, chain, settings.timing
    )
    judging = make_judging(home, settings, key, journal, client, chain, executor, fault)
    network = NetworkLoop(home, settings, key.address, client)
    log.info("works", node=key.address, market=settings.market, slots=machine.slots)
    await daemon.serve(also=(asking.run, settlement.run, judging.run, network.run))
    log.info("ended", node=key.address)


async def _serve_court(
    home: Home, settings: Settings, key: LocalAccount, connections: Connections, fault: FaultPoint
) -> None:
    """What a node that has left still owes: the verdicts of panels for which it was drawn before."""
    journal = Journal(open_database(home.journal), fault)
    executor = WasmExecutor(Nursery(), home.compiled)
    client, chain = connections.client, connections.chain
    judging = make_judging(home, settings, key, journal, client, chain, executor, fault)
    log.info("judges only: the node has left", node=key.address)
    duty = asyncio.create_task(judging.run_until_done())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, duty.cancel)
    try:
        with suppress(asyncio.CancelledError):
            await duty
    finally:
        await executor.close()


async def _check_place(settings: Settings, key: LocalAccount, connections: Connections) -> bool:
    """Whether the node has left, so that it may owe verdicts at most.

    Raises NodeError when market or chain are not those the node was made for; silence is no objection.
    """
    try:
        check_deployment(settings, await connections.client.deployment())
    except NodeError as error:
        if error.reason is not Reason.MARKET_UNREACHABLE:
            raise
        log.warning("market", reason=error.reason.value, detail=error.detail)
    try:
        await connections.chain.check_identity()
        record = await connections.chain.node(key.address)
    except ChainError as error:
        if error.reason is not Reason.CHAIN_UNREACHABLE:
            raise
        log.warning("chain", reason=error.reason.value, detail=error.detail)
        return False
    if record.state not in (*_WORKING, NodeState.UNBONDING):
        detail = f"the node {key.address} is {record.state.name} on chain: run `suanli node connect`"
        raise NodeError(Reason.NODE_NOT_CONNECTED, detail)
    return record.state is NodeState.UNBONDING


def check_deployment(settings: Settings, found: Deployment) -> None:
    """Raises NodeError(WRONG_CHAIN) when a market serves other contracts than the node was made for."""
    if not same_contracts(settings.deployment, found):
        detail = f"the market at {settings.market} serves another deployment than this node was made for"
        raise NodeError(Reason.WRONG_CHAIN, detail)
