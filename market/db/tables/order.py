"""Jobs, their tasks, and the numbered history that buyers watch."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from market.db import columns
from suanli.protocol.documents import TaskSpec
from suanli.protocol.messages import InclusionPromise, JobOrder
from suanli.protocol.reasons import Reason
from suanli.protocol.states import JobState, TaskState
from suanli.protocol.wire.jobs import EventKind


class JobRow(SQLModel, table=True):
    """A signed order with the operator's promise to include it; `id` is the order's struct hash."""

    __tablename__ = "jobs"
    __table_args__ = (sa.Index("jobs_by_buyer", "buyer", "number"), sa.UniqueConstraint("buyer", "nonce"))
    id: str = Field(primary_key=True)
    number: int | None = Field(
        default=None,
        sa_column=sa.Column(sa.BigInteger, sa.Identity(), unique=True, nullable=False),
    )
    """Counts jobs in the order of their arrival; pages are cut by it."""
    buyer: str
    signer: str
    """The buyer or the delegate that signed the order."""
    name: str
    order: JobOrder = Field(sa_column=columns.json(JobOrder))
    signature: str
    promise: InclusionPromise = Field(sa_column=columns.json(InclusionPromise))
    promise_signature: str
    promised_epoch: int = Field(sa_type=sa.BigInteger, index=True)
    """The epoch of the promise: its clearing is kept, and anchored with the order, whatever becomes of it."""
    state: JobState = Field(default=JobState.OPEN, sa_column=columns.state(JobState, index=True))
    reason: Reason | None = Field(default=None, sa_column=columns.state(Reason, nullable=True))
    detail: str | None = None
    nonce: int = Field(sa_column=columns.whole())
    deadline: int = Field(sa_column=columns.whole(index=True))
    created_at: int = Field(sa_type=sa.BigInteger)
    looked_at: int | None = Field(default=None, sa_type=sa.BigInteger)
    """When a clearing last had it in its book, while more jobs wait than one clearing takes."""
    events: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How many events the job has; the last one's number."""


class TaskRow(SQLModel, table=True):
    """One task of a job. `reason` says why it failed, `waiting` why no node has it yet."""

    __tablename__ = "tasks"
    __table_args__ = (
        sa.Index("tasks_open", "job", "index", postgresql_where=sa.text("open_copies > 0")),
        sa.Index("tasks_by_state", "job", "state"),
    )
    job: str = Field(primary_key=True, foreign_key="jobs.id")
    index: int = Field(primary_key=True)
    spec: TaskSpec = Field(sa_column=columns.json(TaskSpec))
    spec_hash: str
    """The specification's content hash: the leaf under the order's `specRoot`."""
    proof: list[str] = Field(sa_column=sa.Column(JSONB, nullable=False))
    """Shows that the leaf is number `index` under the order's `specRoot`."""
    ingress: int = Field(sa_column=columns.whole())
    """Bytes of module and inputs."""
    state: TaskState = Field(default=TaskState.PENDING, sa_column=columns.state(TaskState))
    reason: Reason | None = Field(default=None, sa_column=columns.state(Reason, nullable=True))
    detail: str | None = None
    waiting: Reason | None = Field(default=None, sa_column=columns.state(Reason, nullable=True))
    waiting_detail: str | None = None
    open_copies: int
    """How many copies wait for a node now, as `core.verification` last counted."""
    accepted_receipt: str | None = None
    """The receipt whose result is the task's."""


class EventRow(SQLModel, table=True):
    """One line of a job's history; numbers have no gaps."""

    __tablename__ = "events"
    job: str = Field(primary_key=True, foreign_key="jobs.id")
    number: int = Field(primary_key=True)
    at: int = Field(sa_type=sa.BigInteger)
    kind: EventKind = Field(sa_column=columns.state(EventKind))
    task: int | None = None
    lease: str | None = None
    node: str | None = None
    state: str
    reason: Reason | None = Field(default=None, sa_column=columns.state(Reason, nullable=True))
    detail: str | None = None
