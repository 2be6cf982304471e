"""Real servers: one PostgreSQL per run with a fresh database per test, and a fresh anvil per test."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text
from sqlmodel import SQLModel

from market.db import tables  # noqa: F401  (fills the metadata)
from market.db.embedded import embedded_postgres
from market.db.session import create_engine
from tests.integration.anvil import Anvil

TEMPLATE = "suanli_template"
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL that lives as long as the test run."""
    with embedded_postgres(tmp_path_factory.mktemp("postgres") / "data", UNSAFE_BUT_FAST) as url:
        yield url


@pytest.fixture(scope="session")
def database_template(postgres_url: str) -> str:
    """The name of a database with every table and no row, to be copied."""
    _execute(postgres_url, f'CREATE DATABASE "{TEMPLATE}"')
    engine = create_engine(_url(postgres_url, TEMPLATE))
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    return TEMPLATE


@pytest.fixture
def database_url(postgres_url: str, database_template: str) -> Iterator[str]:
    """The URL of a database of the test's own, with every table."""
    name = f"test_{uuid.uuid4().hex}"
    _execute(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{database_template}"')
    yield _url(postgres_url, name)
    _execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Connections to the test's own database."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def anvil(tmp_path: Path) -> Iterator[Anvil]:
    """A chain without contracts, of the test's own."""
    chain = Anvil(tmp_path)
    chain.start()
    yield chain
    chain.kill()


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


def _url(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)
