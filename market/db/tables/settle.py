"""Settlement proposals, their parties' signatures, and the receipts in them.

States move by the settler; only the indexer sets SETTLED.
"""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from market.core.settlement import ProposalState
from market.db import columns
from suanli.protocol.messages import Statement
from suanli.protocol.reasons import Reason


class BatchRow(SQLModel, table=True):
    """A netting variant; `id` is the Netting's struct hash. One landed without us has no intent."""

    __tablename__ = "batches"
    id: str = Field(primary_key=True)
    number: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), unique=True, nullable=False)
    )
    """Counts batches in the order of their making; pages are cut by it."""
    epoch: int = Field(sa_column=columns.whole(index=True))
    packed: bytes
    root: str | None = None
    """The root over its receipts, for one that landed by root: its packed form lists no tasks."""
    state: ProposalState = Field(
        default=ProposalState.OPEN, sa_column=columns.state(ProposalState, index=True)
    )
    created_at: int = Field(sa_type=sa.BigInteger)
    intent: str | None = Field(default=None, foreign_key="intents.id")
    transaction: str | None = None
    block: int | None = Field(default=None, sa_type=sa.BigInteger, index=True)
    reason: Reason | None = Field(default=None, sa_column=columns.state(Reason, nullable=True))
    detail: str | None = None


class BatchPartyRow(SQLModel, table=True):
    """A party of a variant: its signature, or why it is left out of the next one."""

    __tablename__ = "batch_parties"
    batch: str = Field(primary_key=True, foreign_key="batches.id")
    position: int = Field(primary_key=True)
    """Its place among the signatures."""
    party: str = Field(index=True)
    is_buyer: bool
    amount: int = Field(sa_column=columns.whole())
    """What it pays, in atoms; 0 for a node."""
    signature: str | None = None
    signer: str | None = None
    """The key that signed: the party's own or its delegate's."""
    reason: Reason | None = Field(default=None, sa_column=columns.state(Reason, nullable=True))
    detail: str | None = None


class BatchReceiptRow(SQLModel, table=True):
    """A receipt that stood in a variant; `missed` counts how often it fell out of it."""

    __tablename__ = "batch_receipts"
    batch: str = Field(primary_key=True, foreign_key="batches.id")
    receipt: str = Field(primary_key=True, index=True)
    missed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class StatementRow(SQLModel, table=True):
    """What a buyer and a node sign over a list of receipts; `id` is its struct hash."""

    __tablename__ = "statements"
    __table_args__ = (sa.Index("statements_of_pair", "buyer", "node"),)
    id: str = Field(primary_key=True)
    buyer: str = Field(index=True)
    node: str = Field(index=True)
    message: Statement = Field(sa_column=columns.json(Statement))
    reservation: str | None = Field(default=None, index=True)
    """The order on whose reservation it draws; empty when the buyer's account pays."""
    state: ProposalState = Field(
        default=ProposalState.OPEN, sa_column=columns.state(ProposalState, index=True)
    )
    created_at: int = Field(sa_type=sa.BigInteger)
    buyer_signature: str | None = None
    node_signature: str | None = None
    intent: str | None = Field(default=None, foreign_key="intents.id")
    transaction: str | None = None
    block: int | None = Field(default=None, sa_type=sa.BigInteger, index=True)
    reason: Reason | None = Field(default=None, sa_column=columns.state(Reason, nullable=True))
    detail: str | None = None


class ClaimRow(SQLModel, table=True):
    """A claim that one side alone opened on chain; `id` is the lease's. Its receipt was paid in `block`."""

    __tablename__ = "claims"
    id: str = Field(primary_key=True)
    receipt: str = Field(index=True)
    transaction: str
    block: int = Field(sa_type=sa.BigInteger, index=True)


class StatementReceiptRow(SQLModel, table=True):
    """A receipt's place among the leaves of a statement."""

    __tablename__ = "statement_receipts"
    statement: str = Field(primary_key=True, foreign_key="statements.id")
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    receipt: str = Field(index=True)
