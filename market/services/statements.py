"""Bilateral settlement: what netting left over, as a running total that one buyer and one node sign.

A receipt that a statement has listed stays listed, so the total can only grow, and is never netted again.
"""

from collections import defaultdict
from collections.abc import Iterable

from sqlmodel import Session, col, select

from market.core.settlement import (
    Due,
    Pair,
    ProposalState,
    StatementPlan,
    may_settle_bilaterally,
    plan_statements,
)
from market.db.queries import events, outbox, payments, settlement
from market.db.tables.chain import PairRow
from market.db.tables.outbox import IntentKind, IntentRow
from market.db.tables.settle import StatementReceiptRow, StatementRow
from market.runtime import Runtime
from market.services.settle import party_topic
from market.services.signers import active_delegation
from suanli.protocol.errors import MarketError, ProtocolError
from suanli.protocol.messages import Statement
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover, sign
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import IntentState
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.settlement import StatementProposal


def propose(session: Session, runtime: Runtime, now: int) -> int:
    """Proposes statements for receipts that may not or need not be netted any more. Returns how many.

    A statement that was refused or failed is proposed again after a pause, with whatever is new.
    """
    stalled = set(settlement.stalled(session, now - runtime.settings.statement_pause_seconds))
    rows = payments.locked(session, [*settlement.nettable(session), *stalled])
    book = settlement.load(session, rows, runtime.operator.address, now)
    flying = settlement.pairs_with_statements(session, ProposalState.SENT)
    misses = runtime.settings.proposals_before_statement
    owed = _by_pair(due for due in book.dues if due.receipt in stalled)
    dues = [
        due
        for due in book.dues
        if due.receipt not in stalled
        and may_settle_bilaterally(due, misses)
        and (due.buyer, due.node) not in flying
    ]
    listed = settlement.listed(session, {(due.buyer, due.node) for due in dues} | owed.keys())
    plans = plan_statements(dues, listed, book.limits, owed)
    for plan in plans:
        pair = (plan.statement.buyer, plan.statement.node)
        known = len(listed[pair].receipts) if pair in listed else 0
        _open(session, runtime, plan, known, now)
    return len(plans)


def retry_failed(session: Session, runtime: Runtime, now: int) -> None:
    """Queues again, after a pause, the statements that the chain refused: their signatures stay good."""
    before = now - runtime.settings.settlement_seconds
    query = (
        select(StatementRow, IntentRow)
        .join(IntentRow, col(IntentRow.id) == col(StatementRow.intent))
        .where(
            StatementRow.state == ProposalState.SENT,
            IntentRow.state == IntentState.FAILED,
            StatementRow.created_at <= before,
        )
    )
    for row, _ in session.exec(query.with_for_update(of=StatementRow)).all():
        row.created_at = now
        _send_if_complete(session, row, now)


def waiting_for(session: Session, party: Address) -> list[StatementProposal]:
    """The statements that wait for a party's signature."""
    return [
        StatementProposal(
            id=row.id, statement=row.message, receipts=settlement.statement_receipts(session, row)
        )
        for row in settlement.statements_waiting_for(session, party)
    ]


def sign_statement(
    session: Session, runtime: Runtime, statement: Hash, party: Address, signature: str, now: int
) -> None:
    """Takes the signature of the buyer (or its delegate, or its contract) or of the node.

    Raises MarketError(NOT_FOUND | STATE_CONFLICT | SIGNER_MISMATCH).
    """
    row = _open_row(session, statement, party)
    if party == row.node:
        if not _signed_by(runtime, row, signature, row.node):
            raise _mismatch(party)
        row.node_signature = signature
    else:
        _check_buyer(session, runtime, row, signature, now)
        row.buyer_signature = signature
    _send_if_complete(session, row, now)


def refuse_statement(session: Session, statement: Hash, party: Address, why: Explanation, now: int) -> None:
    """A party's books differ: the statement ends, and its receipts stay due, with the reason.

    Raises MarketError(NOT_FOUND | STATE_CONFLICT).
    """
    row = _open_row(session, statement, party)
    row.state, row.reason, row.detail = ProposalState.FAILED, why.reason, f"{party}: {why.detail}"
    for receipt in payments.locked(session, settlement.statement_receipts(session, row)):
        if receipt.proposal == row.id and receipt.payment is PaymentState.PROPOSED:
            payments.move(session, receipt, PaymentState.DUE, now)


def _by_pair(dues: Iterable[Due]) -> dict[Pair, int]:
    totals: dict[Pair, int] = defaultdict(int)
    for due in dues:
        totals[due.buyer, due.node] += due.amount
    return dict(totals)


def _open(session: Session, runtime: Runtime, plan: StatementPlan, known: int, now: int) -> None:
    statement = plan.statement
    _close_smaller(session, (statement.buyer, statement.node))
    row = _saved(session, statement, now)
    session.add_all(_leaves(plan, known))
    _claim(session, row, plan.receipts, now)
    _sign_as_delegate(session, runtime, row, now)
    for party in (row.buyer, row.node):
        events.wake(session, party_topic(party))
    _send_if_complete(session, row, now)


def _saved(session: Session, statement: Statement, now: int) -> StatementRow:
    """The statement's row; one that was proposed before opens again, with the signatures it has."""
    row = session.get(StatementRow, statement.id(), with_for_update=True)
    if row is None:
        row = StatementRow(
            id=statement.id(),
            buyer=statement.buyer,
            node=statement.node,
            message=statement,
            created_at=now,
        )
        session.add(row)
    row.state, row.created_at, row.intent = ProposalState.OPEN, now, None
    row.reason = row.detail = None
    return row


def _leaves(plan: StatementPlan, known: int) -> Iterable[StatementReceiptRow]:
    buyer, node = plan.statement.buyer, plan.statement.node
    for position, receipt in enumerate(plan.receipts[known:], start=known):
        yield StatementReceiptRow(receipt=receipt, buyer=buyer, node=node, position=position)


def _claim(session: Session, row: StatementRow, receipts: Iterable[Hash], now: int) -> None:
    """Every unpaid receipt of the list now waits for this statement."""
    for receipt in payments.locked(session, list(receipts)):
        if receipt.payment is PaymentState.DUE:
            payments.move(session, receipt, PaymentState.PROPOSED, now)
        if receipt.payment is not PaymentState.SETTLED:
            receipt.proposal, receipt.epoch = row.id, None


def _close_smaller(session: Session, pair: Pair) -> None:
    query = select(StatementRow).where(
        StatementRow.buyer == pair[0], StatementRow.node == pair[1], StatementRow.state == ProposalState.OPEN
    )
    for row in session.exec(query.with_for_update()):
        row.state = ProposalState.REPLACED


def _sign_as_delegate(session: Session, runtime: Runtime, row: StatementRow, now: int) -> None:
    operator = runtime.operator
    delegation = active_delegation(session, row.buyer, operator.address, now)
    able = delegation is not None and delegation.remaining >= _growth(session, row)
    if able or row.buyer == operator.address:
        row.buyer_signature = sign(operator, runtime.domain, row.message)


def _growth(session: Session, row: StatementRow) -> int:
    """What the statement would move now, in atoms."""
    pair = session.get(PairRow, (row.buyer, row.node))
    return row.message.amount - (0 if pair is None else pair.paid)


def _send_if_complete(session: Session, row: StatementRow, now: int) -> None:
    if row.buyer_signature is None or row.node_signature is None:
        return
    arguments = {
        "statement": row.message.to_json(),
        "buyer_signature": row.buyer_signature,
        "node_signature": row.node_signature,
    }
    row.intent = outbox.queue(session, IntentKind.SETTLE_STATEMENT, row.id, arguments, now).id
    row.state = ProposalState.SENT
    for receipt in payments.locked(session, settlement.statement_receipts(session, row)):
        if receipt.payment is PaymentState.PROPOSED:
            payments.move(session, receipt, PaymentState.SENT, now)


def _open_row(session: Session, statement: Hash, party: Address) -> StatementRow:
    row = session.get(StatementRow, statement, with_for_update=True)
    if row is None or party not in (row.buyer, row.node):
        raise MarketError(Reason.NOT_FOUND, f"there is no statement {statement} with the party {party}")
    if row.state is not ProposalState.OPEN:
        detail = f"the statement {statement} is {row.state}"
        raise MarketError(Reason.STATE_CONFLICT, detail, state=row.state.value)
    return row


def _check_buyer(session: Session, runtime: Runtime, row: StatementRow, signature: str, now: int) -> None:
    if runtime.authority(row.buyer, runtime.domain.digest(row.message), signature):
        return
    signer = recover(runtime.domain, row.message, signature)
    delegation = active_delegation(session, row.buyer, signer, now)
    if delegation is None:
        raise _mismatch(row.buyer)
    if delegation.remaining < _growth(session, row):
        detail = f"{signer} may spend {delegation.remaining} atoms more for {row.buyer}"
        raise MarketError(Reason.DELEGATION_EXCEEDED, detail)


def _signed_by(runtime: Runtime, row: StatementRow, signature: str, party: Address) -> bool:
    try:
        return recover(runtime.domain, row.message, signature) == party
    except ProtocolError:
        return False


def _mismatch(party: Address) -> MarketError:
    return MarketError(Reason.SIGNER_MISMATCH, f"the signature does not bind {party} to this statement")
