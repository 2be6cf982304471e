"""Real servers: one PostgreSQL per run with a fresh database per test, and a fresh anvil per test."""

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from sqlalchemy import Engine, make_url, text

from market.chain.client import Chain
from market.chain.deploy import deploy
from market.db.embedded import embedded_postgres
from market.db.migrate import upgrade
from market.db.session import create_engine
from suanli.protocol.deployment import DeploymentParameters
from suanli.protocol.wire.accounts import Deployment
from tests.integration.anvil import Anvil, Deployed

TEMPLATE = "suanli_template"
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
OPERATOR: LocalAccount = Account.from_key("0x" + "0f" * 32)
FEE_RECIPIENT = Account.from_key("0x" + "fe" * 32).address
ETHER = 10**18


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL that lives as long as the test run; other runs do not tidy its folder away."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_postgres(Path(folder) / "data", UNSAFE_BUT_FAST) as url,
    ):
        yield url


@pytest.fixture(scope="session")
def database_template(postgres_url: str) -> str:
    """The name of a database with every table and no row, to be copied."""
    _execute(postgres_url, f'CREATE DATABASE "{TEMPLATE}"')
    engine = create_engine(_url(postgres_url, TEMPLATE))
    upgrade(engine)
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


@pytest.fixture(scope="session")
def deployed_state(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Deployment]:
    """A chain's state with all contracts, deployed once, and the deployment."""
    chain = Anvil(tmp_path_factory.mktemp("deployed"))
    chain.start()
    client = Chain(chain.rpc_url)
    client.endow(OPERATOR.address, 1000 * ETHER)
    parameters = DeploymentParameters.development(FEE_RECIPIENT, fee_basis_points=500)
    deployment = deploy(client, OPERATOR, OPERATOR.address, parameters, development=True)
    chain.stop()
    return chain.state, deployment


@pytest.fixture
def deployed(deployed_state: tuple[Path, Deployment], tmp_path: Path) -> Iterator[Deployed]:
    """A chain of the test's own on which the contracts are deployed."""
    state, deployment = deployed_state
    chain = Anvil(tmp_path, load=state)
    chain.start()
    yield Deployed(chain, deployment.model_copy(update={"rpc_url": chain.rpc_url}), OPERATOR)
    chain.kill()


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


def _url(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)
