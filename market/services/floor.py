"""Floor: the nodes as the single writer and quotes need them, read in one snapshot of the database."""

import time

from sqlmodel import Session

from market.db.queries import book as books
from market.db.queries.floor import Seen, seen
from market.runtime import Runtime
from market.services.moment import moment_at, surroundings_at
from suanli.protocol.book import Book


def look(runtime: Runtime) -> tuple[Book, Seen]:
    """A book without orders, and what was seen with it. Raises sqlalchemy.exc.OperationalError."""
    engine = runtime.engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(engine) as session:
        found = seen(session)
        now = int(time.time())
        moment, around = moment_at(runtime.settings, now), surroundings_at(session, runtime.settings, now)
        return books.load(session, (), found.nodes, moment, 0, around), found
