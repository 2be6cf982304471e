"""The log of the single writer: every decision in its order, and what can be made anew from it.

Only `market.writer` writes here, each time in one statement that also checks its term.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from market.core.holds import Kind
from market.db import columns

_FREED = sa.text("kind = 'FREED'")
_TAKEN = sa.text("kind = 'TAKEN'")
_CLAIMED = sa.text("kind = 'CLAIMED'")


class WriterRow(SQLModel, table=True):
    """The one row that every decision changes: whose term it is, and how far log and time have come."""

    __tablename__ = "writer"
    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    term: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    """Counts takeovers; a writer of an older term can write no more."""
    number: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    """Of the last decision."""
    at: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    """The log's time in milliseconds, which never goes back: what ends by it has ended."""
    occupied: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    """Counts the clearings that took slots; a writer that has not seen the last one cannot write."""
    url: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where the writer answers."""


class DecisionRow(SQLModel, table=True):
    """An entry of the log (`core.holds.Entry`); never changed, never removed."""

    __tablename__ = "decisions"
    __table_args__ = (
        sa.Index("decisions_taken", "until", postgresql_where=_TAKEN),
        sa.Index("decisions_claimed", "job", postgresql_where=_CLAIMED),
        sa.Index("decisions_freed", "hold", unique=True, postgresql_where=_FREED),
    )
    number: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    term: int = Field(sa_type=sa.BigInteger)
    at: int = Field(sa_type=sa.BigInteger)
    kind: Kind = Field(sa_column=columns.state(Kind))
    account: str
    key: str | None = None
    first: int | None = Field(default=None, sa_type=sa.BigInteger)
    request: str | None = None
    node: str | None = None
    until: int | None = Field(default=None, sa_type=sa.BigInteger)
    hold: int | None = Field(default=None, sa_type=sa.BigInteger)
    job: str | None = None
    task: int | None = None
    body: str | None = None


class ClaimRow(SQLModel, table=True):
    """A hold that an order claimed and that is neither served nor void yet: what clearing reads."""

    __tablename__ = "hold_claims"
    hold: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    job: str = Field(index=True)
    task: int
    node: str


class SnapshotRow(SQLModel, table=True):
    """What the log up to `number` adds up to, so that a start reads only what follows."""

    __tablename__ = "decision_snapshots"
    number: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    term: int = Field(sa_type=sa.BigInteger)
    digest: str
    state: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
