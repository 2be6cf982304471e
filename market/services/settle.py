"""Netting: proposes batches of due receipts, gathers signatures, drops who stays silent, queues the complete.

Nothing here moves money: a batch counts only with every party's signature, and only once the chain has it.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlmodel import Session, col, select

from market.core.lifecycle import ENDED_PAYMENTS
from market.core.settlement import Due, ProposalState, drop, plan_batch, settles_bilaterally
from market.db.queries import events, outbox, payments, settlement
from market.db.tables.outbox import IntentKind, IntentRow
from market.db.tables.settle import BatchPartyRow, BatchReceiptRow, BatchRow
from market.runtime import Runtime
from market.services.signers import active_delegation
from suanli.protocol.messages import Netting
from suanli.protocol.netting import Batch, batch_hash, message, net, pack
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.states import PaymentState
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import IntentState
from suanli.protocol.wire.common import Explanation

LONGEST_PAUSE_SECONDS = 3600


def party_topic(party: Address) -> str:
    """What a party waits for: something to sign."""
    return f"party:{party}"


def propose(session: Session, runtime: Runtime, now: int) -> bool:
    """Proposes every due receipt that may be paid by netting now. Returns whether there was any."""
    rows = payments.locked(session, settlement.payable(session))
    book = settlement.load(session, rows, runtime.operator.address, now)
    busy = settlement.buyers_in_batches(session)
    pausing = _pausing(session, runtime, book.dues, now)
    misses = runtime.settings.proposals_before_statement
    dues = [
        due
        for due in book.dues
        if due.buyer not in busy and due.receipt not in pausing and not settles_bilaterally(due, misses)
    ]
    batch = plan_batch(replace(book, dues=dues), runtime.settings.batch_receipts_maximum).batch
    if batch is not None:
        _open(session, runtime, batch, now)
    return batch is not None


def drop_silent(session: Session, runtime: Runtime, now: int) -> None:
    """Proposes anew, under the same epoch, the batches for which somebody kept silent for too long."""
    deadline = now - runtime.settings.silence_seconds
    query = select(BatchRow).where(BatchRow.state == ProposalState.OPEN, BatchRow.created_at <= deadline)
    for row in session.exec(query.with_for_update()).all():
        silent = [place for place in settlement.batch_parties(session, row.id) if place.signature is None]
        detail = f"no signature within {runtime.settings.silence_seconds:g} s"
        why = Explanation(reason=Reason.PARTY_SILENT, detail=detail)
        leave_out(session, runtime, row, silent, why, now)


def take_back_failed(session: Session, runtime: Runtime, now: int) -> None:
    """Makes the receipts of batches that the contract refused due again."""
    query = (
        select(BatchRow, IntentRow)
        .join(IntentRow, col(IntentRow.id) == col(BatchRow.intent))
        .where(BatchRow.state == ProposalState.SENT, IntentRow.state == IntentState.FAILED)
    )
    for row, intent in session.exec(query.with_for_update(of=BatchRow)).all():
        close(session, row, ProposalState.FAILED, intent.reason, intent.detail)
        release(session, row, receipts_of(session, row), now)


def close(
    session: Session, row: BatchRow, state: ProposalState, reason: Reason | None, detail: str | None
) -> None:
    """Ends a batch in the market's books."""
    row.state, row.reason, row.detail = state, reason, detail
    session.add(row)


def _pausing(session: Session, runtime: Runtime, dues: Iterable[Due], now: int) -> set[Hash]:
    """Receipts that fell out of proposals wait longer each time, so that they do not hold up others."""
    missed = {due.receipt: due.misses for due in dues if due.misses}
    asked = settlement.last_asked(session, missed)
    interval = runtime.settings.settlement_seconds
    pauses = {receipt: interval * 2 ** min(misses, 16) for receipt, misses in missed.items()}
    return {one for one, pause in pauses.items() if now < asked[one] + min(pause, LONGEST_PAUSE_SECONDS)}


def _open(session: Session, runtime: Runtime, batch: Batch, now: int) -> None:
    row = _saved(session, runtime, batch, now)
    for receipt in payments.locked(session, [task.receipt for task in batch.tasks]):
        if receipt.payment is not PaymentState.PROPOSED:
            payments.move(session, receipt, PaymentState.PROPOSED, now)
        receipt.proposal, receipt.epoch = row.id, row.epoch
    session.flush()
    _sign_as_delegate(session, runtime, row, now)
    send_if_complete(session, row, now)


def _saved(session: Session, runtime: Runtime, batch: Batch, now: int) -> BatchRow:
    row = BatchRow(id=message(batch).id(), epoch=batch.epoch, packed=pack(batch), created_at=now)
    session.add(row)
    session.flush()
    session.add_all(_places(runtime, row.id, batch))
    session.add_all(BatchReceiptRow(batch=row.id, receipt=task.receipt) for task in batch.tasks)
    for party in (*batch.buyers(), *batch.nodes()):
        events.wake(session, party_topic(party))
    return row


def _places(runtime: Runtime, id_: Hash, batch: Batch) -> Iterable[BatchPartyRow]:
    paid = net(batch, runtime.deployment.fee_basis_points).paid
    for position, buyer in enumerate(batch.buyers()):
        yield BatchPartyRow(batch=id_, position=position, party=buyer, is_buyer=True, amount=paid[buyer])
    for position, node in enumerate(batch.nodes(), start=len(batch.buyers())):
        yield BatchPartyRow(batch=id_, position=position, party=node, is_buyer=False, amount=0)


def _sign_as_delegate(session: Session, runtime: Runtime, row: BatchRow, now: int) -> None:
    """The operator signs for itself and for the buyers who delegated to it on chain."""
    operator = runtime.operator
    signature = sign(operator, runtime.domain, netting_of(row))
    for place in settlement.batch_parties(session, row.id):
        if why_may_not_sign(session, place, operator.address, now) is None:
            place.signature, place.signer = signature, operator.address


def netting_of(row: BatchRow) -> Netting:
    """What the parties of a batch sign."""
    return Netting(epoch=row.epoch, batch=batch_hash(row.packed))


def why_may_not_sign(session: Session, place: BatchPartyRow, signer: Address, now: int) -> Explanation | None:
    """Why a key's signature would not bind the party at this place of a batch; None when it would."""
    if signer == place.party:
        return None
    delegation = active_delegation(session, place.party, signer, now) if place.is_buyer else None
    if delegation is None:
        detail = f"{signer} may not sign for {place.party}"
        return Explanation(reason=Reason.SIGNER_MISMATCH, detail=detail)
    if delegation.remaining < place.amount:
        detail = f"{signer} may spend {delegation.remaining} atoms more for {place.party}, not {place.amount}"
        return Explanation(reason=Reason.DELEGATION_EXCEEDED, detail=detail)
    return None


def send_if_complete(session: Session, row: BatchRow, now: int) -> None:
    """Queues the batch for the chain once every party has signed."""
    signatures = [place.signature for place in settlement.batch_parties(session, row.id)]
    if not all(signatures):
        return
    arguments = {"packed": "0x" + row.packed.hex(), "signatures": signatures}
    row.intent = outbox.queue(session, IntentKind.SETTLE_BATCH, row.id, arguments, now).id
    row.state = ProposalState.SENT
    for receipt in payments.locked(session, receipts_of(session, row)):
        payments.move(session, receipt, PaymentState.SENT, now)


def leave_out(
    session: Session,
    runtime: Runtime,
    row: BatchRow,
    places: Collection[BatchPartyRow],
    why: Explanation,
    now: int,
) -> None:
    """Parties do not sign: all their receipts leave, and the rest is proposed anew under the same epoch."""
    for place in places:
        place.reason, place.detail = why.reason, why.detail
    rows = payments.locked(session, receipts_of(session, row))
    overtaken = any(one.payment in ENDED_PAYMENTS for one in rows)
    dues = settlement.dues_of(session, rows)
    smaller = None if overtaken else drop(row.epoch, dues, {place.party for place in places})
    close(session, row, ProposalState.REPLACED if smaller else ProposalState.FAILED, why.reason, why.detail)
    kept = {task.receipt for task in smaller.tasks} if smaller else set()
    release(session, row, {one.id for one in rows} - kept, now)
    if smaller is not None:
        _open(session, runtime, smaller, now)


def release(session: Session, row: BatchRow, receipts: Collection[Hash], now: int) -> None:
    """The receipts fell out of the batch and are due again, unless the chain has paid them meanwhile."""
    for stood in session.exec(select(BatchReceiptRow).where(BatchReceiptRow.batch == row.id)):
        stood.missed += stood.receipt in receipts
    for receipt in payments.locked(session, receipts):
        if receipt.proposal == row.id and receipt.payment not in ENDED_PAYMENTS:
            payments.move(session, receipt, PaymentState.DUE, now)
            receipt.proposal = receipt.epoch = None


def receipts_of(session: Session, row: BatchRow) -> list[Hash]:
    """The receipts that stand in a batch."""
    return list(session.exec(select(BatchReceiptRow.receipt).where(BatchReceiptRow.batch == row.id)))
