"""Tables, one module per stage; importing this package makes `SQLModel.metadata` whole.

A row is a record of a signed message: the message, its signature, its state, and what queries filter on.
"""

from market.db.tables import access, clear, connect, lease, order, run

__all__ = ["access", "clear", "connect", "lease", "order", "run"]
