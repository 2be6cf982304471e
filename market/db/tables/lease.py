"""Leases (one copy of a task on one node), their numbering, and the logs of their runs."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from market.db import columns
from suanli.protocol.messages import Lease
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LeaseState


class LeaseRow(SQLModel, table=True):
    """A lease signed by the operator; `owner` is the node's owner when it was matched."""

    __tablename__ = "leases"
    __table_args__ = (
        sa.ForeignKeyConstraint(["job", "task"], ["tasks.job", "tasks.index"]),
        sa.UniqueConstraint("job", "task", "attempt"),
        sa.UniqueConstraint("node", "serial"),
        sa.Index("leases_of_node", "node", "state"),
        sa.Index("leases_live", "state", "deadline"),
    )
    id: str = Field(primary_key=True)
    job: str
    task: int
    attempt: int
    buyer: str
    serial: int = Field(sa_type=sa.BigInteger)
    """Its number among the node's leases; the contracts pay each at most once."""
    node: str = Field(foreign_key="nodes.node")
    owner: str
    ask: str = Field(foreign_key="asks.id")
    clearing: int = Field(sa_type=sa.BigInteger, foreign_key="clearings.epoch")
    message: Lease = Field(sa_column=columns.json(Lease))
    signature: str
    state: LeaseState = Field(default=LeaseState.OFFERED, sa_column=columns.state(LeaseState))
    reason: Reason | None = Field(default=None, sa_column=columns.state(Reason, nullable=True))
    detail: str | None = None
    cap: int = Field(sa_column=columns.whole())
    deadline: int = Field(sa_type=sa.BigInteger)
    offered_at: int = Field(sa_type=sa.BigInteger)


class SerialRow(SQLModel, table=True):
    """A node's counter of leases: the number of the next one. It only grows, without a gap."""

    __tablename__ = "serials"
    node: str = Field(primary_key=True)
    next: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})


class LogRow(SQLModel, table=True):
    """What a run has printed so far, up to the cap on logs."""

    __tablename__ = "logs"
    lease: str = Field(primary_key=True, foreign_key="leases.id")
    data: bytes
