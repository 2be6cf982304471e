"""Nodes as the chain knows them, and their standing offers.

Only the indexer writes what the chain decides (`owner`, `state`, `stake`); it never deletes a node.
"""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from market.db import columns
from suanli.protocol.messages import Ask, NodeTerms
from suanli.protocol.states import NodeState


class NodeRow(SQLModel, table=True):
    """A node: its signed terms, its state on chain, and when its agent was last heard."""

    __tablename__ = "nodes"
    node: str = Field(primary_key=True)
    owner: str = Field(index=True)
    state: NodeState = Field(default=NodeState.NONE, sa_column=columns.state(NodeState, index=True))
    stake: int = Field(default=0, sa_column=columns.whole())
    terms: NodeTerms | None = Field(default=None, sa_column=columns.json(NodeTerms, nullable=True))
    """Missing when neither the relay nor the indexer has seen the signed terms."""
    owner_signature: str | None = None
    node_signature: str | None = None
    last_seen_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    """When its agent's last heartbeat came, in seconds since the epoch."""
    draining: bool = False
    """Whether its agent asks for no more work."""


class AskRow(SQLModel, table=True):
    """A signed ask; at most one per node is current, the others stay as evidence for their leases."""

    __tablename__ = "asks"
    __table_args__ = (
        sa.Index("asks_current", "node", unique=True, postgresql_where=sa.text("current")),
        sa.UniqueConstraint("node", "nonce"),
    )
    id: str = Field(primary_key=True)
    node: str = Field(foreign_key="nodes.node")
    message: Ask = Field(sa_column=columns.json(Ask))
    signature: str
    nonce: int = Field(sa_column=columns.whole())
    current: bool
    received_at: int = Field(sa_type=sa.BigInteger)
