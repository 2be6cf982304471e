"""The agent's books against a real chain: pay is seen whichever way it landed, with no market alive."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from provider_agent.chain import Chain
from provider_agent.client import MarketClient
from provider_agent.earnings import Earning, earnings
from provider_agent.instructions import Held
from provider_agent.journal import Journal, SealedReceipt, open_database
from provider_agent.market_http import MarketHttp
from provider_agent.rpc import Rpc
from provider_agent.settings import Timing
from provider_agent.settlement_journal import SettlementJournal
from provider_agent.settlement_loop import SettlementLoop
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.netting import message
from suanli.protocol.states import RunState
from suanli.protocol.units import fee_rounded_down
from suanli.protocol.wire.nodes import Assignment
from tests.integration.anvil import Anvil
from tests.integration.audit_court import Court
from tests.integration.audit_world import World, task_of

RULES = CourtRules.development()


class Books:
    """The journal of the world's node, and the loop that reads the chain into it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.database: sqlite3.Connection = open_database(folder / "journal.sqlite")
        self.journal = Journal(self.database)
        self.settlement = SettlementJournal(self.database)
        self.read()  # what lies before the first look is nobody's pay

    def add(self, bundles: list[EvidenceBundle]) -> None:
        """The node did this work."""
        for one in bundles:
            lease = one.lease.message
            offer = Assignment(lease=one.lease, order=one.order, spec=one.spec, proof=one.proof)
            self.journal.add(offer, Held(lease.id(), lease.deadline), 1)
            done = Held(lease.id(), lease.deadline, RunState.ACKED)
            self.journal.finish(done, SealedReceipt(one.receipt, one.manifest), 1)

    def read(self) -> list[Earning]:
        """One look at the chain; what the books say then."""
        asyncio.run(self._step())
        return earnings(self.database)

    async def _step(self) -> None:
        rpc, cast = Rpc(self.world.anvil.rpc_url), self.world.cast
        client = MarketClient(MarketHttp("http://127.0.0.1:1", cast.node, self.world.deployment.chain_id))
        loop = SettlementLoop(
            cast.node,
            cast.owner.address,
            self.world.domain,
            self.journal,
            self.settlement,
            client,
            Chain(rpc, self.world.deployment),
            Timing(confirmations=0),
        )
        try:
            await loop.step()
        finally:
            await client.close()
            await rpc.close()


@pytest.fixture
def world(anvil: Anvil, tmp_path: Path) -> World:
    """A connected node whose buyer and operator have money."""
    world = World(anvil, tmp_path)
    for key in (world.cast.buyer, world.cast.owner, world.cast.operator):
        world.endow(key)
    world.connect()
    return world


@pytest.fixture
def books(world: World, tmp_path: Path) -> Iterator[Books]:
    """The node's books, before any work."""
    books = Books(world, tmp_path)
    with closing(books.database):
        yield books


def ways(found: list[Earning]) -> list[tuple[str | None, int]]:
    """How each receipt was paid, and for which fee."""
    return [(one.way, one.fee) for one in found]


def test_a_payment_by_root_is_booked_with_the_nodes_whole_fee(world: World, books: Books) -> None:
    bundles = world.work("by root", tasks=3)
    books.add(bundles)
    paid = bundles[:2]
    world.settle_root(1, paid)
    gross = sum(one.receipt.message.amount for one in paid)
    found = {one.receipt: one for one in books.read()}
    settled = [found[one.receipt.message.id()] for one in paid]
    assert {one.way for one in settled} == {"ROOT"}
    assert sum(one.fee for one in settled) == fee_rounded_down(gross, world.deployment.fee_basis_points)
    assert found[bundles[2].receipt.message.id()].way is None


def test_a_packed_statement_is_booked_without_a_fee(world: World, books: Books) -> None:
    bundles = world.work("stated", tasks=2)
    books.add(bundles)
    world.settle_rows(bundles)
    assert ways(books.read()) == [("STATEMENT", 0)] * 2


def test_a_single_statement_and_a_batch_that_the_node_signed_are_booked(world: World, books: Books) -> None:
    stated, netted = world.work("stated", tasks=1), world.work("netted", tasks=1)
    books.add(stated + netted)
    receipt = netted[0].receipt.message
    statement = world.statement(stated)
    books.settlement.sign_statement(statement, "0x00", [stated[0].receipt.message.id()], 1)
    netting = message(world.batch(1, task_of(netted[0])))
    books.settlement.sign_batch(netting, "0x00", [receipt.id()], 1)
    world.settle_statement(stated)
    world.settle(1, task_of(netted[0]))
    fee = fee_rounded_down(receipt.amount, world.deployment.fee_basis_points)
    assert sorted(ways(books.read())) == [("NETTING", fee), ("STATEMENT", 0)]


def test_a_claim_is_booked_as_open_and_then_as_paid(world: World, books: Books) -> None:
    bundles, court = world.work("claimed", tasks=2), Court(world)
    books.add(bundles)
    claims = court.open_claims(bundles)
    assert [(one.claimed, one.way) for one in books.read()] == [(True, None)] * 2
    court.close(claims[0])
    world.send("ClaimCourt", "closeClaim", claims[1])
    assert [(one.claimed, one.way, one.fee) for one in books.read()] == [(False, "CLAIM", 0)] * 2


def test_a_claim_that_nobody_could_judge_is_open_no_more(world: World, books: Books) -> None:
    bundles, court = world.work("undecided", tasks=1), Court(world)
    books.add(bundles)
    (claim,) = court.open_claims(bundles)
    challenge, _ = court.challenge(claim, world.cast.operator.address)
    assert [one.claimed for one in books.read()] == [True]
    world.later(RULES.draw_seconds)
    court.resolve(claim, challenge)
    assert [(one.claimed, one.way) for one in books.read()] == [(False, None)]


def test_somebody_elses_payments_are_not_taken_for_its_own(world: World, books: Books) -> None:
    bundles = world.work("others", tasks=1)
    world.settle_root(1, bundles)
    other = world.work("own", tasks=1)
    books.add(other)
    assert ways(books.read()) == [(None, 0)]
