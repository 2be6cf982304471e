"""A market over HTTP on a fresh database, with a funded buyer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from market.api.app import create_app
from tests.integration.market.stage import BUYER, Stage, make_runtime


@pytest.fixture
def stage(engine: Engine, tmp_path: Path) -> Iterator[Stage]:
    """A market with a buyer who has ten million atoms."""
    runtime = make_runtime(
        engine,
        tmp_path / "market",
        body_maximum_bytes=200_000,
        blob_maximum_bytes=100_000,
        requests_per_minute=100_000,
    )
    with TestClient(create_app(runtime), base_url=runtime.settings.origin) as client:
        stage = Stage(runtime, client)
        stage.fund(BUYER, 10_000_000)
        yield stage
