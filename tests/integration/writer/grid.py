"""A market with nodes in a real database; writers in this process, or in one that can be killed."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine

from market.api.writing import make_writer
from market.db.session import transaction
from market.db.tables.access import ApiKeyRow
from market.db.tables.connect import AskRow, NodeRow
from market.runtime import Runtime
from market.services.auth import hashed
from market.writer.writer import Writer
from suanli.protocol.messages import Ask
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address
from suanli.protocol.wire.quotes import TakeRequest
from tests.integration.market.stage import LIMITS, PRICES, key, make_runtime

ROOT = Path(__file__).resolve().parents[3]
BUYER = key(2).address
API_KEY = "suanli_test"
ITEM = {"limits": LIMITS.model_dump(), "maximum_prices": {n: 10 * p for n, p in PRICES.model_dump().items()}}
FAR = 1 << 40


def stock(engine: Engine, nodes: int, slots: int) -> list[Address]:
    """Nodes that live for ever, each with an ask; and an API key of the buyer's."""
    made: list[Address] = []
    with transaction(engine) as session:
        session.add(ApiKeyRow(id="k", key_hash=hashed(API_KEY), address=BUYER, name="k", created_at=0))
        for number in range(nodes):
            node, owner = key(100 + number).address, key(1000 + number).address
            session.add(NodeRow(node=node, owner=owner, state=NodeState.CONNECTED, last_seen_at=FAR))
            session.flush()
            ask = Ask(
                node=node,
                prices=PRICES,
                minimumCharge=0,
                slots=slots,
                limits=LIMITS,
                expiry=FAR,
                nonce=1,
            )
            session.add(_ask_row(ask))
            made.append(node)
    return made


def _ask_row(ask: Ask) -> AskRow:
    return AskRow(
        id=ask.id(), node=ask.node, message=ask, signature="0x", nonce=1, current=True, received_at=0
    )


def wants(name: str, copies: int = 1, seconds: int = 60) -> TakeRequest:
    """A take of so many items."""
    return TakeRequest.model_validate({"key": name, "seconds": seconds, "items": [ITEM] * copies})


@asynccontextmanager
async def writing(runtime: Runtime, *, awaited: bool = True) -> AsyncIterator[Writer]:
    """A writer that runs in this event loop; it has begun, if awaited."""
    writer = make_writer(runtime)
    task = asyncio.create_task(writer.run())
    try:
        while awaited and writer.desk is None:
            await asyncio.sleep(0.01)
        yield writer
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass
class Server:
    """A market's API in a process of its own."""

    database_url: str
    folder: Path
    port: int = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        arguments = [self.database_url, str(self.folder / str(self.port)), str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.writer.serve", *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def kill(self) -> None:
        """Ends it without any warning."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def take(self, request: dict[str, Any]) -> httpx.Response | None:
        """What it says; None when it is gone, or was before it could say anything."""
        try:
            return httpx.post(
                f"http://127.0.0.1:{self.port}/v1/quotes/take",
                json=request,
                headers={"Authorization": f"Bearer {API_KEY}"},
                timeout=10,
            )
        except httpx.TransportError:
            return None

    def wait_until_writing(self, seconds: float = 60) -> None:
        """Returns when it decides."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = self.take({"key": f"probe{time.monotonic_ns()}", "items": [TINY]})
            if answer is not None and answer.status_code == 200:
                return
            time.sleep(0.05)
        raise TimeoutError("no writer came up")


TINY = {**ITEM, "maximum_prices": dict.fromkeys(PRICES.model_dump(), 0)}
"""An item that no node may have: asking for it only shows who decides."""


def runtime_for(engine: Engine, folder: Path, **settings: Any) -> Runtime:
    """A runtime of the test's own."""
    chosen = {"open_holds_per_account": 10**6, "takes_per_second": 10**6, **settings}
    return make_runtime(engine, folder, requests_per_minute=10**6, **chosen)
