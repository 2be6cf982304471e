"""What an agent says to its market, one method per route. Connects outwards only; errors are NodeErrors."""

import base64
from collections.abc import Collection
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from provider_agent.market_http import MarketHttp, parse, parse_list, problem
from provider_agent.throttle import Throttle
from suanli.protocol.documents import TaskSpec
from suanli.protocol.errors import NodeError
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire import accounts, clearings, network, nodes, settlement, why

_CHUNK = 1 << 18
_PARTIAL = 206


class MarketClient:
    """One node's conversation with one market; blobs and logs are throttled, leases and heartbeats not."""

    def __init__(self, http: MarketHttp, bulk: Throttle | None = None) -> None:
        self._http = http
        self._bulk = bulk or Throttle()

    async def close(self) -> None:
        """Ends the connections."""
        await self._http.close()

    async def deployment(self) -> accounts.Deployment:
        """The market's contracts."""
        return parse(await self._http.request("GET", "/deployment", signed_in=False), accounts.Deployment)

    async def time(self) -> float:
        """The market's clock in Unix seconds, as its answers state it. Raises NodeError."""
        answer = await self._http.request("GET", "/health", signed_in=False)
        try:
            return parsedate_to_datetime(answer.headers["Date"]).timestamp()
        except (KeyError, ValueError) as error:
            raise NodeError(Reason.MESSAGE_MALFORMED, "the market's answer has no date") from error

    async def node(self, node: Address) -> nodes.NodeView:
        """A node as everyone sees it."""
        return parse(await self._http.request("GET", f"/nodes/{node}", signed_in=False), nodes.NodeView)

    async def why(self, node: Address) -> why.NodeWhy:
        """What the last round had for a node."""
        return parse(await self._http.request("GET", f"/nodes/{node}/why", signed_in=False), why.NodeWhy)

    async def connect(self, request: accounts.ConnectRequest) -> accounts.Intent:
        """Asks the market to relay the node's terms to the chain."""
        return parse(await self._http.request("POST", "/relay/connect", body=request), accounts.Intent)

    async def intent(self, intent: str) -> accounts.Intent:
        """What became of a relayed transaction."""
        return parse(await self._http.request("GET", f"/intents/{intent}"), accounts.Intent)

    async def put_ask(self, request: nodes.AskRequest) -> None:
        """Makes an ask the node's standing offer."""
        await self._http.request("PUT", f"/nodes/{request.ask.message.node}/ask", body=request)

    async def round_prices(self, rounds: int) -> clearings.RoundPrices:
        """What the last `rounds` epochs with a lease cleared at, the newest first."""
        query = {"rounds": rounds}
        answer = await self._http.request("GET", "/capacity/prices", query=query, signed_in=False)
        return parse(answer, clearings.RoundPrices)

    async def regions(self) -> network.Regions:
        """Where the way to each region is measured."""
        return parse(await self._http.request("GET", "/regions", signed_in=False), network.Regions)

    async def report_network(self, node: Address, report: network.NetworkReport) -> None:
        """What the node measured of its ways to other regions."""
        await self._http.request("POST", f"/nodes/{node}/network", body=report)

    async def heartbeat(self, node: Address, beat: nodes.Heartbeat) -> nodes.HeartbeatAnswer:
        """Says that the node lives; hears which leases are void."""
        return parse(
            await self._http.request("POST", f"/nodes/{node}/heartbeat", body=beat), nodes.HeartbeatAnswer
        )

    async def leases(self, node: Address, known: Collection[Hash], wait: int) -> nodes.Assignments:
        """The node's leases without a receipt; waits up to `wait` seconds for one that is not `known`."""
        query = {"wait": wait, "known": list(known)}
        answer = await self._http.request("GET", f"/nodes/{node}/leases", query=query)
        return parse(answer, nodes.Assignments)

    async def start(self, lease: Hash) -> None:
        """The node has taken the lease on."""
        await self._http.request("POST", f"/leases/{lease}/start")

    async def log(self, lease: Hash, offset: int, data: bytes) -> None:
        """Bytes of the lease's log."""
        chunk = nodes.LogChunk(offset=offset, data=base64.b64encode(data).decode())
        await self._bulk.pause()
        await self._http.request("POST", f"/leases/{lease}/log", body=chunk)

    async def receipt(self, lease: Hash, request: nodes.ReceiptRequest) -> None:
        """The lease's result."""
        await self._http.request("POST", f"/leases/{lease}/receipt", body=request)

    async def hand_back(self, lease: Hash, reason: Reason, detail: str) -> None:
        """The node gives the lease up."""
        body = nodes.HandbackRequest(reason=reason, detail=detail)
        await self._http.request("POST", f"/leases/{lease}/handback", body=body)

    async def batches(self, party: Address) -> list[settlement.BatchProposal]:
        """Batches that wait for the party's signature."""
        answer = await self._http.request("GET", "/settlement/batches", query={"party": party})
        return parse_list(answer, settlement.BatchProposal)

    async def statements(self, party: Address) -> list[settlement.StatementProposal]:
        """Statements that wait for the party's signature."""
        answer = await self._http.request("GET", "/settlement/statements", query={"party": party})
        return parse_list(answer, settlement.StatementProposal)

    async def co_sign(self, kind: str, proposal: Hash, signature: settlement.CoSignature) -> None:
        """Signs a proposal; `kind` is `batches` or `statements`."""
        await self._http.request("POST", f"/settlement/{kind}/{proposal}/signatures", body=signature)

    async def refuse(self, kind: str, proposal: Hash, refusal: settlement.Refusal) -> None:
        """Declines a proposal; `kind` is `batches` or `statements`."""
        await self._http.request("POST", f"/settlement/{kind}/{proposal}/refusals", body=refusal)

    async def spec(self, receipt: Hash) -> TaskSpec:
        """The specification of the task that a receipt is for."""
        answer = await self._http.request("GET", f"/evidence/{receipt}", signed_in=False)
        return parse(answer, EvidenceBundle).spec

    async def download(self, hash_: Hash, part: Path, size: int) -> None:
        """Completes `part` with the rest of a blob; raises NodeError when more than `size` bytes come."""
        have = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if 0 < have < size else {}
        await self._bulk.pause()
        async with self._http.stream(f"/blobs/{hash_}", headers) as answer:
            if answer.is_error:
                raise problem(answer)
            try:
                with part.open("ab" if answer.status_code == _PARTIAL else "wb") as file:
                    await _receive(answer, file, size)
            except OSError as error:
                raise NodeError(Reason.DISK_FULL, f"the input cannot be kept: {error}") from error

    async def has_blob(self, hash_: Hash) -> bool:
        """Whether the market has a blob."""
        await self._bulk.pause()
        try:
            await self._http.request("HEAD", f"/blobs/{hash_}")
        except NodeError as error:
            if error.reason is Reason.NOT_FOUND:
                return False
            raise
        return True

    async def upload(self, hash_: Hash, path: Path) -> None:
        """Stores a file in the market under its hash."""
        async with self._bulk.turn():
            await self._http.request("PUT", f"/blobs/{hash_}", file=path)


async def _receive(answer: httpx.Response, file: Any, size: int) -> None:
    async for chunk in answer.aiter_bytes(_CHUNK):
        if file.tell() + len(chunk) > size:
            raise NodeError(Reason.INPUT_UNAVAILABLE, f"the blob has more than the {size} bytes announced")
        file.write(chunk)
