"""The market of `clearing_http`: the API as it is served, on a database that it fills with nodes first.

DATABASE_URL FOLDER PORT NODES SLOTS. `/floor` parses the same bodies and answers as many bytes, and does
nothing.
"""

import random
import sys
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import uvicorn
from eth_account import Account
from eth_utils.address import to_checksum_address
from fastapi import Body, FastAPI, Request, Response

from benchmarks.clearing_http_load import API_KEY, MEBIBYTE
from market.api.access import Recent
from market.api.app import create_app
from market.db.blobs import LocalBlobs
from market.db.session import create_engine, transaction
from market.db.tables.access import ApiKeyRow
from market.db.tables.connect import AskRow, NodeRow
from market.runtime import Runtime
from market.services.auth import hashed
from market.settings import Settings
from suanli.protocol.messages import Ask, Limits, Prices
from suanli.protocol.states import NodeState
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.quotes import TakeRequest

FAR = 1 << 40
ANSWER_BYTES = 330
OPERATOR = Account.from_key("0x" + "0f" * 32)
BUYER = to_checksum_address("0x" + "b0" * 20)
ROOMY = Limits(
    fuel=100 * 10**9,
    memoryBytes=2048 * MEBIBYTE,
    inputBytes=64 * MEBIBYTE,
    outputBytes=64 * MEBIBYTE,
    wallSeconds=3600,
)
_ADDRESSES = ("ledger", "registry", "settlement", "token", "authority", "bidding", "anchors", "court")


def fill(runtime: Runtime, nodes: int, slots: int) -> None:
    """Nodes that live for ever, prices at random; the buyer's API key."""
    chance, asks = random.Random(3), []
    rows = []
    for number in range(1, nodes + 1):
        node, owner = _address(number), _address(number + (1 << 40))
        rows.append(
            {"node": node, "owner": owner, "state": NodeState.CONNECTED, "last_seen_at": FAR, "stake": 0}
        )
        prices = Prices.of([chance.randrange(10**5, 2 * 10**7) for _ in range(4)])
        ask = Ask(node=node, prices=prices, minimumCharge=0, slots=slots, limits=ROOMY, expiry=FAR, nonce=1)
        asks.append(
            {
                "id": f"0x{number:064x}",
                "node": node,
                "message": ask,
                "signature": "0x",
                "nonce": 1,
                "current": True,
                "received_at": 0,
            }
        )
    with transaction(runtime.engine) as session:
        session.execute(sa.insert(NodeRow), rows)
        session.execute(sa.insert(AskRow), asks)
        session.add(
            ApiKeyRow(id="bench", key_hash=hashed(API_KEY), address=BUYER, name="bench", created_at=0)
        )


def _address(number: int) -> str:
    return to_checksum_address(number.to_bytes(20, "big"))


def make_runtime(url: str, folder: Path) -> Runtime:
    """The market's settings as shipped, but for the limits on one caller."""
    settings = Settings(
        data_dir=folder,
        requests_per_minute=10**9,
        open_holds_per_account=10**9,
        takes_per_second=10**9,
    )
    addresses = {name: _address(1 << 100 | place) for place, name in enumerate(_ADDRESSES)}
    deployment = Deployment(
        chain_id=31337,
        token_symbol="TSC",
        token_decimals=6,
        fee_basis_points=500,
        thaw_seconds=3600,
        operator=OPERATOR.address,
        first_block=0,
        **addresses,
    )
    return Runtime(
        settings=settings,
        engine=create_engine(url),
        deployment=deployment,
        operator=OPERATOR,
        blobs=LocalBlobs(settings.blob_path, settings.blob_maximum_bytes),
    )


def with_floor(app: FastAPI) -> FastAPI:
    """Adds the route that decides nothing."""

    @app.post("/floor")
    async def floor(body: Annotated[TakeRequest, Body()], request: Request, caller: Recent) -> Response:
        await request.body()
        return Response(b" " * ANSWER_BYTES * len(body.items), media_type="application/json")

    return app


def main(arguments: list[str]) -> None:
    """Fills and serves."""
    url, folder, port, nodes, slots = arguments
    runtime = make_runtime(url, Path(folder))
    fill(runtime, int(nodes), int(slots))
    app = with_floor(create_app(runtime))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1:])
