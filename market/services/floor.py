"""Floor: the nodes as the single writer and quotes need them, read in one snapshot of the database."""

import time

from sqlmodel import Session

from market.db.queries.floor import Seen, seen
from market.runtime import Runtime
from market.services.moment import moment_at
from suanli.protocol.book import Book


def look(runtime: Runtime) -> tuple[Book, Seen]:
    """A book without orders, and what was seen with it. Raises sqlalchemy.exc.OperationalError."""
    engine = runtime.engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(engine) as session:
        found = seen(session)
        moment = moment_at(runtime.settings, int(time.time()))
        book = Book(now=moment.now, silent_before=moment.silent_before, orders=(), nodes=tuple(found.nodes))
        return book, found
