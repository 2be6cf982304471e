"""Keep certificates, challenges, capacity, offerings and ways

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())
_WHOLE = sa.Numeric(precision=78, scale=0)


def upgrade() -> None:
    """Applies the change."""
    op.add_column("clearings", sa.Column("certificate", sa.String(), nullable=True))
    op.add_column("clearings", sa.Column("welfare", _WHOLE, nullable=True))
    op.add_column("clearings", sa.Column("prices", _JSON, nullable=True))
    op.create_index(op.f("ix_clearings_certificate"), "clearings", ["certificate"], unique=False)
    op.add_column("anchors", sa.Column("leases", sa.String(), nullable=True))
    op.create_index(op.f("ix_anchors_leases"), "anchors", ["leases"], unique=False)
    op.add_column("asks", sa.Column("offering", _JSON, nullable=True))
    op.create_table(
        "round_challenges",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("challenger", sa.String(), nullable=False),
        sa.Column("welfare", _WHOLE, nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["epoch"], ["clearings.epoch"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_round_challenges_epoch"), "round_challenges", ["epoch"], unique=False)
    op.create_table(
        "capacity",
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("view", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["epoch"], ["clearings.epoch"]),
        sa.PrimaryKeyConstraint("epoch"),
    )
    op.create_index(op.f("ix_capacity_at"), "capacity", ["at"], unique=False)
    op.create_table(
        "network_reports",
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("report", _JSON, nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["nodes.node"]),
        sa.PrimaryKeyConstraint("node"),
    )
    op.create_index(op.f("ix_network_reports_received_at"), "network_reports", ["received_at"], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    for table in ("network_reports", "capacity", "round_challenges"):
        op.drop_table(table)
    op.drop_column("asks", "offering")
    op.drop_index(op.f("ix_anchors_leases"), table_name="anchors")
    op.drop_column("anchors", "leases")
    op.drop_index(op.f("ix_clearings_certificate"), table_name="clearings")
    for column in ("prices", "welfare", "certificate"):
        op.drop_column("clearings", column)
