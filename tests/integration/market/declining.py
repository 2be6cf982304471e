"""How a request is declined: with a typed error, and nothing in the database changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from httpx import Response

from tests.integration.market.stage import Stage, key

Case = tuple[str, int, str, dict[str, Any]]
"""What is wrong, the status and reason that it must get, the changed fields."""

STRANGER = key(66)


@contextmanager
def nothing_changes(stage: Stage) -> Iterator[None]:
    """Holds the row counts of every table against those before."""
    before = stage.counts()
    yield
    assert stage.counts() == before


def declined(answer: Response, status: int, reason: str) -> dict[str, Any]:
    """The context of a typed error."""
    body = answer.json()
    assert (answer.status_code, body["reason"]) == (status, reason), body
    assert body["detail"]
    context: dict[str, Any] = body["context"]
    return context
