"""The whole stack on one machine, as separate processes: chain, database, market, agents, a funded buyer.

`make demo`, `suanli dev up` and the end-to-end tests use this one stack. Everything is set up through the
same commands that people use; nothing here reaches into another part's memory or tables.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from market.chain.client import Chain as AnyChain
from market.db.embedded import embedded_postgres
from suanli.client import Suanli
from suanli.client.chain import Chain
from suanli.client.home import read_deployment
from suanli.client.keystore import Keystore, create_keystore
from suanli.dev.bond import bond_operator
from suanli.dev.chain import start_chain
from suanli.dev.processes import Process, free_port, is_listening
from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason
from suanli.protocol.units import parse_money
from suanli.protocol.values import Address
from suanli.protocol.wire.common import API_PREFIX
from suanli.protocol.wire.nodes import NodeView

_MARKET_START_SECONDS = 60.0
_NODE_START_SECONDS = 60.0
_REQUEST_SECONDS = 10.0
_COMMAND_SECONDS = 120.0
_LIGHT_WORK_FACTOR = 1 << 12
"""Stretching protects weak passwords; the stack's is random."""

_STAKE_AND_MORE = "50"
_NODE_GAS_WEI = 10**18
"""For the verdicts of a node that a court draws."""

MARKET_SETTINGS: Mapping[str, str] = {
    "SUANLI_DEVELOPMENT": "true",
    "SUANLI_CONFIRMATIONS": "0",
    "SUANLI_EPOCH_SECONDS": "0.2",
    "SUANLI_INDEX_SECONDS": "0.3",
    "SUANLI_RELAY_SECONDS": "0.2",
    "SUANLI_HEARTBEAT_SECONDS": "1",
    "SUANLI_NODE_SILENCE_SECONDS": "4",
    "SUANLI_SETTLEMENT_SECONDS": "2",
    "SUANLI_SILENCE_SECONDS": "4",
    "SUANLI_OPERATOR_BONDED": "true",
    "SUANLI_ANCHOR_SECONDS": "0.5",
}
"""Shorter times than a public network would take, so that a person sees things happen."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports of the stack; chosen freely when not given."""

    chain: int = field(default_factory=free_port)
    market: int = field(default_factory=free_port)


@dataclass(slots=True)
class Node:
    """An agent of the stack: its name, its home folder, its process while it runs."""

    name: str
    home: Path
    address: str
    process: Process | None = None


@dataclass(frozen=True, slots=True)
class Buyer:
    """A funded account: its address and its keystore."""

    address: str
    keystore: Path


class Stack:
    """A running Suanli under one folder; use as a context manager so that nothing is left running."""

    def __init__(
        self, folder: Path, ports: Ports | None = None, settings: Mapping[str, str] = MARKET_SETTINGS
    ) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ports = ports or Ports()
        self.nodes: dict[str, Node] = {}
        self.password_file = self.folder / "password"
        self._settings = settings
        self._chain: Process | None = None
        self._market: Process | None = None

    @property
    def rpc_url(self) -> str:
        """The chain's JSON-RPC address."""
        return f"http://127.0.0.1:{self.ports.chain}"

    @property
    def market_url(self) -> str:
        """The market's HTTP address."""
        return f"http://127.0.0.1:{self.ports.market}"

    @property
    def deployment_file(self) -> Path:
        """The deployment file that the market wrote."""
        return self.folder / "market" / "deployment.json"

    def environment(self) -> dict[str, str]:
        """What a shell sets so that `suanli` commands talk to this stack."""
        return {
            "SUANLI_MARKET": self.market_url,
            "SUANLI_RPC": self.rpc_url,
            "SUANLI_DEPLOYMENT": str(self.deployment_file),
            "SUANLI_HOME": str(self.folder / "buyer"),
            "SUANLI_PASSWORD_FILE": str(self.password_file),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start_chain(self) -> None:
        """Start the chain, with the state it had before if it ran in this folder."""
        self._chain = start_chain(self.folder, self.ports.chain)

    def stop_chain(self) -> None:
        """Stop the chain; its state stays in its file."""
        if self._chain is not None:
            self._chain.stop()
            self._chain = None

    def start_market(self) -> None:
        """Start the market; the first time make the operator's key, the contracts and the operator's bond."""
        if not self.password_file.exists():
            self.password_file.touch(mode=0o600)
            self.password_file.write_text(secrets.token_urlsafe(24))
        if not self.deployment_file.exists():
            self.command("market", "init", extra=self._market_environment())
            self.command("market", "deploy", extra=self._market_environment())
        self._market = self._spawn("market", ["market", "serve"], self._market_environment())
        self._market.wait_until(lambda: is_listening(self.ports.market), _MARKET_START_SECONDS)
        chain, folder = Chain(self.rpc_url, read_deployment(self.deployment_file)), self.folder / "market"
        bond_operator(chain, lambda: self._sign_in(folder / "operator.json", folder / "operator.password"))

    def kill_market(self) -> None:
        """End the market as a power cut would."""
        if self._market is not None:
            self._market.kill()
            self._market = None

    def add_nodes(self, names: list[str], progress: Callable[[str], None] = lambda name: None) -> None:
        """Make nodes of different owners, fund and connect them (算力并网), and start their agents."""
        with ThreadPoolExecutor(max_workers=4) as pool:
            for node in pool.map(self._make_node, names):
                self.nodes[node.name] = node
                self.start_node(node.name)
                progress(node.name)
        for name in names:
            self.wait_for_node(name)

    def start_node(self, name: str) -> None:
        """Start an agent that was made before."""
        node = self.nodes[name]
        arguments = ["node", "run", "--home", str(node.home)]
        node.process = self._spawn(f"node-{name}", arguments, self.environment())

    def wait_for_node(self, name: str) -> None:
        """Wait until the market hears the agent and has its prices."""
        node = self.nodes[name]
        if node.process is not None:
            node.process.wait_until(lambda: self._is_offering(node.address), _NODE_START_SECONDS)

    def kill_node(self, name: str) -> None:
        """End an agent and its runners as a power cut would."""
        process = self.nodes[name].process
        if process is not None:
            process.kill()
            self.nodes[name].process = None

    def node_names(self) -> dict[str, str]:
        """The names of the stack's nodes by their addresses."""
        return {node.address: node.name for node in self.nodes.values()}

    def add_buyer(self, name: str, tokens: str) -> Buyer:
        """An account with test tokens in its escrow; made the first time."""
        keystore = self.folder / "buyer" / f"{name}.json"
        return Buyer(self._fund(keystore, tokens), keystore)

    def sign_in(self, keystore: Path) -> Suanli:
        """A connection to the market with one of the stack's keystores."""
        return self._sign_in(keystore, self.password_file)

    def _sign_in(self, keystore: Path, password_file: Path) -> Suanli:
        return Suanli.connect(
            self.market_url,
            keystore=keystore,
            password_file=password_file,
            rpc_url=self.rpc_url,
            state=self.folder / "buyer",
            deployment=self.deployment_file,
        )

    def _fund(self, keystore: Path, tokens: str) -> Address:
        """Make a keystore, take test tokens from the faucet and deposit `tokens`; the account's address."""
        if keystore.exists():
            return Keystore(keystore).address()
        made = create_keystore(keystore, self.password_file.read_text(), _LIGHT_WORK_FACTOR)
        with self.sign_in(keystore) as account:
            account.funds.faucet()
            account.funds.deposit(account.key, parse_money(tokens, account.deployment.token_decimals))
        return made.address()

    def command(self, *arguments: str, extra: Mapping[str, str] | None = None) -> Any:
        """Run a `suanli` command with `--json`; its answer, parsed. Raises SuanliError when it failed."""
        process = subprocess.run(
            [sys.executable, "-m", "suanli", *arguments, "--json"],
            env={**os.environ, **self.environment(), **(extra or {})},
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
        if process.returncode != 0:
            shown = " ".join(arguments)
            raise SuanliError(Reason.STATE_CONFLICT, f"`suanli {shown}` failed:\n{process.stderr.strip()}")
        return json.loads(process.stdout) if process.stdout.strip() else None

    def stop(self) -> None:
        """Stop all processes, agents first."""
        for node in self.nodes.values():
            if node.process is not None:
                node.process.stop()
                node.process = None
        if self._market is not None:
            self._market.stop()
            self._market = None
        self._stop_database()
        self.stop_chain()

    def _is_offering(self, node: str) -> bool:
        answer = httpx.get(f"{self.market_url}{API_PREFIX}/nodes/{node}", timeout=_REQUEST_SECONDS)
        if answer.status_code != httpx.codes.OK:
            return False
        view = NodeView.model_validate_json(answer.content)
        return view.online and view.ask is not None

    def _stop_database(self) -> None:
        """A killed market leaves its database running; who opens it then owns it, and stops it."""
        folder = self.folder / "market" / "postgres"
        if (folder / "postmaster.pid").exists():
            with embedded_postgres(folder):
                pass

    def _make_node(self, name: str) -> Node:
        home = self.folder / "nodes" / name
        owner, made = self.folder / "owners" / f"{name}.json", home / "stack.json"
        if not made.exists():
            self._fund(owner, _STAKE_AND_MORE)
            answer = self.command("node", "init", "--home", str(home), "--owner-keystore", str(owner))
            self.command("node", "connect", "--home", str(home))
            made.write_text(json.dumps(answer))
        node = Node(name, home, json.loads(made.read_text())["node"])
        AnyChain(self.rpc_url).endow(node.address, _NODE_GAS_WEI)
        return node

    def _spawn(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> Process:
        command = [sys.executable, "-m", "suanli", *arguments]
        return Process(name, command, self.folder / "logs" / f"{name}.log", environment)

    def _market_environment(self) -> dict[str, str]:
        return {
            **self._settings,
            **self.environment(),
            "SUANLI_DATA_DIR": str(self.folder / "market"),
            "SUANLI_RPC_URL": self.rpc_url,
            "SUANLI_API_PORT": str(self.ports.market),
        }
