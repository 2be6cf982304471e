"""One running stack for the tests of this folder, and a funded buyer; each test leaves it running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from suanli.client import Suanli
from suanli.dev.stack import Buyer, Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Chain, market and three nodes of different owners."""
    with Stack(tmp_path_factory.mktemp("stack")) as stack:
        stack.start_chain()
        stack.start_market()
        stack.add_nodes(["amber", "birch", "cedar"])
        yield stack


@pytest.fixture(scope="session")
def buyer(stack: Stack) -> Buyer:
    """An account with 100 tokens in escrow."""
    return stack.add_buyer("buyer", "100")


@pytest.fixture
def suanli(stack: Stack, buyer: Buyer) -> Iterator[Suanli]:
    """The buyer's connection."""
    with stack.sign_in(buyer.keystore) as connection:
        yield connection


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder for the test's job files."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder
