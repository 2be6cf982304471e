"""The edge of every step: one transaction, and after its commit the wake-ups that it has gathered."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from market.db.queries.events import TOPICS
from market.db.session import transaction
from market.runtime import Runtime


@contextmanager
def step(runtime: Runtime) -> Iterator[Session]:
    """One unit of work; whoever waits for what it changed is woken when it is committed."""
    with transaction(runtime.engine) as session:
        yield session
    for topic in session.info.pop(TOPICS, ()):
        runtime.wakes.notify(topic)
