"""Bilateral settlement: what netting left over, as a list of receipts that one buyer and one node sign.

A statement pays exactly what it lists. While it has not landed, a longer one may take its place.
"""

from collections.abc import Collection, Iterable

from sqlmodel import Session

from market.core.settlement import Pair, ProposalState, StatementPlan, plan_statements, settles_bilaterally
from market.db.queries import events, payments, settlement
from market.db.tables.outbox import IntentKind
from market.db.tables.run import ReceiptRow
from market.db.tables.settle import StatementReceiptRow, StatementRow
from market.runtime import Runtime
from market.services.settle import party_topic
from market.services.signers import active_delegation
from suanli.protocol.errors import MarketError, ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover, sign
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.settlement import StatementProposal


def propose(session: Session, runtime: Runtime, now: int) -> int:
    """Proposes statements for the receipts that netting left over. Returns how many.

    A pair whose statement was refused, by a party or by the contract, is asked again after a pause.
    """
    resting = settlement.resting_pairs(session, now - runtime.settings.statement_pause_seconds)
    rows = _left_over(session, runtime, resting)
    replaced = settlement.open_statements(session, {(row.buyer, row.node) for row in rows})
    for row in replaced:
        end(session, row, ProposalState.REPLACED, None, now)
    if replaced:
        rows = _left_over(session, runtime, resting)
    book = settlement.load(session, rows, runtime.operator.address, now)
    plans = plan_statements(book.dues, book.limits)
    for plan in plans:
        _open(session, runtime, plan, now)
    return len(plans)


def take_back_failed(session: Session, runtime: Runtime, now: int) -> None:
    """Makes the receipts of statements that the contract refused due again; their parties are asked anew."""
    for row, intent in settlement.refused_statements(session):
        if intent.kind is IntentKind.SETTLE_STATEMENTS:
            continue  # it is sent again alone
        reason = intent.reason or Reason.CONTRACT_REVERTED
        why = Explanation(reason=reason, detail=intent.detail or "the contract refused it")
        row.created_at, row.buyer_signature, row.node_signature = now, None, None
        end(session, row, ProposalState.FAILED, why, now)


def end(session: Session, row: StatementRow, state: ProposalState, why: Explanation | None, now: int) -> None:
    """Ends a statement that has not landed: what it lists is due again, unless it was paid meanwhile."""
    row.state = state
    row.reason, row.detail = (None, None) if why is None else (why.reason, why.detail)
    session.add(row)
    for receipt in payments.locked(session, settlement.statement_receipts(session, row.id)):
        if receipt.proposal == row.id and receipt.payment in (PaymentState.PROPOSED, PaymentState.SENT):
            payments.move(session, receipt, PaymentState.DUE, now)
            receipt.proposal = None
    session.flush()


def waiting_for(session: Session, party: Address) -> list[StatementProposal]:
    """The statements that wait for a party's signature."""
    return [
        StatementProposal(
            id=row.id, statement=row.message, receipts=settlement.statement_receipts(session, row.id)
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


def refuse_statement(session: Session, statement: Hash, party: Address, why: Explanation, now: int) -> None:
    """A party's books differ: the statement ends, and its receipts stay due, with the reason.

    Raises MarketError(NOT_FOUND | STATE_CONFLICT).
    """
    row = _open_row(session, statement, party)
    row.created_at = now
    told = Explanation(reason=why.reason, detail=f"{party}: {why.detail}")
    end(session, row, ProposalState.FAILED, told, now)


def _left_over(session: Session, runtime: Runtime, resting: Collection[Pair]) -> list[ReceiptRow]:
    """The receipts that go by statement, of pairs that do not rest, locked."""
    rows = payments.locked(session, settlement.payable(session))
    misses = runtime.settings.proposals_before_statement
    dues = settlement.dues_of(session, rows)
    return [
        row
        for row, due in zip(rows, dues, strict=True)
        if settles_bilaterally(due, misses) and (due.buyer, due.node) not in resting
    ]


def _open(session: Session, runtime: Runtime, plan: StatementPlan, now: int) -> None:
    row = _saved(session, plan, now)
    for receipt in payments.locked(session, plan.receipts):
        payments.move(session, receipt, PaymentState.PROPOSED, now)
        receipt.proposal, receipt.epoch = row.id, None
    session.flush()
    _sign_as_delegate(session, runtime, row, now)
    for party in (row.buyer, row.node):
        events.wake(session, party_topic(party))


def _saved(session: Session, plan: StatementPlan, now: int) -> StatementRow:
    """The statement's row; one that was proposed before opens again, with the signatures it has."""
    statement = plan.statement
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
        session.flush()
        session.add_all(_leaves(row.id, plan.receipts))
    row.state, row.created_at, row.intent = ProposalState.OPEN, now, None
    row.reservation = plan.reservation
    row.reason = row.detail = None
    session.flush()
    return row


def _leaves(statement: Hash, receipts: Iterable[Hash]) -> Iterable[StatementReceiptRow]:
    for position, receipt in enumerate(receipts):
        yield StatementReceiptRow(statement=statement, position=position, receipt=receipt)


def _sign_as_delegate(session: Session, runtime: Runtime, row: StatementRow, now: int) -> None:
    operator = runtime.operator
    delegation = active_delegation(session, row.buyer, operator.address, now)
    able = delegation is not None and delegation.remaining >= row.message.amount
    if able or row.buyer == operator.address:
        row.buyer_signature = sign(operator, runtime.domain, row.message)


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
    if delegation.remaining < row.message.amount:
        detail = f"{signer} may spend {delegation.remaining} atoms more for {row.buyer}"
        raise MarketError(Reason.DELEGATION_EXCEEDED, detail)


def _signed_by(runtime: Runtime, row: StatementRow, signature: str, party: Address) -> bool:
    try:
        return recover(runtime.domain, row.message, signature) == party
    except ProtocolError:
        return False


def _mismatch(party: Address) -> MarketError:
    return MarketError(Reason.SIGNER_MISMATCH, f"the signature does not bind {party} to this statement")
