"""The market double over HTTP, on a free port of its own."""

import hashlib
import re
import socket
import threading
import time
from typing import Any

import uvicorn
from eth_account import Account
from eth_account.messages import encode_defunct
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from suanli.protocol.signatures import recover
from suanli.protocol.states import JobState
from suanli.protocol.wire.accounts import AccountView, Deployment
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.jobs import Event, JobRequest, JobView, Quote, QuoteRequest, VerdictRequest
from suanli.protocol.wire.settlement import BatchProposal, CoSignature, Refusal, StatementProposal
from tests.integration.client.market_double import DEPLOYMENT, DOMAIN, MarketDouble


def create_double(market: MarketDouble) -> FastAPI:
    """The HTTP application over a market in memory."""
    app, api = FastAPI(), APIRouter(prefix="/v1")

    @app.middleware("http")
    async def gate(request: Request, call_next: Any) -> Response:
        if market.lies.failures > 0:
            market.lies.failures -= 1
            return problem(503, "DATABASE_UNREACHABLE", "come back later")
        open_to_all = re.match(r"^/v1/(auth|deployment|quotes|accounts|health)", request.url.path)
        token = request.headers.get("Authorization", "")
        if not open_to_all and token not in market.seen_tokens:
            return problem(401, "NOT_AUTHENTICATED", "sign in first")
        answer: Response = await call_next(request)
        return answer

    def problem(status: int, reason: str, detail: str) -> JSONResponse:
        return JSONResponse({"reason": reason, "detail": detail, "context": {}}, status_code=status)

    @api.get("/deployment")
    def deployment() -> Deployment:
        return DEPLOYMENT

    @api.post("/auth/challenge")
    def challenge(body: dict[str, str]) -> dict[str, str]:
        lines = [
            f"{market.host} wants you to sign in with your Ethereum account:",
            body["address"],
            "",
            "Sign in.",
            "",
        ]
        lines += [
            f"URI: http://{market.host}",
            "Version: 1",
            f"Chain ID: {market.lies.chain_id}",
            f"Nonce: {market.nonce}",
        ]
        return {"text": "\n".join([*lines, "Issued At: 2026-01-01T00:00:00Z"])}

    @api.post("/auth/session", response_model=None)
    def session(body: dict[str, str]) -> dict[str, Any] | JSONResponse:
        signer = Account.recover_message(encode_defunct(text=body["text"]), signature=body["signature"])
        if signer not in body["text"]:
            return problem(401, "NOT_AUTHENTICATED", "signed by another")
        market.seen_tokens.add(f"Bearer {signer}")
        return {"token": signer, "address": signer, "expires_at": 2**40}

    @api.get("/accounts/{address}")
    def account(address: str) -> AccountView:
        zeros = dict.fromkeys(("thawing", "thaw_ready_at", "epoch", "staked", "committed"), 0)
        return AccountView.model_validate({"address": address, "balance": 5_000_000, **zeros})

    @api.post("/quotes")
    def quotes(request: QuoteRequest) -> Quote:
        return market.quote(request)

    @api.head("/blobs/{hash_}", response_model=None)
    def has(hash_: str) -> Response:
        return Response(status_code=200 if hash_ in market.blobs else 404)

    @api.put("/blobs/{hash_}", response_model=None)
    async def put(hash_: str, request: Request) -> Response:
        data = await request.body()
        if "0x" + hashlib.sha256(data).hexdigest() != hash_:
            return problem(400, "HASH_MISMATCH", "other content")
        market.blobs[hash_] = data
        market.uploads.append(hash_)
        return Response(status_code=204)

    @api.get("/blobs/{hash_}", response_model=None)
    def get(hash_: str, request: Request) -> Response:
        if hash_ not in market.blobs:
            return problem(404, "NOT_FOUND", "no such blob")
        data, start = market.blobs[hash_], 0
        if wanted := re.match(r"bytes=(\d+)-$", request.headers.get("Range", "")):
            start = int(wanted[1])
        part = data[start:]
        if market.lies.cut_after is not None and hash_ not in market.cut:
            market.cut.add(hash_)
            short = part[: market.lies.cut_after]
            return Response(
                short, headers={"Content-Length": str(len(part))}, status_code=206 if start else 200
            )
        return Response(part, status_code=206 if start else 200)

    @api.post("/jobs", status_code=201, response_model=None)
    def place(request: JobRequest) -> JobView | JSONResponse:
        order = request.order.message
        if recover(DOMAIN, order, request.order.signature) != order.buyer:
            return problem(400, "SIGNER_MISMATCH", "not the buyer")
        if any(task.module not in market.blobs for task in request.spec.tasks):
            return problem(422, "INPUT_UNAVAILABLE", "upload first")
        if order.budget > 5_000_000:
            return problem(422, "BALANCE_TOO_SMALL", "the account has 5 TSC")
        market.take(request)
        return market.view(order.id())

    @api.get("/jobs")
    def jobs() -> dict[str, Any]:
        return {"items": [market.view(job).model_dump(mode="json") for job in market.jobs], "next": None}

    @api.get("/jobs/{job}", response_model=None)
    def see(job: str) -> JobView | JSONResponse:
        return market.view(job) if job in market.jobs else problem(404, "NOT_FOUND", f"there is no job {job}")

    @api.get("/jobs/{job}/tasks")
    def tasks(job: str, after: int = -1) -> dict[str, Any]:
        found = [one for one in market.jobs[job][1] if one.index > after]
        following = str(found[1].index) if len(found) > 2 else None
        return {"items": [one.model_dump(mode="json") for one in found[:2]], "next": following}

    @api.get("/jobs/{job}/receipts")
    def receipts(job: str) -> dict[str, Any]:
        return {"items": [one.model_dump(mode="json") for one in market.jobs[job][2]], "next": None}

    @api.get("/jobs/{job}/events")
    def events(job: str, after: int = 0) -> list[Event]:
        shown = [("TASK", "ACCEPTED", 0), ("JOB", "FINISHED", None)]
        reason = Explanation(reason="NO_FREE_SLOT", detail="all busy")
        return [
            Event(number=number, at=1, kind=kind, task=task, lease=None, state=state, reason=reason)
            for number, (kind, state, task) in enumerate(shown, 1)
            if number > after
        ]

    @api.post("/jobs/{job}/tasks/{index}/verdict", status_code=204, response_model=None)
    def verdict(job: str, index: int, request: VerdictRequest) -> None:
        market.verdicts.append(request)

    @api.post("/jobs/{job}/cancel")
    def cancel(job: str) -> JobView:
        return market.view(job).model_copy(update={"state": JobState.CANCELLED})

    @api.get("/leases/{lease}/log", response_model=None)
    def log(lease: str) -> Response:
        return Response("Hello!\n", media_type="text/plain")

    @api.get("/settlement/batches")
    def batches(party: str) -> list[BatchProposal]:
        return market.batches

    @api.get("/settlement/statements")
    def statements(party: str) -> list[StatementProposal]:
        return market.statements

    @api.post("/settlement/{kind}/{id_}/signatures", status_code=204, response_model=None)
    def co_sign(kind: str, id_: str, body: CoSignature) -> None:
        market.signatures.append((id_, body))

    @api.post("/settlement/{kind}/{id_}/refusals", status_code=204, response_model=None)
    def refuse(kind: str, id_: str, body: Refusal) -> None:
        market.refusals.append((id_, body))

    app.include_router(api)
    return app


class Served:
    """The double on a free port of its own, in a thread."""

    def __init__(self, market: MarketDouble) -> None:
        self.market = market
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        market.host = f"127.0.0.1:{port}"
        self.url = f"http://{market.host}"
        config = uvicorn.Config(create_double(market), host="127.0.0.1", port=port, log_level="critical")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        """Serve, and return when it answers."""
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(10)
