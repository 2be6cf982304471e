"""A deployment's whole history in order: its events, and each settlement with the calldata behind it.

Reads through `Chain`; judges nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from suanli.audit.calldata import StatementCall, batch_call, root_call, statement_calls
from suanli.audit.chain import Chain, Event, Progress
from suanli.audit.claim_calls import AwardCall, claim_calls, opened_outcome
from suanli.audit.settled import OpenedClaim, Settled, SettledBatch, SettledRoot, SettledStatement
from suanli.audit.signers import batch_signers, key_of, signer
from suanli.protocol.errors import AuditError
from suanli.protocol.messages import Draw, Netting, RootNetting
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

Entry = Event | Settled | OpenedClaim

SETTLEMENTS = {"BatchSettled", "RootSettled", "StatementSettled"}
"""The events of which only the calldata says what they did."""


def read_history(chain: Chain, last: int, progress: Progress) -> Iterator[list[Entry]]:
    """Everything that happened in the deployment up to block `last`, in order, by transaction."""
    events = chain.events(chain.deployment.first_block, last, progress)
    for hash_, together in groupby(events, key=lambda event: event.transaction):
        yield _Reader(chain, hash_).entries(list(together))


class _Reader:
    """Reads one transaction; its calldata only when a settlement needs it."""

    def __init__(self, chain: Chain, transaction: Hash) -> None:
        self._chain, self._transaction = chain, transaction
        self._input: bytes | None = None

    def entries(self, events: list[Event]) -> list[Entry]:
        """The transaction's events, settlements with their calldata."""
        drawn = {
            event.arguments["statement"]: event.arguments["order"]
            for event in events
            if event.name == "ReservationDrawn"
        }
        return [self._entry(event, drawn) for event in events]

    def _entry(self, event: Event, drawn: dict[Hash, Hash]) -> Entry:
        match event.name:
            case "BatchSettled":
                return self._batch(event)
            case "RootSettled":
                return self._root(event)
            case "StatementSettled":
                return self._statement(event, drawn)
            case "ClaimOpened":
                return self._claim(event)
            case "VerdictOpened":
                return self._verdict(event)
        return event

    def _batch(self, event: Event) -> SettledBatch:
        if (call := batch_call(self._data(), event.arguments["batch"])) is None:
            raise self._no_calldata()
        message = Netting(epoch=call.packed.epoch, batch=event.arguments["batch"])
        parties = call.packed.parties()
        signers = batch_signers(self._chain, parties, message, call.signatures, event.block)
        return SettledBatch(event, call, signers)

    def _root(self, event: Event) -> SettledRoot:
        if (call := root_call(self._data(), event.arguments["batch"])) is None:
            raise self._no_calldata()
        message = RootNetting(epoch=call.packed.epoch, batch=event.arguments["batch"])
        parties = call.packed.parties()
        signers = batch_signers(self._chain, parties, message, call.signatures, event.block)
        return SettledRoot(event, call, signers)

    def _statement(self, event: Event, drawn: dict[Hash, Hash]) -> SettledStatement:
        names = ("buyer", "node", "payee", "amount", "receipts", "receiptsRoot")
        for call in statement_calls(self._data()):
            said = [event.arguments[name] for name in names]
            same = said == [getattr(call.statement, name) for name in names]
            if same and call.order == drawn.get(call.statement.id()):
                return self._with_signers(event, call)
        raise self._no_calldata()

    def _claim(self, event: Event) -> OpenedClaim:
        chain, call = self._chain, claim_calls(self._data()).get(event.arguments["id"])
        if call is None:
            raise self._no_calldata()
        node = key_of(chain, call.receipt, call.node_signature)
        if isinstance(call, AwardCall):
            return OpenedClaim(event, call, node)
        order, block = call.order, event.block
        buyer = signer(chain, order.buyer, order, call.order_signature, block)
        operator = signer(chain, order.operator, call.lease, call.operator_signature, block)
        return OpenedClaim(event, call, node, buyer, operator)

    def _verdict(self, event: Event) -> Event:
        """The log hashes the outcome; whether the juror abstained, only the calldata tells."""
        said = event.arguments
        outcome = opened_outcome(self._data(), said["dispute"], said["round"], said["seat"])
        if outcome is None:
            raise self._no_calldata()
        return replace(event, arguments=said | {"outcome": outcome})

    def _with_signers(self, event: Event, call: StatementCall) -> SettledStatement:
        chain, statement = self._chain, call.statement
        account, guardian = self._reserved(event, call)
        buyer = signer(chain, account, statement, call.buyer_signature, event.block)
        node = key_of(chain, statement, call.node_signature)
        if call.order is None or guardian == statement.node:
            return SettledStatement(event, call, buyer, node)
        draw = Draw(order=call.order, statement=statement.id())
        by = signer(chain, guardian, draw, call.guardian_signature, event.block)
        return SettledStatement(event, call, buyer, node, by)

    def _reserved(self, event: Event, call: StatementCall) -> tuple[Address, Address]:
        """Who signs for the buyer, and the guardian; an award's statement names the reservation as buyer."""
        if call.order is None:
            return call.statement.buyer, call.statement.buyer
        buyer, guardian, *_ = self._chain.view("Bidding", "reservationOf", call.order, block=event.block)
        return buyer, guardian

    def _data(self) -> bytes:
        if self._input is None:
            found = self._chain.transaction(self._transaction)
            if found is None:
                raise AuditError(Reason.EVIDENCE_MISSING, f"the RPC lacks transaction {self._transaction}")
            self._input = found.input
        return self._input

    def _no_calldata(self) -> AuditError:
        detail = f"the calldata of {self._transaction} does not hold the settlement that its log names"
        return AuditError(Reason.EVIDENCE_MISSING, detail)
