"""Number leases per node, know reservations and claims, say why a payment waits or ends

Leases are numbered for new contracts: those of the former ones stay with the former deployment, whose
database this migration refuses.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change. Raises RuntimeError in a database with jobs of the former contracts."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM jobs LIMIT 1")).first() is not None:
        raise RuntimeError("this database belongs to former contracts; begin with an empty one")
    op.alter_column("serials", "buyer", new_column_name="node")
    op.alter_column("paid_words", "account", new_column_name="node")
    op.drop_constraint("leases_buyer_serial_key", "leases", type_="unique")
    op.create_unique_constraint("leases_node_serial_key", "leases", ["node", "serial"])
    op.create_table(
        "claim_records",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "reservations",
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("guardian", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("order"),
    )
    op.create_index(op.f("ix_reservations_account"), "reservations", ["account"], unique=False)
    op.add_column("statements", sa.Column("reservation", sa.String(), nullable=True))
    op.create_index(op.f("ix_statements_reservation"), "statements", ["reservation"], unique=False)
    op.add_column("receipts", sa.Column("payment_reason", sa.String(length=32), nullable=True))
    op.add_column("receipts", sa.Column("payment_detail", sa.String(), nullable=True))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column("receipts", "payment_detail")
    op.drop_column("receipts", "payment_reason")
    op.drop_index(op.f("ix_statements_reservation"), table_name="statements")
    op.drop_column("statements", "reservation")
    op.drop_index(op.f("ix_reservations_account"), table_name="reservations")
    op.drop_table("reservations")
    op.drop_table("claim_records")
    op.drop_constraint("leases_node_serial_key", "leases", type_="unique")
    op.create_unique_constraint("leases_buyer_serial_key", "leases", ["buyer", "serial"])
    op.alter_column("paid_words", "node", new_column_name="account")
    op.alter_column("serials", "node", new_column_name="buyer")
