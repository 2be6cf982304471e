"""Transactions that the market wants on chain. Services queue intents; only the relayer sends them.

Every signed transaction is stored before it is broadcast, so that a restart sends the same bytes again.
"""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from market.db import columns
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import IntentState


class IntentKind(StrEnum):
    """What an intent does on chain; `chain.calls` turns each into a transaction."""

    ANCHOR = "ANCHOR"
    BOND = "BOND"
    CONNECT = "CONNECT"
    DELEGATE = "DELEGATE"
    DEPOSIT = "DEPOSIT"
    FAUCET_GAS = "FAUCET_GAS"
    FAUCET_TOKEN = "FAUCET_TOKEN"
    RELEASE_RESERVATION = "RELEASE_RESERVATION"
    SETTLE_BATCH = "SETTLE_BATCH"
    SETTLE_RESERVED = "SETTLE_RESERVED"
    SETTLE_STATEMENT = "SETTLE_STATEMENT"
    SETTLE_STATEMENTS = "SETTLE_STATEMENTS"


class IntentRow(SQLModel, table=True):
    """One thing to do on chain, once. `id`, the dedupe key, is the kind and the hash of what was signed."""

    __tablename__ = "intents"
    __table_args__ = (sa.Index("intents_by_state", "state", "number"),)
    id: str = Field(primary_key=True)
    number: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), unique=True, nullable=False)
    )
    """Counts intents in the order of their arrival; they are sent in this order."""
    kind: IntentKind = Field(sa_column=columns.state(IntentKind))
    arguments: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
    state: IntentState = Field(default=IntentState.QUEUED, sa_column=columns.state(IntentState))
    created_at: int = Field(sa_type=sa.BigInteger)
    attempts: int = Field(default=0)
    next_attempt_at: float = Field(default=0.0)
    nonce: int | None = Field(default=None, sa_type=sa.BigInteger)
    transaction: str | None = None
    """The mined transaction, or the last one broadcast."""
    block: int | None = Field(default=None, sa_type=sa.BigInteger)
    """Where it was mined, once it counts."""
    reason: Reason | None = Field(default=None, sa_column=columns.state(Reason, nullable=True))
    detail: str | None = None


class TransmissionRow(SQLModel, table=True):
    """One signed transaction of an intent; dearer ones share its nonce, so at most one is mined."""

    __tablename__ = "transmissions"
    hash: str = Field(primary_key=True)
    intent: str = Field(foreign_key="intents.id", index=True)
    nonce: int = Field(sa_type=sa.BigInteger)
    raw: bytes
    gas: int = Field(sa_type=sa.BigInteger)
    fee: int = Field(sa_column=columns.whole())
    """Wei per gas at most (`maxFeePerGas`)."""
    priority_fee: int = Field(sa_column=columns.whole())
    signed_at: float
    broadcast_at: float | None = None
    """Empty until the node has taken it; such a transaction is sent (again)."""
