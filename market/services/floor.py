"""Floor: the nodes as the single writer and quotes need them, read in one snapshot of the database."""

import time

from sqlmodel import Session

from market.db.queries import book as books
from market.db.queries.floor import Seen, ended, mark_of, seen
from market.runtime import Runtime
from market.services.moment import moment_at, surroundings_at
from suanli.protocol.book import Book


def look(runtime: Runtime, known: str = "") -> tuple[Book, Seen] | None:
    """A book without orders, and what was seen with it; None where the mark `known` still holds.

    Raises sqlalchemy.exc.OperationalError.
    """
    engine = runtime.engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(engine) as session:
        now = int(time.time())
        moment = moment_at(runtime.settings, now)
        mark = mark_of(session, moment)
        if mark == known and not ended(session):
            return None
        found, around = seen(session, mark), surroundings_at(session, runtime.settings, now)
        return books.load(session, (), found.nodes, moment, 0, around), found
