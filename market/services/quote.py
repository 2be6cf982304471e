"""Quote: the price of a job, asked of the fleet as it is now."""

from sqlmodel import Session

from market.core.admission import check_deadline, check_limits, check_policy
from market.core.quote import quote as price
from market.db.queries import book
from market.runtime import Runtime
from market.services.moment import moment_at
from suanli.protocol.documents import MAXIMUM_TASKS
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.jobs import Quote, QuoteRequest

VALID_SECONDS = 60
"""A quote promises nothing; asks may change, and do so slowly."""


def quote(session: Session, runtime: Runtime, request: QuoteRequest, now: int) -> Quote:
    """What the job costs at most and who may run it. Raises MarketError when no order can look so."""
    check_deadline(request.deadline, now)
    check_policy(request.policy, request.replicas)
    check_limits(request.limits)
    if not 1 <= request.tasks <= MAXIMUM_TASKS:
        raise MarketError(Reason.MESSAGE_MALFORMED, f"a job has 1 to {MAXIMUM_TASKS} tasks")
    fee = runtime.deployment.fee_basis_points
    moment = moment_at(runtime.settings, now)
    return price(request, book.fleet(session), moment, fee, VALID_SECONDS)
