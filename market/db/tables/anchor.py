"""Anchors: what the operator commits to on chain for each clearing, with the evidence behind it."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from market.db import columns
from suanli.protocol.messages import EpochAnchor


class AnchorRow(SQLModel, table=True):
    """The anchor of a clearing, written with it; `evidence` is the hash of a blob that shows all of it."""

    __tablename__ = "anchors"
    epoch: int = Field(
        primary_key=True,
        foreign_key="clearings.epoch",
        sa_type=sa.BigInteger,
        sa_column_kwargs={"autoincrement": False},
    )
    message: EpochAnchor = Field(sa_column=columns.json(EpochAnchor))
    signature: str
    evidence: str = Field(index=True)
    leases: str | None = Field(default=None, index=True)
    """The hash of a blob that holds all leases of the epoch."""
