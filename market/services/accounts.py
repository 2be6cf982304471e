"""Accounts: what the chain says of one, and the signed messages that the relayer carries for it.

Every signature and expiry is checked before anything is queued; the contracts check again.
"""

import secrets

from sqlmodel import Session

from market.db.queries import commitments, nodes, outbox
from market.db.queries.explained import explained
from market.db.tables.chain import AccountRow, DelegationRow
from market.db.tables.outbox import IntentKind, IntentRow
from market.runtime import Runtime
from suanli.protocol.documents import content_hash
from suanli.protocol.errors import MarketError
from suanli.protocol.messages import Delegation
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import AccountView, DepositRequest, Intent, IntentState
from suanli.protocol.wire.common import Signed

_DAY_SECONDS = 24 * 3600


def view(session: Session, address: Address) -> AccountView:
    """An account as last indexed; one that the chain does not know is empty."""
    row = session.get(AccountRow, address) or AccountRow(
        address=address, balance=0, epoch=0, thawing=0, thaw_ready_at=0
    )
    return AccountView(
        address=address,
        balance=row.balance,
        thawing=row.thawing,
        thaw_ready_at=row.thaw_ready_at,
        epoch=row.epoch,
        staked=nodes.staked(session, address),
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

    Raises MarketError(MESSAGE_EXPIRED | SIGNER_MISMATCH | MESSAGE_REPLAYED | RATE_LIMITED).
    """
    delegation = signed.message
    check_not_expired(delegation.expiry, now)
    if not runtime.authority(delegation.account, runtime.domain.digest(delegation), signed.signature):
        raise MarketError(Reason.SIGNER_MISMATCH, f"{delegation.account} did not sign this delegation")
    if outbox.find(session, IntentKind.DELEGATE, delegation.id()) is None:
        _check_nonce(session, delegation)
    _check_pace(session, runtime, IntentKind.DELEGATE, delegation.id(), delegation.account, now)
    arguments = {"delegation": signed.model_dump(mode="json")}
    return outbox.queue(session, IntentKind.DELEGATE, delegation.id(), arguments, now)


def deposit(session: Session, runtime: Runtime, request: DepositRequest, now: int) -> IntentRow:
    """Queues a deposit by permit (EIP-2612); only the token knows whether its signature holds.

    Raises MarketError(MESSAGE_EXPIRED | MESSAGE_MALFORMED | RATE_LIMITED).
    """
    check_not_expired(request.deadline, now)
    least = runtime.settings.deposit_minimum
    if request.amount < least or request.v not in (27, 28):
        detail = f"a relayed deposit has {least} atoms or more, and a permit v 27 or 28"
        raise MarketError(Reason.MESSAGE_MALFORMED, detail, minimum=str(least))
    key = content_hash(request.model_dump_json().encode())
    _check_pace(session, runtime, IntentKind.DEPOSIT, key, request.account, now)
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


def _check_pace(
    session: Session, runtime: Runtime, kind: IntentKind, key: Hash, account: Address, now: int
) -> None:
    """The relay's gas is the operator's: one message of a kind at a time, and so many a day."""
    outbox.one_at_a_time(session, account)
    known = outbox.find(session, kind, key)
    if known is not None and known.state is not IntentState.FAILED:
        return
    if outbox.under_way(session, kind, account) is not None:
        detail = f"another {kind} message of {account} is on its way; wait for its end"
        raise MarketError(Reason.RATE_LIMITED, detail)
    most = runtime.settings.relays_per_day
    if outbox.count_since(session, kind, account, now - _DAY_SECONDS) >= most:
        detail = (
            f"{most} {kind} messages of {account} were relayed in a day; send it to the contract yourself"
        )
        raise MarketError(Reason.RATE_LIMITED, detail)


def _check_nonce(session: Session, delegation: Delegation) -> None:
    row = session.get(DelegationRow, (delegation.account, delegation.delegate))
    if row is not None and delegation.nonce <= row.nonce:
        detail = f"the last delegation to {delegation.delegate} has nonce {row.nonce}; take a higher one"
        raise MarketError(Reason.MESSAGE_REPLAYED, detail)
