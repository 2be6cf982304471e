"""A market with two funded buyers and two connected nodes of different owners."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from suanli.protocol.wire.accounts import Deployment
from tests.integration.anvil import Anvil, Deployed
from tests.integration.chain.world import World, key, make_world
from tests.integration.conftest import OPERATOR
from tests.integration.settlement.market import Market
from tests.integration.settlement.receipts import Desk

ALICE, BOB = key(2), key(3)
NODE, OTHER = key(11), key(12)
OWNER, OTHER_OWNER = key(21), key(22)
PURSE = 1_000_000


@pytest.fixture(scope="session")
def populated_state(
    deployed_state: tuple[Path, Deployment], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Deployment]:
    """A chain's state on which everybody is ready, made once."""
    state, deployment = deployed_state
    anvil = Anvil(tmp_path_factory.mktemp("populated"), load=state)
    anvil.start()
    # nothing of the market is needed here: the world only sends people's own transactions
    world: World = make_world(Deployed(anvil, deployment, OPERATOR), None, anvil.folder)  # type: ignore[arg-type]
    world.connect_past_the_market(NODE, OWNER)
    world.connect_past_the_market(OTHER, OTHER_OWNER)
    for buyer in (ALICE, BOB):
        world.fund(buyer, PURSE)
    anvil.stop()
    return anvil.state, deployment


@pytest.fixture
def market(populated_state: tuple[Path, Deployment], engine: Engine, tmp_path: Path) -> Iterator[Market]:
    """Ready to settle."""
    state, deployment = populated_state
    anvil = Anvil(tmp_path, load=state)
    anvil.start()
    world = make_world(Deployed(anvil, deployment, OPERATOR), engine, tmp_path / "market")
    world.index()
    yield Market(world, Desk(world))
    anvil.kill()
