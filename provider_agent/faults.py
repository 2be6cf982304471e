"""Ends the agent at a named point of its journal, for tests of crash safety; does nothing unless asked."""

import os
import signal

VARIABLE = "SUANLI_CRASH_AT"
"""`before:STATE` or `after:STATE`, also with UPLOAD, ASK, BATCH, STATEMENT: kill -9 around that commit."""


def crash_at(point: str) -> None:
    """Kills this process, as a power cut would, when the environment names `point`."""
    if os.environ.get(VARIABLE) == point:
        os.kill(os.getpid(), signal.SIGKILL)
