"""One leader per kind of loop, by a PostgreSQL advisory lock that ends with its connection.

A process that dies, or loses its database, loses the lead at once; another takes over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

_NAMESPACE = 0x5A
"""Keeps our locks apart from other programs' in the same database."""


class Lead:
    """The lead of one role, held by a connection of its own."""

    def __init__(self, role: str, connection: Connection) -> None:
        self.role = role
        self._connection = connection

    def take(self) -> bool:
        """Takes the lead if nobody has it."""
        query = sa.select(sa.func.pg_try_advisory_lock(_NAMESPACE, _key(self.role)))
        return bool(self._connection.execute(query).scalar_one())

    def check(self) -> None:
        """Raises sqlalchemy.exc.OperationalError when the connection, and so the lead, is lost."""
        self._connection.execute(sa.select(1))


@contextmanager
def candidate(engine: Engine, role: str) -> Iterator[Lead]:
    """A candidate for the lead of `role`; whatever it took ends with the block."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        yield Lead(role, connection)
    finally:
        connection.invalidate()  # closes the session on the server, and with it the lock
        connection.close()


def leaders(engine: Engine, roles: list[str]) -> dict[str, bool]:
    """Which roles are led by anyone now."""
    query = sa.text(
        "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = :namespace AND granted"
    )
    with engine.connect() as connection:
        taken = {int(key) for key in connection.execute(query, {"namespace": _NAMESPACE}).scalars()}
    return {role: _key(role) & 0xFFFFFFFF in taken for role in roles}


def _key(role: str) -> int:
    return crc32(role.encode()) - (1 << 31)
