"""Sends what the outbox holds. The only sender of the operator's transactions: one relayer leads at a time.

Nonce and signed bytes are stored before they are broadcast, so a crash at any point neither loses an intent
nor does it twice: what is stored is sent again, byte for byte. Whether it landed is for the indexer to say.
"""

import structlog
from sqlmodel import Session

from market.chain.calls import call_of
from market.chain.client import Chain
from market.chain.contracts import Call, Contracts
from market.chain.signing import Fees, sign_transaction
from market.db.queries import outbox
from market.db.session import transaction
from market.db.tables.outbox import IntentRow, TransmissionRow
from market.runtime import Runtime
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import IntentState

INTENTS_PER_STEP = 50
GAS_HEADROOM_PERCENT = 120
FEE_BUMP_PERCENT = 125
"""Nodes refuse a replacement that is not at least 10 % dearer."""
MOST_TIMES_THE_OFFER = 10
"""No transaction is worth more than so many times what others pay now."""
ATTEMPTS_BEHIND_OTHERS = 20
"""How often a revert is put down to an earlier intent that has not landed yet."""

_log = structlog.get_logger("relayer")


class Relayer:
    """Moves intents from QUEUED to SENT (or FAILED), and repeats what the chain has not taken."""

    def __init__(self, runtime: Runtime, chain: Chain) -> None:
        self._engine = runtime.engine
        self._settings = runtime.settings
        self._operator = runtime.operator
        self._chain_id = runtime.deployment.chain_id
        self._chain = chain
        self._contracts = Contracts(runtime.deployment)

    def step(self, now: float) -> int:
        """Broadcasts what is stored, renews what is stuck, then signs and sends what is queued.

        Returns how many intents it signed. Raises ChainError(CHAIN_UNREACHABLE); nothing is lost by it.
        """
        self.broadcast_stored(now)
        self._renew_stuck(now)
        with transaction(self._engine) as session:
            waiting = [row.id for row in outbox.queued(session, now, INTENTS_PER_STEP)]
        return sum(self._send(intent, now) for intent in waiting)

    def broadcast_stored(self, now: float) -> None:
        """Sends every stored transaction that the node has not yet taken."""
        with transaction(self._engine) as session:
            flying = [row.id for row in outbox.in_flight(session)]
            stored = [row for row in outbox.transmissions(session, flying) if row.broadcast_at is None]
        for row in stored:
            self._broadcast(row, now)

    def store(self, intent: str, call: Call, gas: int, fees: Fees, now: float) -> TransmissionRow | None:
        """Gives a queued intent its nonce and keeps the signed bytes; None when it is no longer queued."""
        chain_nonce = self._chain.nonce(self._operator.address)
        with transaction(self._engine) as session:
            row = session.get(IntentRow, intent, with_for_update=True)
            if row is None or row.state is not IntentState.QUEUED:
                return None
            nonce = outbox.next_nonce(session, chain_nonce)
            return self._keep(session, row, nonce, call, gas, fees, now)

    def _send(self, intent: str, now: float) -> bool:
        with transaction(self._engine) as session:
            row = session.get_one(IntentRow, intent)
        try:
            call = call_of(self._contracts, row.kind, row.arguments)
            gas = self._chain.estimate_gas(call, self._operator.address) * GAS_HEADROOM_PERCENT // 100
        except ChainError as error:
            if error.reason is Reason.CHAIN_UNREACHABLE:
                raise
            self._decline(intent, error, now)
            return False
        stored = self.store(intent, call, gas, self._chain.fees(), now)
        if stored is not None:
            self._broadcast(stored, now)
        return stored is not None

    def _keep(
        self, session: Session, row: IntentRow, nonce: int, call: Call, gas: int, fees: Fees, now: float
    ) -> TransmissionRow:
        signed = sign_transaction(self._operator, self._chain_id, nonce, call, gas, fees)
        kept = TransmissionRow(
            hash=signed.hash,
            intent=row.id,
            nonce=nonce,
            raw=signed.raw,
            gas=gas,
            fee=fees.maximum,
            priority_fee=fees.priority,
            signed_at=now,
        )
        session.add(kept)
        row.state, row.nonce, row.transaction = IntentState.SENT, nonce, signed.hash
        row.reason = row.detail = None
        return kept

    def _broadcast(self, row: TransmissionRow, now: float) -> None:
        try:
            self._chain.send(row.raw)
        except ChainError as error:
            if error.reason is Reason.CHAIN_UNREACHABLE:
                raise
            self._note_refusal(row, error)
            if not _nonce_is_taken(error):
                return
        with transaction(self._engine) as session:
            session.get_one(TransmissionRow, row.hash).broadcast_at = now
        _log.info("transaction_broadcast", intent=row.intent, transaction=row.hash, nonce=row.nonce)

    def _note_refusal(self, row: TransmissionRow, error: ChainError) -> None:
        _log.warning("transaction_refused", intent=row.intent, transaction=row.hash, **error.to_json())
        with transaction(self._engine) as session:
            intent = session.get_one(IntentRow, row.intent)
            intent.reason, intent.detail = error.reason, error.detail

    def _decline(self, intent: str, error: ChainError, now: float) -> None:
        """What cannot succeed now fails for good, unless something that is on its way may change that."""
        with transaction(self._engine) as session:
            row = session.get_one(IntentRow, intent, with_for_update=True)
            row.attempts += 1
            row.reason, row.detail = error.reason, error.detail
            hopeless = not outbox.in_flight(session) or row.attempts >= ATTEMPTS_BEHIND_OTHERS
            if error.reason is Reason.MESSAGE_MALFORMED or (
                error.reason is Reason.CONTRACT_REVERTED and hopeless
            ):
                row.state = IntentState.FAILED
            else:
                row.next_attempt_at = now + self._delay(row.attempts)
        _log.warning("intent_declined", intent=intent, state=row.state, **error.to_json())

    def _delay(self, attempts: int) -> float:
        doublings = min(attempts - 1, 16)
        return min(float(self._settings.relay_seconds * 2**doublings), self._settings.retry_maximum_seconds)

    def _renew_stuck(self, now: float) -> None:
        """Makes dearer, under its nonce, what was not mined in time; re-queues what lost its nonce."""
        stale = now - self._settings.fee_bump_seconds
        with transaction(self._engine) as session:
            flying = outbox.in_flight(session)
            sent = outbox.transmissions(session, [row.id for row in flying])
        latest = {row.intent: row for row in sent}
        stuck = [row for row in latest.values() if row.signed_at <= stale]
        mined = self._chain.mined([row.hash for row in sent]) if stuck else {}
        landed = {row.intent for row in sent if row.hash in mined}
        for row in stuck:
            if row.intent not in landed:
                self._renew(row, now)

    def _renew(self, last: TransmissionRow, now: float) -> None:
        if self._chain.nonce(self._operator.address, self._confirmed_block()) > last.nonce:
            self._requeue(last)
            return
        dearer = Fees(last.fee, last.priority_fee).raised(FEE_BUMP_PERCENT)
        offered = self._chain.fees()
        refused_for_more_than_its_price = last.broadcast_at is None and offered.maximum <= last.fee
        if refused_for_more_than_its_price or dearer.maximum > MOST_TIMES_THE_OFFER * offered.maximum:
            return
        fees = Fees(max(dearer.maximum, offered.maximum), max(dearer.priority, offered.priority))
        with transaction(self._engine) as session:
            row = session.get_one(IntentRow, last.intent, with_for_update=True)
            if row.state is not IntentState.SENT or row.nonce != last.nonce:
                return
            call = call_of(self._contracts, row.kind, row.arguments)
            kept = self._keep(session, row, last.nonce, call, last.gas, fees, now)
        self._broadcast(kept, now)

    def _confirmed_block(self) -> int:
        return max(0, self._chain.head() - self._settings.confirmations)

    def _requeue(self, last: TransmissionRow) -> None:
        """Another transaction of the operator's key took the nonce for good: these bytes can never land."""
        with transaction(self._engine) as session:
            row = session.get_one(IntentRow, last.intent, with_for_update=True)
            if row.state is IntentState.SENT and row.nonce == last.nonce:
                outbox.reset(row)
        _log.warning("nonce_lost", intent=last.intent, nonce=last.nonce)


def _nonce_is_taken(error: ChainError) -> bool:
    """The node says that this nonce is mined or that a dearer transaction holds it; the indexer will tell."""
    text = error.detail.lower()
    return "nonce too low" in text or "underpriced" in text
