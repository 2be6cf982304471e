"""Consent to payment: judges proposals by the node's own books, signs or refuses, and books what was paid.

What the chain paid is read first, so that a proposal is never judged by an older picture.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import dataclass

import structlog
from eth_account.signers.local import LocalAccount

from provider_agent.chain import Chain
from provider_agent.client import MarketClient
from provider_agent.journal import Journal
from provider_agent.payments import (
    BatchPaid,
    ClaimState,
    ClaimTold,
    Payments,
    SerialsPaid,
    StatementPaid,
)
from provider_agent.settings import Timing
from provider_agent.settlement import (
    Booked,
    OwnPart,
    Payee,
    Refusal,
    Way,
    judge_batch,
    judge_statement,
    own_part,
)
from provider_agent.settlement_journal import Payment, SettlementJournal
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import ChainError, NodeError, ProtocolError
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
    owner: Address
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
        if scanned is None or self.books.unsettled() == 0:
            if scanned != str(block):
                self.journal.set_fact(SCANNED_FACT, str(block), durable=False)
        elif int(scanned) < block:
            await self._read_payments(int(scanned) + 1, block)
        self._block = block

    async def _read_payments(self, first: int, last: int) -> None:
        while first <= last:
            landed = await Payments(self.chain, self.key.address).landed(first, last, self.books.claimed())
            payments = [
                *self._of_batches(landed.batches),
                *self._of_statements(landed.statements),
                *self._of_serials(landed.serials),
                *self._of_claims(landed.claims),
            ]
            self.books.pay(payments, landed.claims, landed.last, int(time.time()))
            for payment in payments:
                log.info("paid", receipt=payment.receipt, way=payment.way.value, by=payment.transaction)
            for told in landed.claims:
                log.info("claim", lease=told.lease, state=told.state.value, by=told.transaction)
            first = landed.last + 1

    def _of_batches(self, paid: Iterable[BatchPaid]) -> Iterator[Payment]:
        for batch in paid:
            for receipt, amount in self.books.receipts_of_batch(batch.batch):
                fee = fee_rounded_down(amount, self.chain.deployment.fee_basis_points)
                yield Payment(receipt, Way.NETTING, fee, batch.transaction)

    def _of_serials(self, paid: Iterable[SerialsPaid]) -> Iterator[Payment]:
        """By root the fee is rounded down once for the node; what single fees leave is the last receipt's."""
        points = self.chain.deployment.fee_basis_points
        for one in paid:
            receipts = self.books.receipts_under(one.serials)
            left = int(fee_rounded_down(one.gross, points)) if one.way is Way.ROOT else 0
            for number, (receipt, amount) in enumerate(receipts, start=1):
                fee = left if number == len(receipts) else min(left, fee_rounded_down(amount, points))
                left -= fee
                yield Payment(receipt, one.way, fee, one.transaction)

    def _of_claims(self, told: Iterable[ClaimTold]) -> Iterator[Payment]:
        """Claims carry no fee."""
        for claim in told:
            receipt = self.books.receipt_of(claim.lease)
            if claim.state is ClaimState.PAID and receipt is not None:
                yield Payment(receipt, Way.CLAIM, 0, claim.transaction)

    def _of_statements(self, paid: Iterable[StatementPaid]) -> Iterator[Payment]:
        """Statements carry no fee."""
        for statement in paid:
            for receipt in self.books.receipts_of_statement(statement.root):
                yield Payment(receipt, Way.STATEMENT, 0, statement.transaction)

    async def _answer_batch(self, proposal: wire.BatchProposal) -> None:
        try:
            part = own_part(proposal, self.key.address)
        except ProtocolError as error:
            await self._refuse(_BATCHES, proposal.id, Refusal(error.reason, error.detail))
            return
        books = self.books.booked_under(task.reference for task in part.tasks)
        refusal = await self._judge_batch(part, books)
        if refusal is not None:
            await self._refuse(_BATCHES, proposal.id, refusal)
            return
        signature = sign(self.key, self.domain, proposal.netting)
        receipts = [booked.receipt for booked in books.values()]
        self.books.sign_batch(proposal.netting, signature, receipts, int(time.time()))
        await self._send(_BATCHES, proposal.id, signature)

    async def _judge_batch(self, part: OwnPart, books: dict[str, Booked]) -> Refusal | None:
        epochs = await self._epochs({booked.buyer for booked in books.values()})
        return judge_batch(part, self._payee, books, epochs)

    async def _answer_statement(self, proposal: wire.StatementProposal) -> None:
        refusal = judge_statement(proposal, self._payee, self.books.booked(proposal.receipts))
        if refusal is not None:
            await self._refuse(_STATEMENTS, proposal.id, refusal)
            return
        signature = sign(self.key, self.domain, proposal.statement)
        self.books.sign_statement(proposal.statement, signature, proposal.receipts, int(time.time()))
        await self._send(_STATEMENTS, proposal.id, signature)

    @property
    def _payee(self) -> Payee:
        return Payee(self.key.address, self.owner)

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

    async def _refuse(self, kind: str, proposal: Hash, refusal: Refusal) -> None:
        log.warning("refused", kind=kind, proposal=proposal, reason=refusal.reason, detail=refusal.detail)
        self.books.refuse(proposal, refusal, int(time.time()))
        body = wire.Refusal(party=self.key.address, reason=refusal.reason.value, detail=refusal.detail)
        await self.client.refuse(kind, proposal, body)
