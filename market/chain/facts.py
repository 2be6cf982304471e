"""Turns a range's events into facts: touched rows, landed settlements, claims, the signed terms of new nodes.

What an event does not carry is read from its transaction's calldata, which is the public record.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from market.chain import events
from market.chain.client import Chain
from market.chain.contracts import ChainEvent, Contracts
from market.chain.events import Touch
from market.services.settled import Landed
from suanli.protocol import netting, root_netting, statement_batches
from suanli.protocol.messages import NodeTerms, Statement
from suanli.protocol.serials import serials_of
from suanli.protocol.values import Address, Hash

STANDS = 1
"""The `Ruling` of a dispute whose claim is paid."""


@dataclass(frozen=True, slots=True)
class LandedBatch:
    """A batch on chain; `packed` is None when a contract sent it in a form that we cannot read."""

    id: Hash
    epoch: int
    packed: bytes | None
    landed: Landed


@dataclass(frozen=True, slots=True)
class LandedStatement:
    """A statement on chain; `marks` is None when a contract sent it in a form that we cannot read."""

    statement: Statement
    marks: bytes | None
    landed: Landed


@dataclass(frozen=True, slots=True)
class PaidClaim:
    """A claim that was paid; `id` is the lease's."""

    id: Hash
    landed: Landed


@dataclass(frozen=True, slots=True)
class ConnectedTerms:
    """The terms that connected a node, with both signatures."""

    terms: NodeTerms
    owner_signature: str
    node_signature: str


@dataclass(slots=True)
class Facts:
    """All that a range of blocks decided."""

    touches: dict[int, set[Touch]] = field(default_factory=dict)
    """By block."""
    batches: list[LandedBatch] = field(default_factory=list)
    root_batches: list[LandedBatch] = field(default_factory=list)
    statements: list[LandedStatement] = field(default_factory=list)
    paid_claims: list[PaidClaim] = field(default_factory=list)
    decided_claims: list[Hash] = field(default_factory=list)
    """Claims whose serial may have been given back."""
    cancelled: list[tuple[Address, int]] = field(default_factory=list)
    """The accounts and nonces of orders and asks."""
    terms: list[ConnectedTerms] = field(default_factory=list)
    unreadable: bool = False
    """A payment landed whose parties or serials are unknown: every account and serial may have changed."""

    def touched(self) -> set[Touch]:
        """The rows of all blocks."""
        return set().union(*self.touches.values())


class FactReader:
    """Reads facts for one deployment."""

    def __init__(self, chain: Chain, contracts: Contracts) -> None:
        self._chain = chain
        self._contracts = contracts

    def facts(self, found: Sequence[ChainEvent]) -> Facts:
        """The facts behind some events."""
        facts = Facts()
        for event in found:
            facts.touches.setdefault(event.block, set()).update(events.touches(event))
            landed = Landed(event.transaction, event.block)
            add = _READERS.get(event.name)
            if add is not None:
                add(self, facts, event, landed)
        return facts

    def _add_batch(self, facts: Facts, event: ChainEvent, landed: Landed) -> None:
        batch = self._batch(facts, event, "settleBatch", landed)
        facts.batches.append(batch)
        if batch.packed is not None:
            found = netting.read_packed(batch.packed)
            paid = [(task.node, task.serial) for task in found.tasks]
            facts.touches[event.block] |= self._moved(found.buyers, found.accounts, paid)

    def _add_root(self, facts: Facts, event: ChainEvent, landed: Landed) -> None:
        batch = self._batch(facts, event, "settleRoot", landed)
        facts.root_batches.append(batch)
        if batch.packed is not None:
            found = root_netting.read_packed(batch.packed)
            paid = [(node, one) for node, part in found.nodes.items() for one in part.serials()]
            facts.touches[event.block] |= self._moved(found.buyers, found.payees().values(), paid)

    def _batch(self, facts: Facts, event: ChainEvent, function: str, landed: Landed) -> LandedBatch:
        packed = self._packed(facts, event, function)
        return LandedBatch(events.netting_id(event), event.arguments["epoch"], packed, landed)

    def _packed(self, facts: Facts, event: ChainEvent, function: str) -> bytes | None:
        """The batch in the calldata behind an event; None when it cannot be read."""
        called, arguments = self._calldata(event, "Settlement")
        packed = bytes(arguments["batch"]) if called == function else None
        if packed is not None and netting.batch_hash(packed) != "0x" + event.arguments["batch"].hex():
            packed = None  # the contract has read something else there
        facts.unreadable |= packed is None
        return packed

    def _moved(
        self, buyers: Iterable[Address], payees: Iterable[Address], paid: Iterable[tuple[Address, int]]
    ) -> set[Touch]:
        """The rows that a batch changes: the accounts of its parties, and the words of its serials."""
        recipient = Contracts.address(self._ask("Settlement", "feeRecipient")[0])
        touches = {events.account(one) for one in (*buyers, *payees, recipient)}
        return touches.union(*(events.words(node, [serial]) for node, serial in paid))

    def _add_statement(self, facts: Facts, event: ChainEvent, landed: Landed) -> None:
        told, marks = events.statement(event), None
        stated = self._stated(event)
        if stated is not None and stated[0].model_copy(update={"marks": told.marks}) == told:
            told, marks = stated
        if marks is None:
            facts.unreadable = True
        else:
            facts.touches[event.block] |= events.words(told.node, serials_of(marks))
        facts.statements.append(LandedStatement(told, marks, landed))

    def _stated(self, event: ChainEvent) -> tuple[Statement, bytes] | None:
        """The statement and marks in the calldata of an event's transaction."""
        _, arguments = self._calldata(event, "Settlement")
        if "statement" not in arguments:
            return None
        return _statement(arguments["statement"]), bytes(arguments["marks"])

    def _add_statements(self, facts: Facts, event: ChainEvent, landed: Landed) -> None:
        packed = self._packed(facts, event, "settleStatements")
        rows = () if packed is None else statement_batches.read_packed(packed)
        for row in rows:
            touched = {events.account(row.buyer), events.account(row.payee)}
            facts.touches[event.block] |= touched | events.words(row.node, row.serials())
            facts.statements.append(LandedStatement(row.statement(), row.marks(), landed))

    def _add_paid_claim(self, facts: Facts, event: ChainEvent, landed: Landed) -> None:
        facts.paid_claims.append(PaidClaim("0x" + event.arguments["id"].hex(), landed))

    def _add_ruling(self, facts: Facts, event: ChainEvent, landed: Landed) -> None:
        if event.arguments["ruling"] == STANDS:
            self._add_paid_claim(facts, event, landed)
        else:
            facts.decided_claims.append("0x" + event.arguments["id"].hex())

    def _add_cancellation(self, facts: Facts, event: ChainEvent, landed: Landed) -> None:
        facts.cancelled.append((event.arguments["account"], event.arguments["nonce"]))

    def _add_terms(self, facts: Facts, event: ChainEvent, landed: Landed) -> None:
        facts.touches[event.block].add(events.account(event.arguments["owner"]))
        function, arguments = self._calldata(event, "GridRegistry")
        if function != "connect":
            return
        terms = NodeTerms(**{**arguments["terms"], "benchmark": "0x" + arguments["terms"]["benchmark"].hex()})
        owner_signature = "0x" + arguments["ownerSignature"].hex()
        node_signature = "0x" + arguments["nodeSignature"].hex()
        facts.terms.append(ConnectedTerms(terms, owner_signature, node_signature))

    def _calldata(self, event: ChainEvent, contract: Any) -> tuple[str, dict[str, Any]]:
        sent = self._chain.transaction(event.transaction)
        return ("", {}) if sent is None else self._contracts.calldata(contract, sent.to, sent.data)

    def _ask(self, contract: Any, function: str, *arguments: Any) -> tuple[Any, ...]:
        answer = self._chain.call(self._contracts.call(contract, function, *arguments))
        return self._contracts.result(contract, function, answer)


def _statement(found: Mapping[str, Any]) -> Statement:
    values = {
        name: "0x" + value.hex() if isinstance(value, bytes) else value for name, value in found.items()
    }
    return Statement(**values)


_READERS: Mapping[str, Callable[[FactReader, Facts, ChainEvent, Landed], None]] = {
    "BatchSettled": FactReader._add_batch,
    "RootSettled": FactReader._add_root,
    "StatementSettled": FactReader._add_statement,
    "StatementsSettled": FactReader._add_statements,
    "NodeConnected": FactReader._add_terms,
    "ClaimClosed": FactReader._add_paid_claim,
    "DisputeResolved": FactReader._add_ruling,
    "Cancelled": FactReader._add_cancellation,
}
