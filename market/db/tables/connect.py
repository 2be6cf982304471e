"""Nodes as the chain knows them, and their standing offers.

Only the indexer writes what the chain decides (`owner`, `state`, `stake`); it never deletes a node.
"""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from market.db import columns
from suanli.protocol.messages import Ask, NodeTerms
from suanli.protocol.offering import Offering
from suanli.protocol.states import NodeState
from suanli.protocol.wire.network import NetworkReport


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
    offering: Offering | None = Field(default=None, sa_column=columns.json(Offering, nullable=True))
    """The document whose hash the ask names."""
    nonce: int = Field(sa_column=columns.whole())
    current: bool
    received_at: int = Field(sa_type=sa.BigInteger)


class NetworkRow(SQLModel, table=True):
    """What a node last measured of the ways to it."""

    __tablename__ = "network_reports"
    node: str = Field(primary_key=True, foreign_key="nodes.node")
    report: NetworkReport = Field(sa_column=columns.json(NetworkReport))
    received_at: int = Field(sa_type=sa.BigInteger, index=True)
