"""`/jobs` and the logs of their runs: for the buyer that ordered, or the delegate that signed."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import PlainTextResponse
from sqlmodel import Session

from market.api.access import Account, Caller
from market.api.apart import apart
from market.api.claiming import claimed
from market.api.context import HashPath, Market, Wait, Wanted, now
from market.api.waiting import wait_for
from market.core.lifecycle import LIVE_LEASES
from market.db.queries import events, jobs, leases, receipts, tasks
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow
from market.services import close, order, verify, why
from market.services.signers import is_delegate
from market.services.step import step
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LeaseState
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Page
from suanli.protocol.wire.jobs import Event, JobRequest, JobView, ReceiptView, TaskView, VerdictRequest
from suanli.protocol.wire.why import JobWhy

router = APIRouter(tags=["jobs"])

_EVENTS_AT_ONCE = 500
_Index = Annotated[int, Path(ge=0, lt=1 << 31)]


def own_job(session: Session, caller: Caller, job: Hash) -> JobRow:
    """The caller's job. Raises MarketError(NOT_FOUND) for everybody else's, too."""
    row = jobs.get(session, job)
    if caller.address not in (row.buyer, row.signer):
        raise MarketError(Reason.NOT_FOUND, f"there is no job {job}")
    return row


def steered_job(session: Session, caller: Caller, job: Hash) -> JobRow:
    """The caller's job, to decide about: a delegate must be one still. Raises MarketError(NOT_AUTHORISED)."""
    row = own_job(session, caller, job)
    if caller.address != row.buyer and not is_delegate(session, row.buyer, caller.address, now()):
        detail = f"{caller.address} is no delegate of {row.buyer} any more"
        raise MarketError(Reason.NOT_AUTHORISED, detail)
    return row


@router.post("/jobs", status_code=201, summary="Order a job")
def place_job(request: JobRequest, caller: Account, runtime: Market, http: Request) -> JobView:
    """Takes a signed order in, with the operator's promise to include it in the next clearing.

    Module and inputs must have been uploaded. The same order sent again yields the same job. Copies with a
    hold go where it is held, in the next clearing; only the writer takes an order with holds in.
    """
    with claimed(http, caller.address, request), step(runtime) as session:
        row = order.place(session, runtime, caller.address, request, now())
        return jobs.view(session, row)


@router.get("/jobs", summary="List your jobs")
def list_jobs(caller: Account, runtime: Market, part: Wanted) -> Page[JobView]:
    """Newest first."""
    after = part.after_number()
    with step(runtime) as session:
        rows = jobs.of_buyer(session, caller.address, after, part.limit)
        return part.page(rows, lambda row: jobs.view(session, row), lambda row: row.number)


@router.get("/jobs/{job}", summary="See a job")
def see_job(job: HashPath, caller: Account, runtime: Market) -> JobView:
    """Its state, its tasks by state, and what it has cost so far."""
    with step(runtime) as session:
        return jobs.view(session, own_job(session, caller, job))


@router.get("/jobs/{job}/tasks", summary="List a job's tasks")
def list_tasks(job: HashPath, caller: Account, runtime: Market, part: Wanted) -> Page[TaskView]:
    """With their leases, and the reason why each waits or failed."""
    after = part.after_number()
    with step(runtime) as session:
        own_job(session, caller, job)
        found = tasks.page(session, job, after, part.limit)
        return part.page(found, lambda view: view, lambda view: view.index)


@router.get("/jobs/{job}/why", summary="Ask why a job's tasks wait")
async def ask_why(job: HashPath, caller: Account, runtime: Market) -> JobWhy:
    """What the last round with the job says: which limit bound, and which change would have won."""

    def look() -> JobWhy:
        with step(runtime) as session:
            return why.of_job(session, runtime, own_job(session, caller, job))

    return await apart(look)


@router.get("/jobs/{job}/receipts", summary="List a job's receipts")
def list_receipts(job: HashPath, caller: Account, runtime: Market, part: Wanted) -> Page[ReceiptView]:
    """With their leases and payments."""
    after = part.after_number()
    with step(runtime) as session:
        own_job(session, caller, job)
        rows = receipts.page(session, job, after, part.limit)
        return part.page(rows, lambda pair: receipts.view(*pair), lambda pair: pair[0].number)


@router.get("/jobs/{job}/events", summary="Watch a job")
async def watch_job(
    job: HashPath,
    caller: Account,
    runtime: Market,
    after: Annotated[int, Query(ge=0, lt=1 << 31, description="the last number that you have seen")] = 0,
    wait: Wait = 0,
) -> list[Event]:
    """What happened after event number `after`; waits for something to happen for up to `wait` seconds."""

    def look(session: Session) -> list[Event]:
        own_job(session, caller, job)
        return events.after(session, job, after, _EVENTS_AT_ONCE)

    return await wait_for(runtime, events.job_topic(job), wait, look, bool)


@router.post("/jobs/{job}/cancel", summary="Cancel a job")
def cancel_job(job: HashPath, caller: Account, runtime: Market) -> JobView:
    """Ends the job; what was receipted is still paid."""
    with step(runtime) as session:
        steered_job(session, caller, job)
        row = close.cancel(session, job, now())
        session.flush()
        return jobs.view(session, row)


@router.post("/jobs/{job}/tasks/{index}/verdict", status_code=204, summary="Accept or reject a result")
def give_verdict(
    job: HashPath, index: _Index, request: VerdictRequest, caller: Account, runtime: Market
) -> None:
    """For orders whose buyer judges each result."""
    with step(runtime) as session:
        steered_job(session, caller, job)
        verify.buyer_verdict(session, runtime, job, index, request, now())


@router.get("/leases/{lease}/log", summary="Read a run's log", response_class=PlainTextResponse)
def read_log(lease: HashPath, caller: Account, runtime: Market) -> PlainTextResponse:
    """What the run has printed: for its node at any time, for the buyer once it has ended otherwise than by
    being cancelled. A log may be the result, and is not to be had unpaid.
    """
    with step(runtime) as session:
        row = leases.get(session, lease)
        if caller.address != row.node:
            own_job(session, caller, row.job)
            _check_log_is_open(row)
        return PlainTextResponse(leases.log(session, lease).data)


def _check_log_is_open(row: LeaseRow) -> None:
    if row.state in LIVE_LEASES:
        detail = "the run is not over: its buyer may read the log once the receipt is in"
    elif row.state is LeaseState.CANCELLED:
        detail = "the run was cancelled and is not paid: its log stays with the node"
    else:
        return
    raise MarketError(Reason.STATE_CONFLICT, detail, state=row.state.value)
