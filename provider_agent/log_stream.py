"""Sends a running program's log to the market as it grows. It changes no result, so nothing is retried."""

import asyncio
import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

from provider_agent.client import MarketClient
from provider_agent.runner.job import LOG_FILE
from suanli.protocol.errors import NodeError
from suanli.protocol.values import Hash

_LOOK_SECONDS = 0.5


class LogStream:
    """Follows the log in a run's folder while the run is on; sends the rest when it ends."""

    def __init__(self, client: MarketClient, lease: Hash, folder: Path) -> None:
        self._client = client
        self._lease = lease
        self._path = folder / LOG_FILE
        self._sent = 0
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        if error is None or isinstance(error, NodeError):
            await self._send()

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._send()

    async def _send(self) -> None:
        with contextlib.suppress(NodeError, OSError):
            with self._path.open("rb") as file:
                file.seek(self._sent)
                data = file.read()
            if data:
                await self._client.log(self._lease, self._sent, data)
                self._sent += len(data)
