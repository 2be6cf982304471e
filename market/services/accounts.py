"""Accounts: what the chain says of one, and the signed messages that the relayer carries for it.

Every signature and expiry is checked before anything is queued; the contracts check again.
"""

import secrets

from sqlmodel import Session

from market.db.queries import commitments, outbox
from market.db.queries.explained import explained
from market.db.tables.chain import AccountRow, DelegationRow
from market.db.tables.outbox import IntentKind, IntentRow
from market.runtime import Runtime
from suanli.protocol.documents import content_hash
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import Delegation
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import AccountView, DepositRequest, Intent, IntentState
from suanli.protocol.wire.common import Signed


def view(session: Session, address: Address) -> AccountView:
    """An account as last indexed; one that the chain does not know is empty."""
    row = session.get(AccountRow, address) or AccountRow(
        address=address, balance=0, epoch=0, thawing=0, thaw_ready_at=0, staked=0
    )
    return AccountView(
        address=address,
        balance=row.balance,
        thawing=row.thawing,
        thaw_ready_at=row.thaw_ready_at,
        epoch=row.epoch,
        staked=row.staked,
        committed=max(0, commitments.committed(session, address)),
    )


def intent_view(row: IntentRow) -> Intent:
    """An intent as those who wait for it see it."""
    failure = explained(row.reason, row.detail) if row.state is IntentState.FAILED else None
    return Intent(
        id=row.id, kind=row.kind.value, state=row.state, transaction=row.transaction, failure=failure
    )


def find_intent(session: Session, intent: str) -> IntentRow:
    """One intent. Raises MarketError(NOT_FOUND)."""
    row = session.get(IntentRow, intent)
    if row is None:
        raise MarketError(Reason.NOT_FOUND, f"there is no intent {intent}")
    return row


def delegate(session: Session, runtime: Runtime, signed: Signed[Delegation], now: int) -> IntentRow:
    """Queues a delegation that the account itself signed.

    Raises MarketError(MESSAGE_EXPIRED | SIGNER_MISMATCH | MESSAGE_REPLAYED).
    """
    delegation = signed.message
    check_not_expired(delegation.expiry, now)
    if not runtime.authority(delegation.account, runtime.domain.digest(delegation), signed.signature):
        raise MarketError(Reason.SIGNER_MISMATCH, f"{delegation.account} did not sign this delegation")
    if outbox.find(session, IntentKind.DELEGATE, delegation.id()) is None:
        _check_nonce(session, delegation)
    arguments = {"delegation": signed.model_dump(mode="json")}
    return outbox.queue(session, IntentKind.DELEGATE, delegation.id(), arguments, now)


def deposit(session: Session, request: DepositRequest, now: int) -> IntentRow:
    """Queues a deposit by permit (EIP-2612); only the token knows whether its signature holds.

    Raises MarketError(MESSAGE_EXPIRED | MESSAGE_MALFORMED).
    """
    check_not_expired(request.deadline, now)
    if request.amount == 0 or request.v not in (27, 28):
        raise MarketError(Reason.MESSAGE_MALFORMED, "a permit has an amount above zero and v 27 or 28")
    key = content_hash(request.model_dump_json().encode())
    return outbox.queue(session, IntentKind.DEPOSIT, key, request.model_dump(mode="json"), now)


def faucet(session: Session, runtime: Runtime, account: Address, now: int) -> IntentRow:
    """Queues gas money and test tokens, on development chains. While some is on its way, no more is queued.

    Raises MarketError(NOT_AUTHORISED).
    """
    if not runtime.settings.development:
        raise MarketError(Reason.NOT_AUTHORISED, "this market has no faucet: its money is real")
    under_way = outbox.under_way(session, IntentKind.FAUCET_TOKEN, account)
    if under_way is not None:
        return under_way
    key = "0x" + secrets.token_hex(32)
    gas = {"account": account, "amount": str(runtime.settings.faucet_wei)}
    outbox.queue(session, IntentKind.FAUCET_GAS, key, gas, now)
    tokens = {"account": account, "amount": str(runtime.settings.faucet_atoms)}
    return outbox.queue(session, IntentKind.FAUCET_TOKEN, key, tokens, now)


def check_not_expired(expiry: int, now: int) -> None:
    """Raises MarketError(MESSAGE_EXPIRED) when a message's last second has passed."""
    if expiry < now:
        raise MarketError(Reason.MESSAGE_EXPIRED, f"the message expired at {expiry}, {now - expiry} s ago")


def _check_nonce(session: Session, delegation: Delegation) -> None:
    row = session.get(DelegationRow, (delegation.account, delegation.delegate))
    if row is not None and delegation.nonce <= row.nonce:
        detail = f"the last delegation to {delegation.delegate} has nonce {row.nonce}; take a higher one"
        raise MarketError(Reason.MESSAGE_REPLAYED, detail)
