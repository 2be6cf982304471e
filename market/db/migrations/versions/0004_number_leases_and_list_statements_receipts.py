"""Number leases and list statements' receipts

Orders, leases and statements are signed in a new form, for new contracts: those of the former ones stay
with the former deployment, whose database this migration refuses.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change. Raises RuntimeError in a database with jobs of the former contracts."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM jobs LIMIT 1")).first() is not None:
        raise RuntimeError("this database belongs to former contracts; begin with an empty one")
    op.create_table(
        "serials",
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("next", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("buyer"),
    )
    op.create_table(
        "paid_words",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("word", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account", "word"),
    )
    op.add_column("leases", sa.Column("buyer", sa.String(), nullable=False))
    op.add_column("leases", sa.Column("serial", sa.BigInteger(), nullable=False))
    op.create_unique_constraint("leases_buyer_serial_key", "leases", ["buyer", "serial"])
    op.create_table(
        "claims",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("transaction", sa.String(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_claims_receipt"), "claims", ["receipt"], unique=False)
    op.create_index(op.f("ix_claims_block"), "claims", ["block"], unique=False)
    op.drop_column("accounts", "staked")
    op.add_column("batches", sa.Column("root", sa.String(), nullable=True))
    op.drop_table("pairs")
    op.drop_table("statement_receipts")
    op.create_table(
        "statement_receipts",
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["statement"], ["statements.id"]),
        sa.PrimaryKeyConstraint("statement", "position"),
    )
    op.create_index(op.f("ix_statement_receipts_receipt"), "statement_receipts", ["receipt"], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index(op.f("ix_statement_receipts_receipt"), table_name="statement_receipts")
    op.drop_table("statement_receipts")
    op.create_table(
        "statement_receipts",
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("receipt"),
        sa.UniqueConstraint("buyer", "node", "position"),
    )
    op.create_table(
        "pairs",
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("paid", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("buyer", "node"),
    )
    op.drop_column("batches", "root")
    op.add_column(
        "accounts",
        sa.Column("staked", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
    )
    op.drop_table("claims")
    op.drop_constraint("leases_buyer_serial_key", "leases", type_="unique")
    op.drop_column("leases", "serial")
    op.drop_column("leases", "buyer")
    op.drop_table("paid_words")
    op.drop_table("serials")
