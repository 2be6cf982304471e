"""Clearings: one row per epoch in which something changed, what was shown to be better, what was on offer."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from market.db import columns
from suanli.protocol.messages import Prices
from suanli.protocol.wire.capacity import Capacity


class ClearingRow(SQLModel, table=True):
    """A clearing; `document` and `book` are the hashes of two blobs that hold all of it."""

    __tablename__ = "clearings"
    epoch: int = Field(
        primary_key=True,
        sa_type=sa.BigInteger,
        sa_column_kwargs={"autoincrement": False},
    )
    at: int = Field(sa_type=sa.BigInteger)
    document: str = Field(index=True)
    book: str = Field(index=True)
    matches: int
    non_matches: int
    verdict: str
    """The hash of the matches and reasons alone: an epoch equal to its predecessor is not stored."""
    certificate: str | None = Field(default=None, index=True)
    """The hash of the blob that proves how good the round was; older epochs have none."""
    welfare: int | None = Field(default=None, sa_column=columns.whole(nullable=True))
    """What all matches gain, in micro-atoms."""
    prices: Prices | None = Field(default=None, sa_column=columns.json(Prices, nullable=True))
    """Of each dimension the upper median of the leases' prices; empty without a lease."""


class RoundChallengeRow(SQLModel, table=True):
    """A better allocation of a kept epoch that somebody showed; `id` is the hash of a blob that holds it."""

    __tablename__ = "round_challenges"
    id: str = Field(primary_key=True)
    epoch: int = Field(sa_type=sa.BigInteger, foreign_key="clearings.epoch", index=True)
    challenger: str
    welfare: int = Field(sa_column=columns.whole())
    """What its matches gain, in micro-atoms: more than the certificate's and every earlier challenge's."""
    received_at: int = Field(sa_type=sa.BigInteger)


class CapacityRow(SQLModel, table=True):
    """What the fleet of an epoch had to offer, by region and tier; old rows are thinned out."""

    __tablename__ = "capacity"
    epoch: int = Field(
        primary_key=True,
        foreign_key="clearings.epoch",
        sa_type=sa.BigInteger,
        sa_column_kwargs={"autoincrement": False},
    )
    at: int = Field(sa_type=sa.BigInteger, index=True)
    view: Capacity = Field(sa_column=columns.json(Capacity))
