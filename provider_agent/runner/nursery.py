"""Forks runners that are ready at once: Python and wasmtime are loaded before the first task comes.

Speaks JSON lines: `{"run": folder}` and `{"kill": pid}` in, `{"started": pid, "folder": …}` and
`{"ended": pid, "status": …}` out. Its runners die with it, and it dies with the agent.
"""

import contextlib
import gc
import json
import os
import selectors
import signal
import sys
from pathlib import Path
from typing import Any

from provider_agent.runner.confinement import confine, die_with_parent
from provider_agent.runner.execution import run_job
from provider_agent.runner.job import LOCK_FILE, RunnerJob

_CHUNK = 1 << 16


def serve() -> None:
    """Serves the agent until it closes the pipe."""
    die_with_parent(os.getppid())
    gc.collect()
    gc.freeze()
    _Nursery().serve()


def run_here(folder: Path) -> None:
    """Runs the job in `folder` in this very process, confined."""
    job = RunnerJob.read(folder)
    lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    # Two runners in one folder would be one lease run twice: the second ends at once.
    os.lockf(lock, os.F_TLOCK, 0)
    confine(job)
    run_job(folder)


class _Nursery:
    def __init__(self) -> None:
        self._children: set[int] = set()
        self._received = b""
        self._wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(self._wake_read, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)

    def serve(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(0, selectors.EVENT_READ)
        selector.register(self._wake_read, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd == 0 and not self._receive():
                    return
                if key.fd == self._wake_read:
                    self._reap()

    def _receive(self) -> bool:
        data = os.read(0, _CHUNK)
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))
        return bool(data)

    def _obey(self, order: dict[str, Any]) -> None:
        if "run" in order:
            self._fork(Path(order["run"]))
        elif order["kill"] in self._children:
            os.kill(order["kill"], signal.SIGKILL)

    def _fork(self, folder: Path) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _be_runner(folder, parent)
        self._children.add(pid)
        _tell({"started": pid, "folder": str(folder)})

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, _CHUNK)
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._children.discard(pid)
            _tell({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _be_runner(folder: Path, parent: int) -> None:
    """The child's whole life; never returns into the parent's loop."""
    status = 1
    try:
        die_with_parent(parent)
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1):
            os.dup2(nowhere, standard)
        run_here(folder)
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def _tell(message: dict[str, Any]) -> None:
    os.write(1, json.dumps(message).encode() + b"\n")
