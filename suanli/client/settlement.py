"""Co-signs settlements for the buyer: fetches what waits, asks `consent`, signs or refuses with the reason.

The record is written before a signature leaves, in the transaction that reads what consent is decided from;
a proposal that cannot be judged now is left for later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_account.signers.local import LocalAccount

from suanli.client.books import BuyerBooks
from suanli.client.connection import Connection
from suanli.client.consent import object_to_batch, object_to_statement
from suanli.client.judgement import ChainState, Objection
from suanli.client.record import Place
from suanli.protocol import netting
from suanli.protocol.errors import MarketError, ProtocolError
from suanli.protocol.messages import Netting, Statement
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import reference_of, word_of
from suanli.protocol.signatures import sign
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.settlement import BatchProposal, CoSignature, Refusal, StatementProposal

if TYPE_CHECKING:
    from suanli.client.chain import Chain

_AGAIN_SECONDS = 10.0
"""A proposal that still waits so long after its answer has been opened anew: it is judged again."""
_OVERTAKEN = frozenset({Reason.NOT_FOUND, Reason.STATE_CONFLICT, Reason.EPOCH_STALE, Reason.MESSAGE_REPLAYED})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the buyer said to one proposal: `amount` atoms signed for, or an objection."""

    kind: str
    id: Hash
    receipts: int
    amount: int
    objection: Objection | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        objection = self.objection
        return {
            "kind": self.kind,
            "id": self.id,
            "signed": objection is None,
            "waits": objection is not None and objection.waits,
            "receipts": self.receipts,
            "amount": str(self.amount),
            "reason": objection.reason.value if objection else None,
            "detail": objection.detail if objection else None,
        }


class CoSigner:
    """The hand that signs settlements, with the account's own key or a delegate's."""

    def __init__(
        self, connection: Connection, books: BuyerBooks, key: LocalAccount, chain: Callable[[], Chain | None]
    ) -> None:
        self._connection = connection
        self._books = books
        self._account = books.party.account
        self._key = key
        self._chain = chain
        self._answered: dict[Hash, float] = {}

    def answer_all(self) -> list[Answer]:
        """Answer every proposal that waits for the account. Raises ChainError(CHAIN_UNREACHABLE)."""
        batches = self._waiting("batches", BatchProposal)
        statements = self._waiting("statements", StatementProposal)
        if not batches and not statements:
            return []
        self._learn(batches, statements)
        answers = [self._answer_batch(one) for one in batches]
        answers += [self._answer_statement(one) for one in statements]
        return [answer for answer in answers if answer is not None]

    def _waiting(self, kind: str, shape: type[Any]) -> list[Any]:
        proposals = self._connection.get_list(f"/settlement/{kind}", shape, party=self._account)
        now = time.monotonic()
        return [
            one for one in proposals if now - self._answered.get(one.id, -_AGAIN_SECONDS) >= _AGAIN_SECONDS
        ]

    def _answer_batch(self, proposal: BatchProposal) -> Answer | None:
        references, nodes = _own_part(proposal, self._account)
        state = self._chain_state(references, nodes)
        with self._books.record.transaction():
            decided = object_to_batch(proposal, self._account, self._books, state)
            if isinstance(decided, list):
                self._books.record.add_netting(proposal.netting, decided)
        return self._reply("batches", proposal.id, proposal.netting, decided)

    def _answer_statement(self, proposal: StatementProposal) -> Answer | None:
        references = [reference_of(receipt) for receipt in proposal.receipts]
        state = self._chain_state(references, {proposal.statement.node})
        with self._books.record.transaction():
            decided = object_to_statement(proposal, self._account, self._books, state)
            if isinstance(decided, list):
                self._books.record.add_statement(proposal.statement, decided)
        return self._reply("statements", proposal.id, proposal.statement, decided)

    def _reply(
        self, kind: str, id_: Hash, message: Netting | Statement, decided: Objection | list[Hash]
    ) -> Answer | None:
        path = f"/settlement/{kind}/{id_}"
        if isinstance(decided, Objection) and decided.waits:
            return self._answer(kind, id_, decided)
        try:
            if isinstance(decided, Objection):
                refusal = Refusal(party=self._account, reason=decided.reason.value, detail=decided.detail)
                self._connection.post_only(f"{path}/refusals", refusal)
            else:
                signature = sign(self._key, self._books.party.domain, message)
                self._connection.post_only(
                    f"{path}/signatures", CoSignature(party=self._account, signature=signature)
                )
        except MarketError as error:
            if error.reason not in _OVERTAKEN:
                raise
            self._answered[id_] = time.monotonic()
            return None
        self._answered[id_] = time.monotonic()
        return self._answer(kind, id_, decided)

    def _answer(self, kind: str, id_: Hash, decided: Objection | list[Hash]) -> Answer:
        if isinstance(decided, Objection):
            return Answer(kind, id_, 0, 0, decided)
        known = [self._books.receipt(receipt) for receipt in decided]
        amount = sum(one.message.amount for one in known if one is not None)
        return Answer(kind, id_, len(decided), amount, None)

    def _learn(self, batches: list[BatchProposal], statements: list[StatementProposal]) -> None:
        references = {one for proposal in batches for one in _own_part(proposal, self._account)[0]}
        references |= {reference_of(one) for proposal in statements for one in proposal.receipts}
        known = [self._books.referenced(one) for one in references]
        if None in known:
            self._books.take_open_jobs()
        for job in {one.job for one in known if one is not None and not self._books.is_accepted(one)}:
            self._books.take_receipts(job)  # the equal receipts of other nodes may have come since

    def _chain_state(self, references: Collection[str], nodes: Collection[Address]) -> ChainState:
        """The chain at one block, chosen first: what is signed after it has an epoch that is ahead of it."""
        chain = self._chain()
        if chain is None:  # nothing is known to be past: whatever was signed before may still land
            return ChainState()
        block = chain.settled_block()
        if block is None:
            return ChainState(owners=chain.owners_of(nodes))
        words = {(node, word_of(serial)) for node, serial in self._places(references)}
        paid = chain.paid(words, block)
        return ChainState(chain.epoch_of(self._account, block), paid, chain.owners_of(nodes))

    def _places(self, references: Collection[str]) -> set[Place]:
        """The serials of these receipts and of every receipt that was signed for in their jobs."""
        known = [one for one in map(self._books.referenced, references) if one is not None]
        jobs = {one.job for one in known}
        signed = (one.receipt for job in jobs for one in self._books.commitments(job))
        return {one.place for one in (*known, *signed)}


def _own_part(proposal: BatchProposal, buyer: Address) -> tuple[list[str], set[Address]]:
    """The references that the batch lets `buyer` pay for, and the nodes that it pays."""
    try:
        batch = netting.unpack(bytes.fromhex(proposal.packed.removeprefix("0x")))
    except (ProtocolError, ValueError):
        return [], set()  # `consent` says what is wrong with it
    own = [task for task in batch.tasks if task.buyer == buyer]
    return [task.reference for task in own], {task.node for task in own}
