"""`/regions`, `/probe`: where agents measure the ways between regions, and what they measured."""

import hashlib
from functools import cache
from typing import Any

from fastapi import APIRouter, Response

from market.api.access import Node, Public, check_own_node
from market.api.context import AddressPath, Market, now
from market.services import network
from market.services.step import step
from suanli.protocol.wire.common import API_PREFIX
from suanli.protocol.wire.network import NetworkReport, Regions

router = APIRouter(tags=["network"])

_MEDIA_TYPE = "application/octet-stream"
_HEADERS = {"Cache-Control": "no-store"}
_BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {_MEDIA_TYPE: {}}}}


@router.get("/regions", dependencies=[Public], summary="List where ways are measured")
def list_regions(runtime: Market) -> Regions:
    """A probe for each region that has one; `home` is the region of the market's own store."""
    return network.regions(runtime, API_PREFIX)


@router.head(network.PROBE_PATH, dependencies=[Public], summary="Take a round trip")
def touch_probe() -> Response:
    """Nothing, at once."""
    return Response(headers=_HEADERS, media_type=_MEDIA_TYPE)


@router.get(network.PROBE_PATH, dependencies=[Public], summary="Download a probe", responses=_BYTES)
def get_probe() -> Response:
    """As many bytes as `/regions` says; they cannot be compressed."""
    return Response(_noise(), headers=_HEADERS, media_type=_MEDIA_TYPE)


@router.post("/nodes/{node}/network", status_code=204, summary="Report what a node measured")
def report_network(node: AddressPath, request: NetworkReport, caller: Node, runtime: Market) -> None:
    """Replaces the node's last report. The next round counts it, with those of other nodes of its region."""
    check_own_node(caller, node)
    with step(runtime) as session:
        network.keep(session, runtime, node, request, now())


@cache
def _noise() -> bytes:
    return hashlib.shake_128(b"suanli probe").digest(network.PROBE_BYTES)
