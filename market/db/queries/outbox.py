"""The outbox: services queue intents in their own transaction; the relayer takes them from here."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from market.db.tables.outbox import IntentKind, IntentRow, TransmissionRow
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import IntentState

_NONCE_LOCK = 0x5A_0001
"""The advisory lock under which nonces are given out."""
_ACCOUNT_LOCK = 0x5A_0002
"""The class of the advisory locks of accounts."""


def queue(session: Session, kind: IntentKind, key: Hash, arguments: dict[str, Any], now: int) -> IntentRow:
    """The intent to do this on chain. The same `key` is done once; one that failed is tried anew."""
    row = session.get(IntentRow, _id(kind, key), with_for_update=True)
    if row is None:
        row = IntentRow(id=_id(kind, key), kind=kind, arguments=arguments, created_at=now)
        session.add(row)
        session.flush()
    elif row.state is IntentState.FAILED:
        row.arguments = arguments
        reset(row)
    return row


def find(session: Session, kind: IntentKind, key: Hash) -> IntentRow | None:
    """The intent with this key."""
    return session.get(IntentRow, _id(kind, key))


def under_way(session: Session, kind: IntentKind, account: Address) -> IntentRow | None:
    """An intent of this kind for an account that has not ended yet."""
    query = select(IntentRow).where(
        IntentRow.kind == kind,
        col(IntentRow.state).in_([IntentState.QUEUED, IntentState.SENT]),
        _account(kind) == account,
    )
    return session.exec(query).first()


def count_since(session: Session, kind: IntentKind, account: Address, since: int) -> int:
    """How many intents of this kind an account has had queued since then."""
    query = select(func.count()).where(
        IntentRow.kind == kind, IntentRow.created_at > since, _account(kind) == account
    )
    return int(session.exec(query).one())


def one_at_a_time(session: Session, account: Address) -> None:
    """Holds others off who would queue something for this account, until the transaction ends."""
    session.exec(select(func.pg_advisory_xact_lock(_ACCOUNT_LOCK, func.hashtext(account))))


def reset(row: IntentRow) -> None:
    """Back to the queue, to be sent under a new nonce."""
    row.state = IntentState.QUEUED
    row.nonce = row.transaction = row.block = row.reason = row.detail = None
    row.attempts = 0
    row.next_attempt_at = 0.0


def queued(session: Session, now: float, limit: int) -> Sequence[IntentRow]:
    """Intents whose time has come, oldest first."""
    query = (
        select(IntentRow)
        .where(IntentRow.state == IntentState.QUEUED, IntentRow.next_attempt_at <= now)
        .order_by(col(IntentRow.number))
        .limit(limit)
    )
    return session.exec(query).all()


def in_flight(session: Session) -> Sequence[IntentRow]:
    """Intents that are signed and not yet known to be mined, by nonce."""
    query = select(IntentRow).where(IntentRow.state == IntentState.SENT).order_by(col(IntentRow.nonce))
    return session.exec(query).all()


def next_nonce(session: Session, chain_nonce: int) -> int:
    """The nonce after everything that is signed and may still land."""
    highest = session.exec(select(func.max(IntentRow.nonce)).where(IntentRow.state == IntentState.SENT)).one()
    return chain_nonce if highest is None else max(chain_nonce, int(highest) + 1)


def transmissions(session: Session, intents: Sequence[str]) -> Sequence[TransmissionRow]:
    """Every signed transaction of some intents under their current nonce, oldest first."""
    query = (
        select(TransmissionRow)
        .join(IntentRow, col(IntentRow.id) == col(TransmissionRow.intent))
        .where(col(TransmissionRow.intent).in_(intents), TransmissionRow.nonce == IntentRow.nonce)
        .order_by(col(TransmissionRow.nonce), col(TransmissionRow.signed_at))
    )
    return session.exec(query).all()


def depth(session: Session) -> int:
    """How many intents are queued or on their way."""
    query = select(func.count()).where(col(IntentRow.state).in_([IntentState.QUEUED, IntentState.SENT]))
    return int(session.exec(query).one())


def _account(kind: IntentKind) -> sa.ColumnElement[str]:
    path = ("delegation", "message", "account") if kind is IntentKind.DELEGATE else ("account",)
    return col(IntentRow.arguments)[path].astext  # type: ignore[no-any-return]


def _id(kind: IntentKind, key: Hash) -> str:
    return f"{kind.value.lower()}-{key}"
