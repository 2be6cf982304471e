"""The engine and the only commit in the market: one `transaction` is one step of a task's way.

Services take the session it yields and never commit themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy import create_engine as _create_engine
from sqlalchemy.engine import make_url
from sqlmodel import Session

DRIVER = "postgresql+psycopg"


def create_engine(database_url: str, pool_size: int = 10) -> Engine:
    """A pool of connections to a PostgreSQL URL (`postgresql://…`, with or without a driver's name)."""
    url = make_url(database_url).set(drivername=DRIVER)
    return _create_engine(url, pool_size=pool_size, max_overflow=20, pool_pre_ping=True)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One unit of work: committed when the block ends, rolled back when it raises."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session
