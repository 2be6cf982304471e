"""Keep the anchors of clearings

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "anchors",
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["epoch"], ["clearings.epoch"]),
        sa.PrimaryKeyConstraint("epoch"),
    )
    op.create_index(op.f("ix_anchors_evidence"), "anchors", ["evidence"], unique=False)
    op.add_column("jobs", sa.Column("promised_epoch", sa.BigInteger(), nullable=True))
    op.execute("UPDATE jobs SET promised_epoch = (promise ->> 'epoch')::bigint")
    op.alter_column("jobs", "promised_epoch", nullable=False)
    op.create_index(op.f("ix_jobs_promised_epoch"), "jobs", ["promised_epoch"], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index(op.f("ix_jobs_promised_epoch"), table_name="jobs")
    op.drop_column("jobs", "promised_epoch")
    op.drop_index(op.f("ix_anchors_evidence"), table_name="anchors")
    op.drop_table("anchors")
