"""The chain side of a market, on a chain and a database of the test's own."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.anvil import Deployed
from tests.integration.chain.world import World, make_world


@pytest.fixture
def world(deployed: Deployed, engine: Engine, tmp_path: Path) -> World:
    """A market that has seen nothing of its chain yet."""
    return make_world(deployed, engine, tmp_path / "market")
