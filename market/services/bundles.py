"""Sends the statements that both sides have signed: many in one transaction, some alone.

Alone go those that draw on a reservation, that a contract signed for its buyer, or that no row holds.
A bundle lands whole or not at all; one that the contract refuses is sent again statement by statement.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlmodel import Session

from market.core.settlement import STATEMENTS_PER_TRANSACTION, ProposalState
from market.db.queries import outbox, payments, settlement
from market.db.tables.outbox import IntentKind, IntentRow
from market.db.tables.settle import StatementRow
from market.runtime import Runtime
from market.services import guard
from market.services.signers import active_delegation
from suanli.protocol import statement_batches
from suanli.protocol.errors import ProtocolError
from suanli.protocol.party_tables import MAXIMUM_PARTIES
from suanli.protocol.serials import marks_of
from suanli.protocol.signatures import recover
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Address


def send_signed(session: Session, runtime: Runtime, now: int) -> int:
    """Queues every statement that both sides have signed. Returns in how many transactions."""
    bundles: list[_Bundle] = []
    sent = 0
    for statement in settlement.signed_statements(session):
        row = _row(session, runtime, statement, now)
        if row is None:
            send_alone(session, runtime, statement, now)
            sent += 1
        elif not any(bundle.takes(statement, row) for bundle in bundles):
            bundles.append(_Bundle([statement], [row]))
    for bundle in bundles:
        _send(session, bundle, now)
    return sent + len(bundles)


def send_alone(session: Session, runtime: Runtime, statement: StatementRow, now: int) -> None:
    """Queues one statement in a transaction of its own; the market guards the reservation it may draw on."""
    receipts = payments.locked(session, settlement.statement_receipts(session, statement.id))
    marks = marks_of(due.serial for due in settlement.dues_of(session, receipts))
    arguments = {
        "statement": statement.message.to_json(),
        "marks": "0x" + marks.hex(),
        "buyer_signature": statement.buyer_signature,
        "node_signature": statement.node_signature,
    }
    kind = IntentKind.SETTLE_STATEMENT
    if statement.reservation is not None:
        kind, order = IntentKind.SETTLE_RESERVED, statement.reservation
        arguments |= {"order": order, "guardian_signature": guard.draw(runtime, order, statement.id)}
    intent = outbox.queue(session, kind, statement.id, arguments, now)
    _mark_sent(session, [statement], intent, now)


def split_failed(session: Session, runtime: Runtime, now: int) -> None:
    """Sends the statements of bundles that the contract refused one by one: one bad hinders no other."""
    for statement, intent in settlement.refused_statements(session):
        if intent.kind is IntentKind.SETTLE_STATEMENTS:
            send_alone(session, runtime, statement, now)


@dataclass(frozen=True, slots=True)
class _Bundle:
    """Statements for one transaction, with their rows."""

    statements: list[StatementRow] = field(default_factory=list)
    rows: list[statement_batches.StatementRow] = field(default_factory=list)

    def takes(self, statement: StatementRow, row: statement_batches.StatementRow) -> bool:
        """Adds the statement, unless the bundle has no room for it."""
        rows = [*self.rows, row]
        parties = ({one.buyer for one in rows}, {one.node for one in rows}, {one.payee for one in rows})
        is_full = len(rows) > STATEMENTS_PER_TRANSACTION or max(map(len, parties)) > MAXIMUM_PARTIES
        if is_full or any(_contradict(one, row) for one in self.rows):
            return False
        self.statements.append(statement)
        self.rows.append(row)
        return True


def _contradict(one: statement_batches.StatementRow, other: statement_batches.StatementRow) -> bool:
    """Whether two rows cannot stand in one batch: they name two payees of a node, or a serial twice."""
    if one.node != other.node:
        return False
    return one.payee != other.payee or (one.word == other.word and one.mask & other.mask != 0)


def _row(
    session: Session, runtime: Runtime, statement: StatementRow, now: int
) -> statement_batches.StatementRow | None:
    """The statement's row in a bundle; None when it cannot be one: see the module's head."""
    if statement.reservation is not None:
        return None
    receipts = payments.locked(session, settlement.statement_receipts(session, statement.id))
    serials = [due.serial for due in settlement.dues_of(session, receipts)]
    by_buyer, by_node = statement.buyer_signature or "", statement.node_signature or ""
    try:
        row = statement_batches.row_of(statement.message, serials, by_buyer, by_node)
        signer = recover(runtime.domain, statement.message, by_buyer)
    except ProtocolError:
        return None
    return row if _is_key_of(session, statement.buyer, signer, now) else None


def _is_key_of(session: Session, buyer: Address, signer: Address, now: int) -> bool:
    return signer == buyer or active_delegation(session, buyer, signer, now) is not None


def _send(session: Session, bundle: _Bundle, now: int) -> None:
    packed = statement_batches.pack(bundle.rows)
    key, arguments = statement_batches.batch_hash(packed), {"packed": "0x" + packed.hex()}
    intent = outbox.queue(session, IntentKind.SETTLE_STATEMENTS, key, arguments, now)
    _mark_sent(session, bundle.statements, intent, now)


def _mark_sent(session: Session, statements: Iterable[StatementRow], intent: IntentRow, now: int) -> None:
    for statement in statements:
        statement.state, statement.intent = ProposalState.SENT, intent.id
        for receipt in payments.locked(session, settlement.statement_receipts(session, statement.id)):
            if receipt.proposal == statement.id and receipt.payment is PaymentState.PROPOSED:
                payments.move(session, receipt, PaymentState.SENT, now)
