"""Consent to payment: judges proposals by the node's own books, signs or refuses, and books what was paid.

What the chain paid is read first, so that a proposal is never judged by an older picture.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import structlog
from eth_account.signers.local import LocalAccount

from provider_agent.chain import BatchPaid, Chain, StatementPaid
from provider_agent.client import MarketClient
from provider_agent.journal import Journal
from provider_agent.settings import Timing
from provider_agent.settlement import Refusal, Verdict, Wait, Way, judge_batch, judge_statement, own_tasks
from provider_agent.settlement_journal import Payment, SettlementJournal
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import ChainError, NodeError, ProtocolError
from suanli.protocol.netting import NettingTask
from suanli.protocol.signatures import sign
from suanli.protocol.units import fee_rounded_down
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire import settlement as wire

log = structlog.get_logger()

SCANNED_FACT = "scanned_block"
_BATCHES, _STATEMENTS = "batches", "statements"


@dataclass
class SettlementLoop:
    """One node's consent."""

    key: LocalAccount
    domain: Domain
    journal: Journal
    books: SettlementJournal
    client: MarketClient
    chain: Chain
    timing: Timing
    _block: int | None = None

    async def run(self) -> None:
        """Runs as long as the agent."""
        while True:
            await self.step()
            waiting = self.books.unpaid() > 0
            pause = self.timing.settlement_poll if waiting else self.timing.idle_settlement_poll
            await asyncio.sleep(pause)

    async def step(self) -> None:
        """Reads the chain, then answers every proposal; troubles of network and chain only delay it."""
        try:
            await self._read_chain()
        except ChainError as error:
            self._block = None
            log.warning("chain", reason=error.reason.value, detail=error.detail)
        try:
            for batch in await self.client.batches(self.key.address):
                await self._tolerant(self._answer_batch(batch))
            for statement in await self.client.statements(self.key.address):
                await self._tolerant(self._answer_statement(statement))
        except NodeError as error:
            log.warning("settlement", reason=error.reason.value, detail=error.detail)

    async def _tolerant(self, answer: Awaitable[None]) -> None:
        """A proposal that is overtaken meanwhile says nothing about the others."""
        try:
            await answer
        except NodeError as error:
            log.info("proposal passed", reason=error.reason.value, detail=error.detail)

    async def _read_chain(self) -> None:
        block = max(0, await self.chain.height() - self.timing.confirmations)
        scanned = self.journal.fact(SCANNED_FACT)
        if scanned is None or self.books.unpaid() == 0:
            if scanned != str(block):
                self.journal.set_fact(SCANNED_FACT, str(block), durable=False)
        elif int(scanned) < block:
            await self._read_payments(int(scanned) + 1, block)
        self._block = block

    async def _read_payments(self, first: int, last: int) -> None:
        while first <= last:
            batches, statements, read = await self.chain.payments(self.key.address, first, last)
            payments = [*self._of_batches(batches), *self._of_statements(statements)]
            self.books.pay(payments, read, int(time.time()))
            for payment in payments:
                log.info("paid", receipt=payment.receipt, way=payment.way.value, by=payment.transaction)
            first = read + 1

    def _of_batches(self, paid: Iterable[BatchPaid]) -> Iterator[Payment]:
        for batch in paid:
            for receipt, amount in self.books.receipts_of_batch(batch.batch):
                fee = fee_rounded_down(amount, self.chain.deployment.fee_basis_points)
                yield Payment(receipt, Way.NETTING, fee, batch.transaction)

    def _of_statements(self, paid: Iterable[StatementPaid]) -> Iterator[Payment]:
        """A statement's fee is rounded once; what rounding leaves over is the last receipt's."""
        for statement in paid:
            covered = self.books.unpaid_of_statements(statement.buyer, statement.receipts)
            left = statement.fee
            for number, (receipt, amount) in enumerate(covered, start=1):
                share = fee_rounded_down(amount, self.chain.deployment.fee_basis_points)
                fee = left if number == len(covered) else min(left, share)
                left -= fee
                yield Payment(receipt, Way.STATEMENT, fee, statement.transaction)

    async def _answer_batch(self, proposal: wire.BatchProposal) -> None:
        try:
            tasks = own_tasks(proposal, self.key.address)
        except ProtocolError as error:
            await self._refuse(_BATCHES, proposal.id, Refusal(error.reason, error.detail))
            return
        verdict = await self._judge_batch(proposal.netting.epoch, tasks)
        if verdict is not None:
            await self._decline(_BATCHES, proposal.id, verdict)
            return
        signature = sign(self.key, self.domain, proposal.netting)
        receipts = [task.receipt for task in tasks]
        self.books.sign_batch(proposal.netting, signature, receipts, int(time.time()))
        await self._send(_BATCHES, proposal.id, signature)

    async def _judge_batch(self, epoch: int, tasks: Sequence[NettingTask]) -> Verdict:
        books = self.books.booked(task.receipt for task in tasks)
        epochs = await self._epochs({booked.buyer for booked in books.values()})
        return judge_batch(epoch, tasks, books, epochs)

    async def _answer_statement(self, proposal: wire.StatementProposal) -> None:
        statement = proposal.statement
        verdict = judge_statement(
            proposal,
            self.key.address,
            self.books.booked(proposal.receipts),
            self.books.stated(statement.buyer),
            await self._epochs({statement.buyer}),
        )
        if verdict is not None:
            await self._decline(_STATEMENTS, proposal.id, verdict)
            return
        signature = sign(self.key, self.domain, statement)
        self.books.sign_statement(statement, signature, proposal.receipts, int(time.time()))
        await self._send(_STATEMENTS, proposal.id, signature)

    async def _epochs(self, buyers: Iterable[Address]) -> dict[Address, int]:
        """The epochs that the buyers' accounts took, at the very block up to which payments were read."""
        if self._block is None:
            return {}
        try:
            return {buyer: await self.chain.epoch(buyer, hex(self._block)) for buyer in buyers}
        except ChainError as error:
            log.warning("chain", reason=error.reason.value, detail=error.detail)
            return {}

    async def _send(self, kind: str, proposal: Hash, signature: str) -> None:
        log.info("signed", kind=kind, proposal=proposal)
        answer = wire.CoSignature(party=self.key.address, signature=signature)
        await self.client.co_sign(kind, proposal, answer)

    async def _decline(self, kind: str, proposal: Hash, verdict: Refusal | Wait) -> None:
        if isinstance(verdict, Wait):
            log.info("undecided", kind=kind, proposal=proposal, detail=verdict.detail)
        else:
            await self._refuse(kind, proposal, verdict)

    async def _refuse(self, kind: str, proposal: Hash, refusal: Refusal) -> None:
        log.warning("refused", kind=kind, proposal=proposal, reason=refusal.reason, detail=refusal.detail)
        self.books.refuse(proposal, refusal, int(time.time()))
        body = wire.Refusal(party=self.key.address, reason=refusal.reason.value, detail=refusal.detail)
        await self.client.refuse(kind, proposal, body)
