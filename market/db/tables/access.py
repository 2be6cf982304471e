"""Who may come in: sign-in challenges, sessions and API keys. Secrets stand here only as hashes."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class ChallengeRow(SQLModel, table=True):
    """A sign-in text that was handed out and not yet used; its nonce works once."""

    __tablename__ = "challenges"
    nonce: str = Field(primary_key=True)
    address: str
    expires_at: int = Field(sa_type=sa.BigInteger, index=True)


class SessionRow(SQLModel, table=True):
    """A bearer session, found by the SHA-256 of its token."""

    __tablename__ = "sessions"
    token_hash: str = Field(primary_key=True)
    address: str
    expires_at: int = Field(sa_type=sa.BigInteger, index=True)


class ApiKeyRow(SQLModel, table=True):
    """An account's API key, found by the SHA-256 of the key."""

    __tablename__ = "api_keys"
    id: str = Field(primary_key=True)
    key_hash: str = Field(unique=True)
    address: str = Field(index=True)
    name: str
    created_at: int = Field(sa_type=sa.BigInteger)
