"""A bench for modules: runner processes are real, folders are the test's own."""

from pathlib import Path

import pytest

from tests.integration.agent.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A node's executor."""
    return Bench(tmp_path)
