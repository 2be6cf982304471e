"""`/nodes`: nodes in public, and what a node's agent says about itself."""

from fastapi import APIRouter

from market.api.access import Node, Public, check_own_node
from market.api.apart import apart
from market.api.context import AddressPath, Market, Wanted, now
from market.db.queries import nodes
from market.services import asks, lease, why
from market.services.moment import moment_at
from market.services.step import step
from suanli.protocol.wire.common import Page
from suanli.protocol.wire.nodes import AskRequest, Heartbeat, HeartbeatAnswer, NodeView
from suanli.protocol.wire.why import NodeWhy

router = APIRouter(prefix="/nodes", tags=["nodes"])


@router.get("", dependencies=[Public], summary="List nodes")
def list_nodes(runtime: Market, part: Wanted) -> Page[NodeView]:
    """Every node that is or was connected, by address."""
    silent_before = moment_at(runtime.settings, now()).silent_before
    with step(runtime) as session:
        rows = nodes.page(session, part.after, part.limit)
        return part.page(rows, lambda row: nodes.view(session, row, silent_before), lambda row: row.node)


@router.get("/{node}", dependencies=[Public], summary="See a node")
def see_node(node: AddressPath, runtime: Market) -> NodeView:
    """Its stake, its standing ask, what it has earned."""
    silent_before = moment_at(runtime.settings, now()).silent_before
    with step(runtime) as session:
        return nodes.view(session, nodes.get(session, node), silent_before)


@router.get("/{node}/why", dependencies=[Public], summary="Ask why a node has no work")
async def ask_why(node: AddressPath, runtime: Market) -> NodeWhy:
    """What the last round had for the node: which rule bound, and which change would have brought work."""

    def look() -> NodeWhy:
        with step(runtime) as session:
            return why.of_node(session, runtime, nodes.get(session, node).node)

    return await apart(look)


@router.put("/{node}/ask", status_code=204, summary="State a node's prices")
def put_ask(node: AddressPath, request: AskRequest, caller: Node, runtime: Market) -> None:
    """Replaces the node's standing ask; the nonce must rise. The same ask again changes nothing."""
    check_own_node(caller, node)
    with step(runtime) as session:
        asks.put_ask(session, runtime, node, request, now())


@router.post("/{node}/heartbeat", summary="Show that a node lives")
def beat(node: AddressPath, request: Heartbeat, caller: Node, runtime: Market) -> HeartbeatAnswer:
    """Every few seconds. The answer names the leases that are void."""
    check_own_node(caller, node)
    with step(runtime) as session:
        return lease.heartbeat(session, runtime, node, request, now())
