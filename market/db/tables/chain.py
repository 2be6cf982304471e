"""What the chain has decided, as last indexed. Only the indexer writes here; all of it can be rebuilt.

`blocks` remembers recent hashes, so that a reorganisation is seen; its highest row is the cursor.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from market.db import columns


class BlockRow(SQLModel, table=True):
    """An indexed block; rows deeper than the reorganisation depth are dropped, except the highest."""

    __tablename__ = "blocks"
    number: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    hash: str


class AccountRow(SQLModel, table=True):
    """An account of the Ledger, in atoms."""

    __tablename__ = "accounts"
    address: str = Field(primary_key=True)
    balance: int = Field(default=0, sa_column=columns.whole(default=0))
    """Includes what is thawing: it stays payable until it is withdrawn."""
    epoch: int = Field(default=0, sa_column=columns.whole(default=0))
    """The highest netting epoch that the account has consumed."""
    thawing: int = Field(default=0, sa_column=columns.whole(default=0))
    thaw_ready_at: int = Field(default=0, sa_column=columns.whole(default=0))


class DelegationRow(SQLModel, table=True):
    """What a delegate may still spend for an account; `remaining` 0 once it is revoked."""

    __tablename__ = "delegations"
    account: str = Field(primary_key=True)
    delegate: str = Field(primary_key=True)
    remaining: int = Field(default=0, sa_column=columns.whole(default=0))
    expiry: int = Field(default=0, sa_column=columns.whole(default=0))
    nonce: int = Field(default=0, sa_column=columns.whole(default=0))


class PaidWordRow(SQLModel, table=True):
    """256 serials of a node's leases, those paid (or under claim) marked by a bit."""

    __tablename__ = "paid_words"
    node: str = Field(primary_key=True)
    word: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    """The serials from `256 * word` on."""
    bits: bytes
    """32 bytes, the lowest serial in the first one's lowest bit, as PostgreSQL's `get_bit` counts."""


class ClaimRecordRow(SQLModel, table=True):
    """What the ClaimCourt has on record of a claim by one side alone; `id` is the lease's."""

    __tablename__ = "claim_records"
    id: str = Field(primary_key=True)
    is_open: bool
    """Whether the court holds the serial and the money: unchallenged or in dispute."""


class ReservationRow(SQLModel, table=True):
    """Money that a buyer set aside for one order: it lies in a Ledger account of its own (`AccountRow`)."""

    __tablename__ = "reservations"
    order: str = Field(primary_key=True)
    buyer: str
    guardian: str
    account: str = Field(index=True)


class Touched(StrEnum):
    """The kinds of chain-decided rows that an event may change."""

    ACCOUNT = "ACCOUNT"
    NODE = "NODE"
    DELEGATION = "DELEGATION"
    PAID_WORD = "PAID_WORD"
    CLAIM = "CLAIM"
    RESERVATION = "RESERVATION"


class TouchRow(SQLModel, table=True):
    """Which row an event in which block changed: what to read again when the block is undone."""

    __tablename__ = "touches"
    block: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    kind: Touched = Field(sa_column=sa.Column(sa.String(32), primary_key=True))
    first: str = Field(primary_key=True)
    second: str = Field(default="", primary_key=True)
