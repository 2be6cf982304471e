"""Let crowded jobs take turns

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column("jobs", sa.Column("looked_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column("jobs", "looked_at")
