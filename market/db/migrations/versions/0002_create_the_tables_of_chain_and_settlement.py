"""Create the tables of chain and settlement

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "accounts",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("balance", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
        sa.Column("epoch", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
        sa.Column("thawing", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
        sa.Column("thaw_ready_at", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
        sa.Column("staked", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_table(
        "blocks",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "delegations",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("delegate", sa.String(), nullable=False),
        sa.Column("remaining", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
        sa.Column("expiry", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
        sa.Column("nonce", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("account", "delegate"),
    )
    op.create_table(
        "intents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.Float(), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=True),
        sa.Column("transaction", sa.String(), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("intents_by_state", "intents", ["state", "number"], unique=False)
    op.create_table(
        "pairs",
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("paid", sa.Numeric(precision=78, scale=0), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("buyer", "node"),
    )
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
        "touches",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("first", sa.String(), nullable=False),
        sa.Column("second", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("block", "kind", "first", "second"),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("epoch", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("intent", sa.String(), nullable=True),
        sa.Column("transaction", sa.String(), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["intent"],
            ["intents.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_batches_block"), "batches", ["block"], unique=False)
    op.create_index(op.f("ix_batches_epoch"), "batches", ["epoch"], unique=False)
    op.create_index(op.f("ix_batches_state"), "batches", ["state"], unique=False)
    op.create_table(
        "statements",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("message", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("buyer_signature", sa.String(), nullable=True),
        sa.Column("node_signature", sa.String(), nullable=True),
        sa.Column("intent", sa.String(), nullable=True),
        sa.Column("transaction", sa.String(), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["intent"],
            ["intents.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_statements_block"), "statements", ["block"], unique=False)
    op.create_index(op.f("ix_statements_buyer"), "statements", ["buyer"], unique=False)
    op.create_index(op.f("ix_statements_node"), "statements", ["node"], unique=False)
    op.create_index(op.f("ix_statements_state"), "statements", ["state"], unique=False)
    op.create_index("statements_of_pair", "statements", ["buyer", "node"], unique=False)
    op.create_table(
        "transmissions",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("priority_fee", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("signed_at", sa.Float(), nullable=False),
        sa.Column("broadcast_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["intent"],
            ["intents.id"],
        ),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index(op.f("ix_transmissions_intent"), "transmissions", ["intent"], unique=False)
    op.create_table(
        "batch_parties",
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("is_buyer", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("signature", sa.String(), nullable=True),
        sa.Column("signer", sa.String(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch"],
            ["batches.id"],
        ),
        sa.PrimaryKeyConstraint("batch", "position"),
    )
    op.create_index(op.f("ix_batch_parties_party"), "batch_parties", ["party"], unique=False)
    op.create_table(
        "batch_receipts",
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["batch"],
            ["batches.id"],
        ),
        sa.PrimaryKeyConstraint("batch", "receipt"),
    )
    op.create_index(op.f("ix_batch_receipts_receipt"), "batch_receipts", ["receipt"], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index(op.f("ix_batch_receipts_receipt"), table_name="batch_receipts")
    op.drop_table("batch_receipts")
    op.drop_index(op.f("ix_batch_parties_party"), table_name="batch_parties")
    op.drop_table("batch_parties")
    op.drop_index(op.f("ix_transmissions_intent"), table_name="transmissions")
    op.drop_table("transmissions")
    op.drop_index("statements_of_pair", table_name="statements")
    op.drop_index(op.f("ix_statements_state"), table_name="statements")
    op.drop_index(op.f("ix_statements_node"), table_name="statements")
    op.drop_index(op.f("ix_statements_buyer"), table_name="statements")
    op.drop_index(op.f("ix_statements_block"), table_name="statements")
    op.drop_table("statements")
    op.drop_index(op.f("ix_batches_state"), table_name="batches")
    op.drop_index(op.f("ix_batches_epoch"), table_name="batches")
    op.drop_index(op.f("ix_batches_block"), table_name="batches")
    op.drop_table("batches")
    op.drop_table("touches")
    op.drop_table("statement_receipts")
    op.drop_table("pairs")
    op.drop_index("intents_by_state", table_name="intents")
    op.drop_table("intents")
    op.drop_table("delegations")
    op.drop_table("blocks")
    op.drop_table("accounts")
