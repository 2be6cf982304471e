"""A deployment's whole history in order: its events, and each settlement with the calldata behind it.

Reads through `Chain`; judges nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import cast

from suanli.audit.calldata import StatementCall, batch_call, root_call, row_calls, statement_calls
from suanli.audit.chain import Chain, Event, Progress
from suanli.audit.claim_calls import AwardCall, ClaimCall, claim_calls, reserved_order, verdict_call
from suanli.audit.reader import Calldata
from suanli.audit.settled import (
    OpenedClaim,
    Settled,
    SettledBatch,
    SettledRoot,
    SettledStatement,
    Signer,
    Unread,
)
from suanli.audit.signers import batch_signers, key_of, signer
from suanli.protocol.errors import AuditError, ProtocolError
from suanli.protocol.messages import Draw, Netting, RootNetting
from suanli.protocol.values import Address, Hash

Entry = Event | Settled | OpenedClaim | Unread

Drawn = dict[Hash, tuple[Hash, int]]
"""By statement: the order whose reservation paid it, and how many atoms."""

SETTLEMENTS = {"BatchSettled", "RootSettled", "StatementSettled", "StatementsSettled"}
"""The events of which only the calldata says what they did."""


def read_history(chain: Chain, last: int, progress: Progress) -> Iterator[list[Entry]]:
    """Everything that happened in the deployment up to block `last`, in order, by transaction."""
    events = chain.events(chain.deployment.first_block, last, progress)
    for hash_, together in groupby(events, key=lambda event: event.transaction):
        yield _Reader(chain, hash_).entries(list(together))


class _Reader:
    """Reads one transaction; its calldata only where an event needs it."""

    def __init__(self, chain: Chain, transaction: Hash) -> None:
        self._chain, self._calldata = chain, Calldata(chain, transaction)
        self._read: list[StatementCall] = []

    def entries(self, events: list[Event]) -> list[Entry]:
        """The transaction's events, settlements with their calldata."""
        drawn = {
            event.arguments["statement"]: (event.arguments["order"], event.arguments["amount"])
            for event in events
            if event.name == "ReservationDrawn"
        }
        return [entry for event in events for entry in self._entries(event, drawn)]

    def _entries(self, event: Event, drawn: Drawn) -> list[Entry]:
        """Packed statements are as many entries, and their event after them."""
        try:
            if event.name == "StatementsSettled":
                return self._statements(event)
            return [self._entry(event, drawn)]
        except (AuditError, ProtocolError) as error:
            return [Unread(event, error)]

    def _entry(self, event: Event, drawn: Drawn) -> Entry:
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
            case "Reserved":
                return self._reserve(event)
        return event

    def _batch(self, event: Event) -> SettledBatch:
        batch = event.arguments["batch"]
        call = self._calldata.get(lambda data: batch_call(data, batch), f"batch {batch}")
        message = Netting(epoch=call.packed.epoch, batch=batch)
        parties = call.packed.parties()
        signers = batch_signers(self._chain, parties, message, call.signatures, event.block)
        return SettledBatch(event, call, signers)

    def _root(self, event: Event) -> SettledRoot:
        batch = event.arguments["batch"]
        call = self._calldata.get(lambda data: root_call(data, batch), f"root batch {batch}")
        message = RootNetting(epoch=call.packed.epoch, batch=batch)
        parties = call.packed.parties()
        signers = batch_signers(self._chain, parties, message, call.signatures, event.block)
        return SettledRoot(event, call, signers)

    def _statement(self, event: Event, drawn: Drawn) -> SettledStatement:
        """Two statements may be alike but for their marks: each call stands for one event."""
        names = ("buyer", "node", "payee", "amount", "receipts", "receiptsRoot")
        said = [event.arguments[name] for name in names]

        def search(data: bytes) -> StatementCall | None:
            for call in statement_calls(data):
                same = said == [getattr(call.statement, name) for name in names]
                order, amount = drawn.get(call.statement.id(), (None, call.statement.amount))
                sums = call.order == order and call.statement.amount == amount
                if same and sums and call not in self._read:
                    return call
            return None

        call = self._calldata.get(search, f"a statement of {event.arguments['buyer']}")
        self._read.append(call)
        return self._with_signers(event, call)

    def _statements(self, event: Event) -> list[Entry]:
        batch = event.arguments["batch"]
        rows = self._calldata.get(lambda data: row_calls(data, batch), f"the statements of batch {batch}")
        told = replace(event, arguments=event.arguments | {"rows": rows})
        return [*(self._row(event, row) for row in rows), told]

    def _row(self, event: Event, call: StatementCall) -> SettledStatement:
        """In rows keys sign, for a buyer its own or a delegate's; contracts are not asked."""
        statement = call.statement
        buyer, node = (
            key_of(self._chain, statement, one) for one in (call.buyer_signature, call.node_signature)
        )
        return SettledStatement(event, call, Signer(buyer), node)

    def _claim(self, event: Event) -> OpenedClaim:
        chain, id_ = self._chain, event.arguments["id"]
        found = self._calldata.get(lambda data: claim_calls(data).get(id_), f"claim {id_}")
        call = cast("ClaimCall | AwardCall", found)
        node = key_of(chain, call.receipt, call.node_signature)
        if isinstance(call, AwardCall):
            return OpenedClaim(event, call, node)
        order, block = call.order, event.block
        buyer = signer(chain, order.buyer, order, call.order_signature, block)
        operator = signer(chain, order.operator, call.lease, call.operator_signature, block)
        return OpenedClaim(event, call, node, buyer, operator)

    def _verdict(self, event: Event) -> Event:
        """The log hashes the verdict; what it says, only the calldata tells."""
        said = event.arguments
        seat = (said["dispute"], said["round"], said["seat"])
        call = self._calldata.get(lambda data: verdict_call(data, *seat), f"a verdict in {said['dispute']}")
        return replace(event, arguments=said | {"call": call})

    def _reserve(self, event: Event) -> Event:
        """The order tells when the reservation ends; nothing else hangs on it, so it may be missing."""
        order = self._calldata.find(lambda data: reserved_order(data, event.arguments["order"]))
        return replace(event, arguments=event.arguments | {"calldata": order})

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
