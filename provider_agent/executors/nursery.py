"""The agent's end of the nursery: starts it, asks it for runners, hears when they end.

When the nursery dies, so do its runners; the next task starts a new one.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason

_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Runner:
    """A running runner: its process id, and its exit status to come."""

    process_id: int
    ended: "asyncio.Future[int]"


class Nursery:
    """One nursery process at a time."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._starting: dict[str, asyncio.Future[int]] = {}
        self._running: dict[int, asyncio.Future[int]] = {}
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Starts the nursery, unless it runs, so that the first task need not wait for it."""
        async with self._opening:
            if self._process is None:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-I", "-m", "provider_agent.runner",
                    stdin=PIPE, stdout=PIPE, env=_environment(), start_new_session=True,
                )  # fmt: skip
                self._listening = asyncio.create_task(self._listen(self._process))

    async def run(self, folder: Path) -> Runner:
        """Forks a runner for the job in `folder`. Raises NodeError(RUNNER_CRASHED)."""
        await self.open()
        started = asyncio.get_running_loop().create_future()
        self._starting[str(folder)] = started
        self._tell({"run": str(folder)})
        process_id = await started
        return Runner(process_id, self._running[process_id])

    def kill(self, runner: Runner) -> None:
        """Ends a runner at once, if it has not ended yet."""
        if not runner.ended.done():
            self._tell({"kill": runner.process_id})

    async def close(self) -> None:
        """Ends the nursery and all runners."""
        process, listening = self._process, self._listening
        if process is None or listening is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
        await listening

    def _tell(self, order: dict[str, Any]) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def _listen(self, process: Process) -> None:
        if process.stdout is None:
            return
        while line := await process.stdout.readline():
            message = json.loads(line)
            if "started" in message:
                self._running[message["started"]] = asyncio.get_running_loop().create_future()
                self._starting.pop(message["folder"]).set_result(message["started"])
            else:
                self._running.pop(message["ended"]).set_result(message["status"])
        await process.wait()
        self._process = None
        self._fail_all()

    def _fail_all(self) -> None:
        for waiting in (*self._starting.values(), *self._running.values()):
            if not waiting.done():
                waiting.set_exception(NodeError(Reason.RUNNER_CRASHED, "the nursery of runners ended"))
                waiting.exception()
        self._starting.clear()
        self._running.clear()


def _environment() -> dict[str, str]:
    """Nothing of the agent's environment but what loading libraries may need."""
    return {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
