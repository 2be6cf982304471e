"""A node that says where it stands measures its ways; one with automatic prices follows the rounds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from typer.testing import CliRunner

from market.cli import market_app
from market.db.tables.connect import NetworkRow
from provider_agent.ask_template import default_ask
from provider_agent.capability import Capability
from provider_agent.cli import node_app
from suanli.protocol.auto_price import price_of_offering
from suanli.protocol.messages import Prices
from suanli.protocol.offering import Offering, offering_hash
from tests.integration.agent.grid import Agent, Grid, eventually, running_grid
from tests.integration.agent.programs import GOOD
from tests.integration.anvil import Deployed

SPEED = Capability(
    processor="x", system="y", cores=2, memory_bytes=1 << 30, fuel_per_second=10**9, wasmtime="1", profile="p"
)
FILE = (
    default_ask("TSC", cores=2, memory_bytes=1 << 30)
    .replace("# region = ", "region = ")
    .replace("# watts = 12 ", "watts = 36 ")
)
FOLLOWING = FILE.replace("enabled = false", "enabled = true").replace('share = "100%"', 'share = "150%"')
FLOORED = FOLLOWING.replace('electricity = "0"', 'electricity = "100"')
"""36 J per gigafuel at 100 tokens per kWh: 0.001 tokens, twice what `[prices]` says."""


@pytest.fixture
def europe(deployed: Deployed, engine: Engine, tmp_path: Path) -> Iterator[Grid]:
    """A market whose store stands in `eu-west`."""
    with running_grid(deployed, engine, tmp_path, store_region="eu-west") as grid:
        yield grid


def agent_with(grid: Grid, number: int, ask: str) -> Agent:
    agent = grid.agent(number, ask)
    agent.home.capability.write_bytes(SPEED.canonical())
    agent.start()
    return agent


def said(grid: Grid, agent: Agent) -> tuple[Prices, Offering] | None:
    """What the market has of the node."""
    view = grid.stage.ok("GET", f"/nodes/{agent.node.address}")
    if view["ask"] is None:
        return None
    ask, offering = view["ask"]["message"], Offering.model_validate(view["offering"])
    assert ask["offering"] == offering_hash(offering)
    return Prices.from_json(ask["prices"]), offering


def explained(agent: Agent) -> Any:
    answer = CliRunner().invoke(node_app, ["--home", str(agent.home.folder), "price", "--explain", "--json"])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_a_node_measures_the_way_from_the_markets_store(europe: Grid) -> None:
    agent = agent_with(europe, 1, FILE)

    def measured() -> Any:
        with Session(europe.world.runtime.engine) as session:
            return session.get(NetworkRow, agent.node.address)

    (way,) = eventually(measured).report.ways
    assert (way.origin, way.samples) == ("eu-west", 3)
    assert way.bytes_per_second > 10_000


def test_an_automatic_price_follows_the_rounds_and_anyone_can_redo_it(europe: Grid) -> None:
    """One node by hand sets the price that rounds clear at; the other asks for half as much again."""
    first = agent_with(europe, 1, FILE)
    assert eventually(lambda: said(europe, first))[0].fuel == 500 * 10**6
    europe.place([GOOD], replicas=1)
    rounds = eventually(lambda: europe.stage.ok("GET", "/capacity/prices?rounds=20")["items"])
    follower = agent_with(europe, 2, FOLLOWING)
    expected = 150 * int(rounds[0]["prices"]["fuel"]) // 100
    prices, offering = eventually(
        lambda: (found := said(europe, follower)) and found[0].fuel == expected and found
    )
    assert offering.auto_price is not None
    upto = europe.stage.ok("GET", f"/capacity/prices?until={offering.auto_price.epoch}")["items"]
    again = price_of_offering([Prices.from_json(one["prices"]) for one in upto], offering)
    assert again is not None
    assert again.prices == prices
    shown = explained(follower)
    assert (shown["prices"], shown["rounds"]) == (prices.to_json(), rounds)
    assert shown["steps"]["median"] == rounds[0]["prices"]


def test_no_node_works_below_its_electricity_and_says_why(europe: Grid) -> None:
    agent = agent_with(europe, 1, FLOORED)
    prices, _ = eventually(lambda: said(europe, agent))
    assert prices.fuel == 1000 * 10**6
    assert explained(agent)["steps"]["floor"]["fuel"] == str(1000 * 10**6)
    words = CliRunner().invoke(node_app, ["--home", str(agent.home.folder), "price", "--explain"]).stdout
    assert "1e-05 kWh" in words
    assert "the floor" in words


def test_anyone_sees_the_fleet_without_a_key(europe: Grid) -> None:
    agent = agent_with(europe, 1, FILE)
    eventually(lambda: said(europe, agent))
    europe.place([GOOD], replicas=1)
    eventually(lambda: europe.stage.ok("GET", "/capacity/prices")["items"])
    origin = ["--market", europe.world.runtime.settings.origin]
    answer = CliRunner().invoke(market_app, ["capacity", *origin, "--json"])
    (cell,) = json.loads(answer.stdout)["cells"]
    assert (cell["region"], cell["nodes"]) == ("eu-west", 1)
    table = CliRunner().invoke(market_app, ["capacity", *origin]).stdout
    assert "eu-west" in table
    assert "0.0005" in table
    assert "eu-west" not in CliRunner().invoke(market_app, ["capacity", *origin, "--rounds", "5"]).stdout
    silent = CliRunner().invoke(market_app, ["capacity", "--market", "http://127.0.0.1:1"])
    assert (silent.exit_code, "MARKET_UNREACHABLE" in silent.output) == (1, True)


def test_a_node_asks_why_it_got_work_or_none(europe: Grid) -> None:
    agent = agent_with(europe, 1, FILE)
    eventually(lambda: said(europe, agent))
    home = ["--home", str(agent.home.folder)]
    assert "No round has been cleared yet" in CliRunner().invoke(node_app, [*home, "why"]).stdout
    europe.place([GOOD], replicas=1)
    eventually(lambda: europe.stage.ok("GET", "/capacity/prices")["items"])
    found = json.loads(CliRunner().invoke(node_app, [*home, "why", "--json"]).stdout)
    assert (found["matched"], found["copies"], found["reason"]) == (1, 1, None)
    assert "came here" in CliRunner().invoke(node_app, [*home, "why"]).stdout
