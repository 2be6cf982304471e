"""Receipts: what nodes signed for their runs, and how far each one's payment is.

`payment` is empty until acceptance. Settlement moves it on from DUE; only the indexer sets SETTLED and
PAID_ELSEWHERE.
"""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from market.db import columns
from suanli.protocol.documents import ResultManifest
from suanli.protocol.messages import Receipt
from suanli.protocol.reasons import Reason
from suanli.protocol.states import PaymentState


class ReceiptRow(SQLModel, table=True):
    """A signed receipt with the manifest it vouches for."""

    __tablename__ = "receipts"
    __table_args__ = (
        sa.Index("receipts_of_job", "job", "number"),
        sa.Index("receipts_by_payment", "payment", "number"),
        sa.Index("receipts_of_pair", "buyer", "node"),
    )
    id: str = Field(primary_key=True)
    number: int | None = Field(
        default=None,
        sa_column=sa.Column(sa.BigInteger, sa.Identity(), unique=True, nullable=False),
    )
    """Counts receipts in the order of their arrival; pages are cut by it."""
    lease: str = Field(foreign_key="leases.id", unique=True)
    job: str = Field(foreign_key="jobs.id")
    task: int
    buyer: str
    node: str = Field(foreign_key="nodes.node")
    message: Receipt = Field(sa_column=columns.json(Receipt))
    signature: str
    manifest: ResultManifest = Field(sa_column=columns.json(ResultManifest))
    amount: int = Field(sa_column=columns.whole())
    received_at: int = Field(sa_type=sa.BigInteger)
    payment: PaymentState | None = Field(default=None, sa_column=columns.state(PaymentState, nullable=True))
    payment_reason: Reason | None = Field(default=None, sa_column=columns.state(Reason, nullable=True))
    """Why the market does not have it paid, while the chain holds its serial for something else."""
    payment_detail: str | None = None
    proposal: str | None = Field(default=None, index=True)
    """The batch or statement that the receipt is part of."""
    epoch: int | None = Field(default=None, sa_type=sa.BigInteger)
    """The settlement epoch that paid it; empty for a statement."""
    transaction: str | None = None
