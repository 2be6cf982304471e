"""Child processes of the development stack: started with a log file each, and never left behind.

Each child leads its own process group and dies with its parent, even when the parent is killed.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason

_PR_SET_PDEATHSIG = 1
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.05
_LOG_TAIL = 2000


class Process:
    """One child process: its command, its log, its end."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def is_running(self) -> bool:
        """Whether the child has not ended yet."""
        return self._child.poll() is None

    def kill(self) -> None:
        """End the child and all it started at once, as a power cut would."""
        self._signal_group(signal.SIGKILL)
        self._child.wait()

    def stop(self) -> None:
        """Ask the child to end; end its whole group when it does not within twenty seconds."""
        if self.is_running():
            self._child.terminate()
        try:
            self._child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal_group(signal.SIGKILL)
            self._child.wait()
        self._signal_group(signal.SIGKILL)

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready()`. Raises SuanliError with the log's end when the child ends or is too slow."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.is_running():
                raise self._failure(f"ended with exit code {self._child.returncode}")
            if time.monotonic() > deadline:
                raise self._failure(f"was not ready within {seconds:.0f} s")
            time.sleep(_POLL_SECONDS)

    def _failure(self, what: str) -> SuanliError:
        tail = self.log.read_text(errors="replace")[-_LOG_TAIL:]
        return SuanliError(Reason.SETTINGS_INVALID, f"{self.name} {what}; see {self.log}\n{tail}")

    def _signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._child.pid, number)
        except ProcessLookupError:
            return


def free_port() -> int:
    """A TCP port that is free on loopback now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_listening(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
