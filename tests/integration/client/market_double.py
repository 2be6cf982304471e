"""A market in memory that speaks the wire bodies and runs tasks by itself, honestly or not.

For what a buyer must survive: lies, broken connections, wrong bytes. The real market has its own tests.
"""

import hashlib
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from suanli.protocol.charging import lease_cap, receipt_charge, usage_at_limits
from suanli.protocol.documents import BlobReference, JobSpec, ResultManifest, content_hash
from suanli.protocol.eip712 import Domain
from suanli.protocol.messages import InclusionPromise, JobOrder, Lease, Outcome, Prices, Receipt, Usage
from suanli.protocol.signatures import recover, sign
from suanli.protocol.states import JobState, LeaseState, PaymentState, TaskState
from suanli.protocol.units import DIMENSIONS, charge_lines, fee_rounded_down
from suanli.protocol.wire.accounts import AccountView, Deployment
from suanli.protocol.wire.common import Explanation, Signed
from suanli.protocol.wire.jobs import (
    Event,
    Exclusion,
    JobRequest,
    JobView,
    LeaseView,
    Quote,
    QuoteLine,
    QuoteRequest,
    ReceiptView,
    TaskView,
    VerdictRequest,
)
from suanli.protocol.wire.settlement import BatchProposal, CoSignature, Refusal, StatementProposal

OPERATOR, NODE, TWIN = (Account.from_key(bytes([number]) * 32) for number in (0x11, 0x12, 0x13))
LEDGER = "0x0000000000000000000000000000000000000009"
DOMAIN = Domain(chain_id=31337, ledger=LEDGER)
PRICES = Prices(fuel=2 * 10**9, memoryFuel=10**8, ingress=10**9, egress=10**9)
DEPLOYMENT = Deployment(
    chain_id=31337,
    ledger=LEDGER,
    registry=LEDGER,
    settlement=LEDGER,
    token=LEDGER,
    token_symbol="TSC",
    token_decimals=6,
    fee_basis_points=100,
    thaw_seconds=10,
    operator=OPERATOR.address,
    first_block=0,
)

Run = Callable[[list[str]], dict[str, bytes]]
"""A program: arguments in, output files out."""


def greet(arguments: list[str]) -> dict[str, bytes]:
    """The program of the hello example."""
    return {"hello.txt": "".join(f"Hello, {name}!\n" for name in arguments[1:]).encode()}


@dataclass
class Lies:
    """What the market does wrong; nothing by default."""

    lease_key: LocalAccount = OPERATOR
    receipt_key: LocalAccount = NODE
    overcharge: int = 0
    wrong_bytes: bool = False
    odd_output: str | None = None
    replicas_run: int | None = None
    chain_id: int = 31337
    failures: int = 0
    """So many requests are answered with 503 first."""
    cut_after: int | None = None
    """Downloads break off after so many bytes, once each."""
    exclude_all: bool = False


@dataclass
class MarketDouble:
    """The market's memory."""

    lies: Lies = field(default_factory=Lies)
    program: Run = greet
    outcome: Outcome = Outcome.COMPLETED
    blobs: dict[str, bytes] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    jobs: dict[str, tuple[JobRequest, list[TaskView], list[ReceiptView]]] = field(default_factory=dict)
    batches: list[BatchProposal] = field(default_factory=list)
    statements: list[StatementProposal] = field(default_factory=list)
    signatures: list[tuple[str, CoSignature]] = field(default_factory=list)
    refusals: list[tuple[str, Refusal]] = field(default_factory=list)
    verdicts: list[VerdictRequest] = field(default_factory=list)
    seen_tokens: set[str] = field(default_factory=set)
    nonce: str = "a1b2c3d4e5f6"
    host: str = ""
    cut: set[str] = field(default_factory=set)

    def take(self, request: JobRequest) -> None:
        """Order, lease and run everything at once."""
        order, spec = request.order.message, request.spec
        tasks, receipts = [], []
        copies = self.lies.replicas_run or order.replicas
        for index in range(order.tasks):
            nodes = [self.lies.receipt_key if self.lies.receipt_key is not NODE else NODE, TWIN][:copies]
            views = [self._run(order, spec, index, attempt, key) for attempt, key in enumerate(nodes)]
            receipts += views
            tasks.append(self._task(order, index, views))
        self.jobs[order.id()] = (request, tasks, receipts)

    def view(self, job: str) -> JobView:
        """The job as buyers see it."""
        request, tasks, receipts = self.jobs[job]
        promise = InclusionPromise(order=job, epoch=1, receivedAt=1)
        spent = sum(one.receipt.message.amount for one in receipts if one.payment)
        return JobView(
            id=job,
            name=request.spec.name,
            state=JobState.FINISHED,
            reason=None,
            order=request.order,
            promise=Signed(message=promise, signature=sign(OPERATOR, DOMAIN, promise)),
            created_at=1,
            tasks_by_state={TaskState.ACCEPTED: len(tasks)},
            spent=spent,
            settled=spent,
        )

    def quote(self, request: QuoteRequest) -> Quote:
        """What one node of the fleet of three asks."""
        usage = usage_at_limits(request.limits, request.limits.inputBytes)
        cap = lease_cap(PRICES, 0, request.limits, request.limits.inputBytes)
        lines = [
            QuoteLine(
                dimension=one.name,
                quantity=used,
                unit=one.priced_per,
                price=price,
                highest_price=price,
                micro_atoms=cost,
            )
            for one, used, price, cost in zip(
                DIMENSIONS, usage.vector(), PRICES.vector(), charge_lines(PRICES, usage), strict=True
            )
        ]
        lines.append(
            QuoteLine(dimension="minimum", quantity=1, unit="task", price=0, highest_price=0, micro_atoms=9)
        )
        whole = cap * request.tasks * request.replicas
        out = 3 if self.lies.exclude_all else 1
        return Quote(
            fleet=3,
            eligible=3 - out,
            exclusions=[Exclusion(reason="MEMORY_TOO_SMALL", detail="needs 32 MiB, has 16 MiB", nodes=out)],
            lines=[] if self.lies.exclude_all else lines,
            task_cap=cap,
            cap=whole,
            fee=fee_rounded_down(whole, 100),
            fits_budget=request.budget is None or request.budget >= whole,
            valid_until=2**40,
        )

    def _run(
        self, order: JobOrder, spec: JobSpec, index: int, attempt: int, key: LocalAccount
    ) -> ReceiptView:
        task = spec.tasks[index]
        files = self.program(list(task.arguments)) if self.outcome is Outcome.COMPLETED else {}
        if self.lies.odd_output and key is TWIN:
            files = {"hello.txt": self.lies.odd_output.encode()}
        outputs = [
            BlobReference(path=path, hash=content_hash(data), size=len(data)) for path, data in files.items()
        ]
        failed = self.outcome is Outcome.PROGRAM_FAILED
        manifest = ResultManifest(
            outcome=self.outcome,
            exit_code=3 if failed else 0,
            reason="EXIT_CODE" if failed else None,
            outputs=outputs,
        )
        self.blobs[manifest.content_hash()] = manifest.canonical()
        for data in files.values():
            self.blobs[content_hash(data)] = data[::-1] if self.lies.wrong_bytes else data
        return self._receipt(order, spec, index, attempt, key, manifest)

    def _receipt(
        self,
        order: JobOrder,
        spec: JobSpec,
        index: int,
        attempt: int,
        key: LocalAccount,
        manifest: ResultManifest,
    ) -> ReceiptView:
        task = spec.tasks[index]
        node = TWIN if key is TWIN else NODE
        lease = Lease(
            order=order.id(),
            task=index,
            attempt=attempt,
            spec=task.content_hash(),
            node=node.address,
            prices=PRICES,
            minimumCharge=0,
            cap=lease_cap(PRICES, 0, order.limits, task.input_bytes()),
            deadline=order.deadline,
        )
        usage = Usage(fuel=1000, memoryFuel=1, ingress=task.input_bytes(), egress=manifest.output_bytes())
        receipt = Receipt(
            lease=lease.id(),
            outcome=manifest.outcome,
            result=manifest.content_hash(),
            usage=usage,
            amount=receipt_charge(lease, usage) + self.lies.overcharge,
        )
        return ReceiptView(
            receipt=Signed(message=receipt, signature=sign(key, DOMAIN, receipt)),
            lease=Signed(message=lease, signature=sign(self.lies.lease_key, DOMAIN, lease)),
            id=receipt.id(),
            node=node.address,
            task=index,
            payment=None if order.policy == 0 else PaymentState.DUE,
            epoch=None,
            transaction=None,
        )

    def _task(self, order: JobOrder, index: int, views: list[ReceiptView]) -> TaskView:
        by_buyer = order.policy == 0
        leases = [
            LeaseView(
                id=view.lease.message.id(),
                node=view.node,
                attempt=view.lease.message.attempt,
                state=LeaseState.RECEIPTED if by_buyer else LeaseState.ACCEPTED,
                reason=None,
                usage=view.receipt.message.usage,
                amount=view.receipt.message.amount,
                result=view.receipt.message.result,
                receipt=view.id,
                payment=view.payment,
            )
            for view in views
        ]
        state = TaskState.VERIFYING if by_buyer else TaskState.ACCEPTED
        result = None if by_buyer else views[0].receipt.message.result
        return TaskView(index=index, state=state, reason=None, waiting=None, result=result, leases=leases)


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
