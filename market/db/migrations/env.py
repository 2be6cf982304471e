"""Alembic's entry: runs revisions on the connection that `market.db.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from market.db import tables

assert tables.__all__  # imported for the metadata
context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
with context.begin_transaction():
    context.run_migrations()
