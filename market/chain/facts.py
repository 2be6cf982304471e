"""Turns a range's events into facts: touched rows, landed settlements, the signed terms of new nodes.

What an event does not carry is read from its transaction's calldata, which is the public record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from market.chain import events
from market.chain.client import Chain
from market.chain.contracts import ChainEvent, Contracts
from market.chain.events import Touch
from market.services.settled import Landed
from suanli.protocol.messages import NodeTerms, Statement
from suanli.protocol.netting import PackedBatch, batch_hash, read_packed
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True)
class LandedBatch:
    """A batch on chain; `packed` is None when a contract sent it in a form that we cannot read."""

    id: Hash
    epoch: int
    packed: bytes | None
    landed: Landed


@dataclass(frozen=True, slots=True)
class LandedStatement:
    """A statement on chain."""

    statement: Statement
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
    statements: list[LandedStatement] = field(default_factory=list)
    terms: list[ConnectedTerms] = field(default_factory=list)
    unreadable: bool = False
    """A batch landed whose parties are unknown: every account may have changed."""

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
            if event.name == "BatchSettled":
                self._add_batch(facts, event, landed)
            elif event.name == "StatementSettled":
                facts.statements.append(LandedStatement(events.statement(event), landed))
                facts.touches[event.block] |= self._paid_accounts([event.arguments["node"]])
            elif event.name == "NodeConnected":
                self._add_terms(facts, event)
        return facts

    def _add_batch(self, facts: Facts, event: ChainEvent, landed: Landed) -> None:
        function, arguments = self._calldata(event, "Settlement")
        packed = bytes(arguments["batch"]) if function == "settleBatch" else None
        if packed is not None and batch_hash(packed) != "0x" + event.arguments["batch"].hex():
            packed = None  # the contract has read something else there
        epoch = event.arguments["epoch"]
        facts.batches.append(LandedBatch(events.netting_id(event), epoch, packed, landed))
        if packed is None:
            facts.unreadable = True
        else:
            facts.touches[event.block] |= self._parties(read_packed(packed))

    def _parties(self, batch: PackedBatch) -> set[Touch]:
        return {events.account(buyer) for buyer in batch.buyers} | self._paid_accounts(batch.nodes)

    def _paid_accounts(self, nodes: Sequence[Address]) -> set[Touch]:
        """The accounts that a payment to these nodes credits."""
        owners = self._ask("GridRegistry", "ownersOf", list(nodes))[0]
        recipient = self._ask("Settlement", "feeRecipient")[0]
        return {events.account(Contracts.address(one)) for one in (*owners, recipient)}

    def _add_terms(self, facts: Facts, event: ChainEvent) -> None:
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
