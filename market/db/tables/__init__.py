"""Every table of the market. Importing this package fills `SQLModel.metadata`.

A row is a record of a signed message: the message as JSON, its state, and the columns a query filters on.
"""

from market.db.tables import (
    access,
    anchor,
    chain,
    clear,
    connect,
    decisions,
    lease,
    order,
    outbox,
    run,
    settle,
)

__all__ = [
    "access",
    "anchor",
    "chain",
    "clear",
    "connect",
    "decisions",
    "lease",
    "order",
    "outbox",
    "run",
    "settle",
]
