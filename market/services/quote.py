"""Quote: the price of a job, asked of the nodes as they are now.

Every process keeps a floor of its own for quotes, as fresh as looking again costs little; a quote holds
nothing.
"""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from market.core.admission import check_deadline, check_limits, check_policy
from market.core.quote import quote as price
from market.core.spot.floor import Floor, plan
from market.db.queries import decisions
from market.db.session import transaction
from market.runtime import Runtime
from market.services.floor import look
from market.services.wakes import CLEARING
from suanli.protocol.documents import MAXIMUM_TASKS
from suanli.protocol.errors import MarketError, SuanliError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.jobs import Quote, QuoteRequest
from suanli.protocol.wire.quotes import QuoteResult

VALID_SECONDS = 60
"""A quote promises nothing; asks may change, and do so slowly."""
_SHARE_OF_TIME = 20
"""Looking takes at most this part of the time: what was seen stays good for so many times as long."""
_WORTH_WAITING_SECONDS = 0.25


@dataclass(slots=True)
class Quoting:
    """The floor that quotes are made from. Safe to use from any thread."""

    runtime: Runtime
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _floor: Floor | None = None
    _seen_at: float = 0.0
    _took: float = 0.0
    _heard: int = -1

    def floor(self) -> Floor:
        """The nodes as they are now, or were a moment ago."""
        with self._lock:
            if self._floor is None or self._is_stale():
                self._floor = self._look()
            return self._floor

    def quote(self, request: QuoteRequest) -> Quote:
        """What the job costs at most and who may run it. Raises MarketError when no order can look so."""
        check(request, int(time.time()))
        floor = self.floor()
        with self._lock:
            return price(request, floor, self.runtime.deployment.fee_basis_points, VALID_SECONDS)

    def result(self, request: Any) -> QuoteResult:
        """The answer to one request of a batch, whatever it is."""
        try:
            return QuoteResult(quote=self.quote(QuoteRequest.model_validate(request)))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            return _problem(Reason.MESSAGE_MALFORMED, f"{where}: {first['msg']}"[:400])
        except SuanliError as error:
            return _problem(error.reason, error.detail)

    def _is_stale(self) -> bool:
        age = time.monotonic() - self._seen_at
        news = self.runtime.wakes.heard(CLEARING) != self._heard
        return age > self._took * _SHARE_OF_TIME or (news and self._took < _WORTH_WAITING_SECONDS)

    def _look(self) -> Floor:
        started, heard = time.monotonic(), self.runtime.wakes.heard(CLEARING)
        found = look(self.runtime)
        if found is None:
            raise RuntimeError("whoever knows no mark is always told what is there")
        book, _ = found
        with transaction(self.runtime.engine) as session:
            held = decisions.held_slots(session)
        floor = Floor(plan(book, held), held, self._floor)
        self._seen_at, self._heard = time.monotonic(), heard
        self._took = self._seen_at - started
        return floor


def check(request: QuoteRequest, now: int) -> None:
    """Raises MarketError when no order can look so."""
    check_deadline(request.deadline, now)
    check_policy(request.policy, request.replicas)
    check_limits(request.limits)
    if not 1 <= request.tasks <= MAXIMUM_TASKS:
        raise MarketError(Reason.MESSAGE_MALFORMED, f"a job has 1 to {MAXIMUM_TASKS} tasks")


def _problem(reason: Reason, detail: str) -> QuoteResult:
    return QuoteResult(problem=Explanation(reason=reason, detail=detail))
