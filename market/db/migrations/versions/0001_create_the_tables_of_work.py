"""Create the tables of work

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_hash"),
    )
    op.create_index(op.f("ix_api_keys_address"), "api_keys", ["address"], unique=False)
    op.create_table(
        "challenges",
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("nonce"),
    )
    op.create_index(op.f("ix_challenges_expires_at"), "challenges", ["expires_at"], unique=False)
    op.create_table(
        "clearings",
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.Column("non_matches", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("epoch"),
    )
    op.create_index(op.f("ix_clearings_book"), "clearings", ["book"], unique=False)
    op.create_index(op.f("ix_clearings_document"), "clearings", ["document"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("signer", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("order", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("promise", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("promise_signature", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("nonce", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("deadline", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("buyer", "nonce"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_jobs_deadline"), "jobs", ["deadline"], unique=False)
    op.create_index(op.f("ix_jobs_state"), "jobs", ["state"], unique=False)
    op.create_index("jobs_by_buyer", "jobs", ["buyer", "number"], unique=False)
    op.create_table(
        "nodes",
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("stake", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("owner_signature", sa.String(), nullable=True),
        sa.Column("node_signature", sa.String(), nullable=True),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("node"),
    )
    op.create_index(op.f("ix_nodes_owner"), "nodes", ["owner"], unique=False)
    op.create_index(op.f("ix_nodes_state"), "nodes", ["state"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_table(
        "asks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("message", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("nonce", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node"],
            ["nodes.node"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("node", "nonce"),
    )
    op.create_index("asks_current", "asks", ["node"], unique=True, postgresql_where=sa.text("current"))
    op.create_table(
        "events",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("task", sa.Integer(), nullable=True),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("node", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job"],
            ["jobs.id"],
        ),
        sa.PrimaryKeyConstraint("job", "number"),
    )
    op.create_table(
        "tasks",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("spec", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("spec_hash", sa.String(), nullable=False),
        sa.Column("proof", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ingress", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("waiting", sa.String(length=32), nullable=True),
        sa.Column("waiting_detail", sa.String(), nullable=True),
        sa.Column("open_copies", sa.Integer(), nullable=False),
        sa.Column("accepted_receipt", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job"],
            ["jobs.id"],
        ),
        sa.PrimaryKeyConstraint("job", "index"),
    )
    op.create_index("tasks_by_state", "tasks", ["job", "state"], unique=False)
    op.create_index(
        "tasks_open", "tasks", ["job", "index"], unique=False, postgresql_where=sa.text("open_copies > 0")
    )
    op.create_table(
        "leases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("ask", sa.String(), nullable=False),
        sa.Column("clearing", sa.BigInteger(), nullable=False),
        sa.Column("message", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("cap", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ask"],
            ["asks.id"],
        ),
        sa.ForeignKeyConstraint(
            ["clearing"],
            ["clearings.epoch"],
        ),
        sa.ForeignKeyConstraint(
            ["job", "task"],
            ["tasks.job", "tasks.index"],
        ),
        sa.ForeignKeyConstraint(
            ["node"],
            ["nodes.node"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job", "task", "attempt"),
    )
    op.create_index("leases_live", "leases", ["state", "deadline"], unique=False)
    op.create_index("leases_of_node", "leases", ["node", "state"], unique=False)
    op.create_table(
        "logs",
        sa.Column("lease", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lease"],
            ["leases.id"],
        ),
        sa.PrimaryKeyConstraint("lease"),
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("lease", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("message", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("amount", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("payment", sa.String(length=32), nullable=True),
        sa.Column("proposal", sa.String(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("transaction", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job"],
            ["jobs.id"],
        ),
        sa.ForeignKeyConstraint(
            ["lease"],
            ["leases.id"],
        ),
        sa.ForeignKeyConstraint(
            ["node"],
            ["nodes.node"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lease"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_receipts_proposal"), "receipts", ["proposal"], unique=False)
    op.create_index("receipts_by_payment", "receipts", ["payment", "number"], unique=False)
    op.create_index("receipts_of_job", "receipts", ["job", "number"], unique=False)
    op.create_index("receipts_of_pair", "receipts", ["buyer", "node"], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index("receipts_of_pair", table_name="receipts")
    op.drop_index("receipts_of_job", table_name="receipts")
    op.drop_index("receipts_by_payment", table_name="receipts")
    op.drop_index(op.f("ix_receipts_proposal"), table_name="receipts")
    op.drop_table("receipts")
    op.drop_table("logs")
    op.drop_index("leases_of_node", table_name="leases")
    op.drop_index("leases_live", table_name="leases")
    op.drop_table("leases")
    op.drop_index("tasks_open", table_name="tasks", postgresql_where=sa.text("open_copies > 0"))
    op.drop_index("tasks_by_state", table_name="tasks")
    op.drop_table("tasks")
    op.drop_table("events")
    op.drop_index("asks_current", table_name="asks", postgresql_where=sa.text("current"))
    op.drop_table("asks")
    op.drop_index(op.f("ix_sessions_expires_at"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_nodes_state"), table_name="nodes")
    op.drop_index(op.f("ix_nodes_owner"), table_name="nodes")
    op.drop_table("nodes")
    op.drop_index("jobs_by_buyer", table_name="jobs")
    op.drop_index(op.f("ix_jobs_state"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_deadline"), table_name="jobs")
    op.drop_table("jobs")
    op.drop_index(op.f("ix_clearings_document"), table_name="clearings")
    op.drop_index(op.f("ix_clearings_book"), table_name="clearings")
    op.drop_table("clearings")
    op.drop_index(op.f("ix_challenges_expires_at"), table_name="challenges")
    op.drop_table("challenges")
    op.drop_index(op.f("ix_api_keys_address"), table_name="api_keys")
    op.drop_table("api_keys")
