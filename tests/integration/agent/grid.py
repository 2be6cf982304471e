"""A whole Suanli around the agent under test: real chain, database, market with all its loops, processes.

The market lives in the test's own process; agents are started as their users start them, and killed likewise.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import structlog
import uvicorn
from eth_account.signers.local import LocalAccount
from sqlalchemy import Engine

from market.api.app import create_app
from market.roles.loops import make_loops
from market.services.connect import connect
from market.services.step import step
from market.services.wakes import CLEARING
from provider_agent.ask_template import default_ask
from provider_agent.home import Home
from provider_agent.journal import open_database
from provider_agent.keys import create_key
from provider_agent.settings import write_settings
from suanli.protocol.deployment import to_text
from suanli.protocol.documents import BlobReference, JobSpec, ResultManifest, TaskSpec
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Limits
from suanli.protocol.states import NodeState
from tests.integration.agent.bench import LIMITS, module
from tests.integration.anvil import Deployed
from tests.integration.chain.world import STAKE, World, key, make_world
from tests.integration.market.stage import BUYER, Stage

T = TypeVar("T")

_PATIENCE_SECONDS = 240.0
PRICES = {"fuel": 10**12, "memoryFuel": 10**12, "ingress": 10**12, "egress": 10**12}


def eventually(look: Callable[[], T], seconds: float = _PATIENCE_SECONDS) -> T:
    """What `look` yields as soon as it is something; fails when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


@dataclass
class Agent:
    """One node: its home, its keys, and its process while it runs."""

    home: Home
    node: LocalAccount
    owner: LocalAccount
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        """Starts the agent as a user does."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "provider_agent", "--home", str(self.home.folder), "run"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    def ended(self) -> int | None:
        """The exit status once the process has ended; a signal's number is negative."""
        return None if self.process is None else self.process.poll()

    def wait_until_ended(self) -> int:
        """The exit status."""
        eventually(lambda: self.ended() is not None)
        return self.ended() or 0

    def stop(self) -> int:
        """Asks the agent to end."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.wait_until_ended()

    def kill(self) -> None:
        """Ends the agent as a power cut would; its runners are on their own."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def query(self, question: str) -> list[Any]:
        """Rows of the journal's database; none before there is one."""
        try:
            with closing(open_database(self.home.journal, read_only=True)) as database:
                return database.execute(question).fetchall()
        except NodeError:
            return []

    def states(self) -> list[str]:
        """The states of all leases in the journal, oldest first."""
        return [row["state"] for row in self.query("SELECT state FROM leases ORDER BY created_at")]


@dataclass
class Grid:
    """The market and the chain, with a buyer who has money, and agents."""

    world: World
    stage: Stage
    folder: Path
    stops: dict[str, threading.Event]
    api: "Api"
    agents: list[Agent] = field(default_factory=list)

    def agent(self, number: int, ask: str | None = None) -> Agent:
        """A node of an owner of its own, connected on chain and known to the market; not started."""
        folder = self.folder / f"node-{number}"
        home, owner = Home(folder), key(1000 + number)
        home.make_folders()
        deployment = self.world.runtime.deployment
        home.deployment.write_text(to_text(deployment))
        node = create_key(home.node_keystore, home.node_password)
        write_settings(
            home, self.world.runtime.settings.origin, deployment.rpc_url or "", owner.address, None
        )
        home.ask.write_text(ask or default_ask("TSC", cores=2, memory_bytes=1 << 30))
        self._connect(node, owner)
        made = Agent(home, node, owner, self.folder / f"node-{number}.log")
        self.agents.append(made)
        return made

    def _connect(self, node: LocalAccount, owner: LocalAccount) -> None:
        self.world.fund(owner, STAKE)
        with step(self.world.runtime) as session:
            connect(session, self.world.runtime, self.world.terms(node, owner), int(time.time()))
        eventually(lambda: self.stage.call("GET", f"/nodes/{node.address}").is_success)
        view = eventually(lambda: self.stage.ok("GET", f"/nodes/{node.address}"))
        assert view["state"] == NodeState.CONNECTED

    def place(
        self, programs: list[str | bytes], *, inputs: Mapping[str, bytes] | None = None, **changes: Any
    ) -> str:
        """Orders one task for each program; the job's id."""
        references = [
            BlobReference(path=path, hash=self.stage.upload(data), size=len(data))
            for path, data in (inputs or {}).items()
        ]
        tasks = [self._task(module(program), references) for program in programs]
        spec = JobSpec(name="grid", tasks=tasks)
        terms = {"limits": LIMITS, "maximumPrices": PRICES, "budget": 5_000_000, **changes}
        body = self.stage.request(spec, self.stage.order(spec, **terms))
        job: str = self.stage.ok("POST", "/jobs", BUYER, json=body)["id"]
        return job

    def _task(self, binary: bytes, inputs: list[BlobReference]) -> TaskSpec:
        hash_ = self.stage.upload(binary)
        return TaskSpec(module=hash_, module_size=len(binary), arguments=["program"], inputs=inputs)

    def wait_for(self, job: str, *states: str) -> Any:
        """The job once it is in one of these states."""

        def look() -> Any:
            found = self.stage.job(job)
            return found if found["state"] in states else None

        return eventually(look)

    def leases(self, job: str) -> list[Any]:
        """Every lease of a job's tasks."""
        tasks = self.stage.ok("GET", f"/jobs/{job}/tasks", BUYER)["items"]
        return [lease for task in tasks for lease in task["leases"]]

    def manifest(self, hash_: str) -> ResultManifest:
        """A result's manifest."""
        return ResultManifest.parse(self.blob(hash_))

    def ask_of(self, agent: Agent) -> Any:
        """The node's standing ask as the market has it."""
        ask = self.stage.ok("GET", f"/nodes/{agent.node.address}")["ask"]
        return ask and ask["message"]

    def twin(self, agent: Agent) -> Agent:
        """A second agent on the same home."""
        made = Agent(agent.home, agent.node, agent.owner, self.folder / "twin.log")
        self.agents.append(made)
        return made

    def stop_role(self, role: str) -> None:
        """Ends one of the market's loops."""
        self.stops[role].set()

    def blob(self, hash_: str) -> bytes:
        """A blob that the market has."""
        return self.stage.call("GET", f"/blobs/{hash_}", BUYER).content


class Api:
    """The market's HTTP side, which can be gone for a while."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listens on the market's port."""
        app, port = create_app(self._world.runtime), self._world.runtime.settings.api_port
        config = uvicorn.Config(app, port=port, log_level="critical", timeout_graceful_shutdown=1)
        self._server = server = uvicorn.Server(config)
        self._thread = threading.Thread(target=server.run, daemon=True)
        self._thread.start()
        eventually(lambda: server.started)

    def stop(self) -> None:
        """Is not there any more."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(20)


def limits(**changes: int) -> Limits:
    """The usual limits with some changed."""
    return Limits.model_validate(LIMITS.model_dump() | changes)


@contextmanager
def running_grid(deployed: Deployed, engine: Engine, folder: Path, **settings: Any) -> Iterator[Grid]:
    """The market at work; agents are killed at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    names = ("epoch_seconds", "index_seconds", "relay_seconds", "sweep_seconds", "settlement_seconds")
    quick: dict[str, Any] = dict.fromkeys(names, 0.2)
    quick |= {
        "api_port": port,
        "silence_seconds": 10,
        "node_silence_seconds": 30,
        "requests_per_minute": 10**6,
    }
    world = make_world(deployed, engine, folder / "market", **(quick | settings))
    loops = make_loops(world.runtime, world.chain, int(time.time()))
    stops = {role: threading.Event() for role in loops}
    # The market's words would stand among those of the commands under test.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    threads = [
        threading.Thread(target=loop.run, args=(engine, stops[role]), daemon=True)
        for role, loop in loops.items()
    ]
    for thread in threads:
        thread.start()
    api = Api(world)
    api.start()
    with httpx.Client(base_url=world.runtime.settings.origin, timeout=30) as client:
        grid = Grid(world, Stage(world.runtime, client), folder, stops, api)  # type: ignore[arg-type]
        try:
            world.fund(BUYER, 10_000_000)
            eventually(lambda: world.account(BUYER.address).balance)
            yield grid
        finally:
            for agent in grid.agents:
                agent.kill()
            for stop in stops.values():
                stop.set()
            api.stop()
            world.runtime.wakes.notify(CLEARING)
            for thread in threads:
                thread.join(10)
            structlog.reset_defaults()
