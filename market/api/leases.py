"""Leases as their node's agent sees them: fetch, start, log, receipt, hand back."""

from typing import Annotated

from fastapi import APIRouter, Body, Query
from sqlmodel import Session

from market.api.access import Caller, Node, check_own_node
from market.api.context import AddressPath, HashPath, Market, Wait, now
from market.api.waiting import wait_for
from market.db.queries import leases, tasks
from market.db.queries import receipts as receipt_rows
from market.services import lease as leasing
from market.services import run
from market.services.step import step
from market.services.wakes import node_topic
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LeaseState
from suanli.protocol.values import Hash
from suanli.protocol.wire.jobs import LeaseView
from suanli.protocol.wire.nodes import Assignments, HandbackRequest, LogChunk, ReceiptRequest

router = APIRouter(tags=["leases"])

_HANDBACK = {"reason": "DISK_FULL", "detail": "the inputs need 3 GiB, 1 GiB is free"}


def check_own_lease(session: Session, caller: Caller, lease: Hash) -> None:
    """Raises MarketError(NOT_FOUND) for a lease that is not the caller's."""
    if leases.get(session, lease).node != caller.address:
        raise MarketError(Reason.NOT_FOUND, f"node {caller.address} has no lease {lease}")


def _view(session: Session, lease: Hash) -> LeaseView:
    session.flush()
    return tasks.lease_view(leases.get(session, lease), receipt_rows.of_lease(session, lease))


@router.get("/nodes/{node}/leases", summary="Fetch a node's leases")
async def fetch_leases(
    node: AddressPath,
    caller: Node,
    runtime: Market,
    wait: Wait = 0,
    known: Annotated[
        list[Hash], Query(description="leases that you hold already; they are no news", max_length=1000)
    ] = [],  # noqa: B006
) -> Assignments:
    """The node's new and unfinished leases, oldest first.

    Answers at once when a lease waits to be started that is not `known`, else waits for one.
    """
    check_own_node(caller, node)

    def is_news(states: dict[str, LeaseState]) -> bool:
        return any(state is LeaseState.OFFERED and id not in known for id, state in states.items())

    await wait_for(runtime, node_topic(node), wait, lambda session: leases.unfinished(session, node), is_news)
    with step(runtime) as session:
        return Assignments(items=leases.assignments(session, node))


@router.post("/leases/{lease}/start", summary="Take a lease on")
def start_lease(lease: HashPath, caller: Node, runtime: Market) -> LeaseView:
    """Do it before fetching inputs: an offer that nobody takes on goes to another node."""
    with step(runtime) as session:
        check_own_lease(session, caller, lease)
        run.start(session, lease, now())
        return _view(session, lease)


@router.post("/leases/{lease}/log", status_code=204, summary="Add to a run's log")
def add_log(lease: HashPath, request: LogChunk, caller: Node, runtime: Market) -> None:
    """Repeats are harmless; what exceeds the cap on logs is dropped."""
    with step(runtime) as session:
        check_own_lease(session, caller, lease)
        run.log(session, runtime, lease, request)


@router.post("/leases/{lease}/receipt", summary="Hand in a receipt")
def hand_in_receipt(lease: HashPath, request: ReceiptRequest, caller: Node, runtime: Market) -> LeaseView:
    """The outputs must have been uploaded. The same receipt again is answered the same."""
    with step(runtime) as session:
        check_own_lease(session, caller, lease)
        run.receipt(session, runtime, lease, request, now())
        return _view(session, lease)


@router.post("/leases/{lease}/handback", summary="Hand a lease back")
def hand_back(
    lease: HashPath,
    request: Annotated[HandbackRequest, Body(openapi_examples={"no room": {"value": _HANDBACK}})],
    caller: Node,
    runtime: Market,
) -> LeaseView:
    """For a reason that is not the program's fault; another node gets the task."""
    with step(runtime) as session:
        check_own_lease(session, caller, lease)
        leasing.handback(session, runtime, lease, request, now())
        return _view(session, lease)
