"""One leader per kind of loop, by a PostgreSQL advisory lock that ends with its connection.

A process that dies, or loses its database, loses the lead at once; another takes over.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

NAMESPACE = 0x5A
"""Keeps our locks apart from other programs' in the same database."""
TRY = "SELECT pg_try_advisory_lock(%(namespace)s, %(key)s)"
"""Takes the lead on a plain connection; `key` is a role's."""

_TAKEN = sa.text(
    "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = :namespace AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Lead:
    """The lead of one role, held by a connection of its own."""

    def __init__(self, role: str, connection: Connection) -> None:
        self.role = role
        self._connection = connection

    def take(self) -> bool:
        """Takes the lead if nobody has it."""
        query = sa.select(sa.func.pg_try_advisory_lock(NAMESPACE, key(self.role)))
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
        if not connection.invalidated:  # else the server has given the lock up already
            with suppress(OperationalError):
                connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))
        connection.close()


def leaders(session: Session, roles: Iterable[str]) -> dict[str, bool]:
    """Which roles are led by anyone now."""
    taken = {int(one) for one in session.execute(_TAKEN, {"namespace": NAMESPACE}).scalars()}
    return {role: key(role) & 0xFFFFFFFF in taken for role in roles}


def key(role: str) -> int:
    """A role's number in the namespace of our locks."""
    return crc32(role.encode()) - (1 << 31)
