"""Runs the market's loops and its API in one process until a signal ends it."""

import signal
import threading
import time
from collections.abc import Iterable
from types import FrameType

import structlog
import uvicorn

from market.api.app import create_app
from market.roles.loop import Loop
from market.roles.loops import make_loops
from market.roles.startup import Parts
from market.services.wakes import CLEARING

API = "api"
_STOP_SECONDS = 1.5
_GRACE_SECONDS = 1

_log = structlog.get_logger("server")


def serve(parts: Parts, roles: Iterable[str]) -> None:
    """Runs the chosen roles until SIGTERM or SIGINT, and is gone within two seconds of it."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _setter(stop))
    loops = make_loops(parts.runtime, parts.chain, int(time.time()))
    threads = [_start(loops[role], parts, stop) for role in roles if role in loops]
    _log.info("serving", roles=sorted(roles), url=parts.runtime.settings.origin)
    if API in roles:
        _serve_api(parts)
    else:
        stop.wait()
    stop.set()
    parts.runtime.wakes.notify(CLEARING)
    deadline = time.monotonic() + _STOP_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    _log.info("stopped")


def _setter(stop: threading.Event) -> "signal._HANDLER":
    def handle(number: int, frame: FrameType | None) -> None:
        stop.set()

    return handle


def _start(loop: Loop, parts: Parts, stop: threading.Event) -> threading.Thread:
    arguments = (parts.runtime.engine, stop)
    thread = threading.Thread(target=loop.run, args=arguments, name=loop.role, daemon=True)
    thread.start()
    return thread


def _serve_api(parts: Parts) -> None:
    """Returns when uvicorn has heard a signal; it then hands the signal on to our own handler."""
    settings = parts.runtime.settings
    config = uvicorn.Config(
        create_app(parts.runtime),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    _Server(config, parts).run()


class _Server(uvicorn.Server):
    """Ends long polls as soon as it hears a signal, so that nothing has to be cut off."""

    def __init__(self, config: uvicorn.Config, parts: Parts) -> None:
        super().__init__(config)
        self._wakes = parts.runtime.wakes

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Hears a signal."""
        self._wakes.closed = True
        super().handle_exit(sig, frame)
