"""Challenges, sessions and API keys, found by hashes."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from market.db.tables.access import ApiKeyRow, ChallengeRow, SessionRow
from suanli.protocol.values import Address


def take_challenge(session: Session, nonce: str) -> ChallengeRow | None:
    """The challenge with this nonce, which is gone from now on."""
    row = session.get(ChallengeRow, nonce, with_for_update=True)
    if row is not None:
        session.delete(row)
        session.flush()
    return row


def session_of(session: Session, token_hash: str, now: int) -> SessionRow | None:
    """The session of a token, while it lasts."""
    row = session.get(SessionRow, token_hash)
    return row if row is not None and row.expires_at > now else None


def key_of(session: Session, key_hash: str) -> ApiKeyRow | None:
    """The API key with this hash."""
    return session.exec(select(ApiKeyRow).where(ApiKeyRow.key_hash == key_hash)).first()


def keys_of(session: Session, address: Address, after: str | None, limit: int) -> list[ApiKeyRow]:
    """An account's API keys by id."""
    query = select(ApiKeyRow).where(ApiKeyRow.address == address).order_by(col(ApiKeyRow.id)).limit(limit)
    return list(session.exec(query if after is None else query.where(ApiKeyRow.id > after)))


def forget_expired(session: Session, now: int) -> None:
    """Drops challenges and sessions that nobody can use any more."""
    session.execute(sa.delete(ChallengeRow).where(col(ChallengeRow.expires_at) <= now))
    session.execute(sa.delete(SessionRow).where(col(SessionRow.expires_at) <= now))
