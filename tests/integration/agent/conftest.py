"""A bench for modules, and a whole grid for agents: processes are real, folders are the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.agent.bench import Bench
from tests.integration.agent.grid import Grid, running_grid
from tests.integration.anvil import Deployed


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A node's executor."""
    return Bench(tmp_path)


@pytest.fixture
def grid(deployed: Deployed, engine: Engine, tmp_path: Path) -> Iterator[Grid]:
    """A market at work on a chain, with a buyer who has ten tokens."""
    with running_grid(deployed, engine, tmp_path) as grid:
        yield grid
