"""Clearings: one row per epoch in which something changed."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


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
    """The hash of the matches and non-matches alone: an epoch equal to its predecessor is not stored."""
