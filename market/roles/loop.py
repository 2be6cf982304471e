"""One loop of the market: leads its role, steps, waits, and survives whatever the outside does.

It decides nothing about the work; what fails is logged with its reason and tried again, later each time.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from market.db.leader import candidate
from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason

_ELECTION_SECONDS = 0.5
_FIRST_RETRY_SECONDS = 0.25

_log = structlog.get_logger("loop")


@dataclass(frozen=True)
class Loop:
    """`step` gets the time and says whether there is more to do at once; `pause` waits for the next one."""

    role: str
    step: Callable[[float], bool]
    pause: Callable[[threading.Event], object]
    retry_maximum_seconds: float = 30.0

    def run(self, engine: Engine, stop: threading.Event) -> None:
        """Runs until `stop` is set."""
        failures = 0
        while not stop.is_set():
            try:
                self._lead(engine, stop)
                failures = 0
            except OperationalError as error:
                failures += 1
                _log.warning(
                    "loop_failed", role=self.role, reason=Reason.DATABASE_UNREACHABLE, detail=str(error)
                )
                stop.wait(self._delay(failures))

    def _lead(self, engine: Engine, stop: threading.Event) -> None:
        with candidate(engine, self.role) as lead:
            while not lead.take():
                if stop.wait(_ELECTION_SECONDS):
                    return
            _log.info("leading", role=self.role)
            failures = 0
            while not stop.is_set():
                lead.check()
                failures = self._step(stop, failures)

    def _step(self, stop: threading.Event, failures: int) -> int:
        """One step and the wait after it; returns how many steps have failed in a row."""
        try:
            if not self.step(time.time()):
                self.pause(stop)
        except OperationalError:
            raise
        except SuanliError as error:
            _log.warning("loop_failed", role=self.role, **error.to_json())
        except Exception:  # noqa: BLE001  a defect in one step must not end the market
            _log.exception("loop_failed", role=self.role, reason=Reason.INTERNAL)
        else:
            return 0
        stop.wait(self._delay(failures + 1))
        return failures + 1

    def _delay(self, failures: int) -> float:
        doublings = min(failures - 1, 16)
        return float(min(_FIRST_RETRY_SECONDS * 2**doublings, self.retry_maximum_seconds))
