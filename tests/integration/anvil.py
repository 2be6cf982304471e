"""A real anvil on a free port of its own, with the process in the test's hands: stop, kill, start again."""

import json
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount

from suanli.protocol.wire.accounts import Deployment

ROOT = Path(__file__).parents[2]
ANVILS = "node_modules/@foundry-rs/anvil-*/bin/anvil"
"""The program itself: npm's wrapper is gone before the state is written."""
CHAIN_ID = 31337
START_SECONDS = 30
PORTS = (15_000, 30_000)
FIRST_ATTEMPTS = 3


def free_port() -> int:
    """A TCP port that nobody listens on now, outside the range that outgoing connections take theirs from."""
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class Anvil:
    """One chain. `load` starts it from a dumped state; `block_seconds` 0 mines every transaction at once."""

    def __init__(self, folder: Path, load: Path | None = None, block_seconds: int = 0) -> None:
        self.folder = folder
        self.port = free_port()
        self.state = folder / f"chain-{self.port}.json"
        if load is not None:
            self.state.write_bytes(load.read_bytes())
        self._block_seconds = block_seconds
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def rpc_url(self) -> str:
        """Where the chain answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the process, again from the state it left, and waits until it answers.

        The first time another port is taken when somebody was quicker; later the port must stay.
        """
        attempts = FIRST_ATTEMPTS if self._process is None else 1
        for _ in range(attempts):
            if self._try_to_start():
                return
            self.port = free_port()
        raise RuntimeError(f"anvil did not start; see {self.folder}")

    def _try_to_start(self) -> bool:
        command = [
            str(next(ROOT.glob(ANVILS))),
            "--quiet",
            "--port",
            str(self.port),
            "--chain-id",
            str(CHAIN_ID),
        ]
        command += ["--state", str(self.state)]
        if self._block_seconds:
            command += ["--block-time", str(self._block_seconds)]
        with (self.folder / "anvil.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._answers():
                return True
            time.sleep(0.02)
        self.kill()
        return False

    def stop(self) -> None:
        """Ends the process cleanly; the state is written."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the process at once; what it had not written is lost."""
        self._end(signal.SIGKILL)

    def rpc(self, method: str, *arguments: Any) -> Any:
        """One JSON-RPC call past the code under test."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": arguments}).encode()
        request = urllib.request.Request(self.rpc_url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            reply = json.load(answer)
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']}")
        return reply["result"]

    def mine(self, blocks: int = 1) -> None:
        """Mines empty blocks."""
        self.rpc("anvil_mine", hex(blocks))

    def _answers(self) -> bool:
        try:
            self.rpc("eth_chainId")
        except (urllib.error.URLError, OSError):
            return False
        return True

    def _end(self, how: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        os.killpg(self._process.pid, how)
        self._process.wait(timeout=20)


@dataclass(frozen=True)
class Deployed:
    """A chain with Suanli's contracts, and the operator's key, which has gas money."""

    anvil: Anvil
    deployment: Deployment
    operator: LocalAccount
