"""A market over HTTP on a fresh database, with a funded buyer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from market.api.app import create_app
from market.db.session import create_engine
from tests.integration.market.stage import BUYER, Stage, make_runtime

LIMITS = {"body_maximum_bytes": 200_000, "blob_maximum_bytes": 100_000, "requests_per_minute": 100_000}


@pytest.fixture(scope="session")
def application(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application, built once: its routes take longer to build than most tests to run."""
    return create_app(make_runtime(create_engine(postgres_url), tmp_path_factory.mktemp("market"), **LIMITS))


@pytest.fixture
def stage(application: FastAPI, engine: Engine, tmp_path: Path) -> Iterator[Stage]:
    """A market with a buyer who has ten million atoms."""
    runtime = make_runtime(engine, tmp_path / "market", **LIMITS)
    application.state.runtime = runtime
    with TestClient(application, base_url=runtime.settings.origin) as client:
        stage = Stage(runtime, client)
        stage.fund(BUYER, 10_000_000)
        yield stage
