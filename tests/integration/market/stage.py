"""A market on a real database with signing parties, driven over HTTP; the test sets the time and the chain.

Accounts and nodes are written as the indexer would write them; everything else goes through the API.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, func
from sqlmodel import Session, SQLModel, select

from market.db.blobs import LocalBlobs
from market.db.session import transaction
from market.db.tables.chain import AccountRow
from market.db.tables.connect import NodeRow
from market.runtime import Runtime
from market.services import clear, sweep
from market.services.step import step
from market.settings import Settings
from suanli.protocol.charging import receipt_charge
from suanli.protocol.documents import BlobReference, JobSpec, ResultManifest, TaskSpec, content_hash
from suanli.protocol.eip712 import Domain, Message
from suanli.protocol.merkle import spec_root
from suanli.protocol.messages import (
    Ask,
    JobOrder,
    Lease,
    Limits,
    NodeTerms,
    Outcome,
    Prices,
    Receipt,
    Usage,
    VerificationPolicy,
)
from suanli.protocol.offering import Offering, offering_hash
from suanli.protocol.signatures import sign
from suanli.protocol.states import NodeState
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.nodes import Assignment

CHAIN_ID = 31337
PRICES = Prices(fuel=1_000_000_000, memoryFuel=1_000_000, ingress=1_000_000, egress=1_000_000)
DEAR = Prices(**{name: 2 * price for name, price in PRICES.model_dump().items()})
MEBIBYTE = 1 << 20
LIMITS = Limits(
    fuel=10**9, memoryBytes=16 * MEBIBYTE, inputBytes=MEBIBYTE, outputBytes=MEBIBYTE, wallSeconds=30
)
MODULE = b"\0asm\1\0\0\0"
DEPLOYMENT = Deployment(
    chain_id=CHAIN_ID,
    ledger="0x" + "1" * 40,
    registry="0x" + "2" * 40,
    settlement="0x" + "3" * 40,
    token="0x" + "4" * 40,
    authority="0x" + "6" * 40,
    bidding="0x" + "7" * 40,
    anchors="0x" + "8" * 40,
    court="0x" + "9" * 40,
    token_symbol="TSC",
    token_decimals=6,
    fee_basis_points=500,
    thaw_seconds=3600,
    operator="0x" + "5" * 40,
    first_block=0,
)


def key(number: int) -> LocalAccount:
    """A key for tests; equal numbers give equal keys."""
    account: LocalAccount = Account.from_key(number.to_bytes(32, "big"))
    return account


OPERATOR, BUYER, OWNER = key(1), key(2), key(3)


def make_runtime(engine: Engine, folder: Path, **settings: Any) -> Runtime:
    """A runtime on a database and a folder of their own."""
    chosen = Settings(data_dir=folder, epoch_seconds=0.05, **settings)
    return Runtime(
        settings=chosen,
        engine=engine,
        deployment=DEPLOYMENT.model_copy(update={"operator": OPERATOR.address}),
        operator=OPERATOR,
        blobs=LocalBlobs(chosen.blob_path, chosen.blob_maximum_bytes),
    )


@dataclass
class Stage:
    """The market and those who deal with it."""

    runtime: Runtime
    client: TestClient
    tokens: dict[str, str] = field(default_factory=dict)
    nonce: int = 0

    @property
    def domain(self) -> Domain:
        """What everything is signed for."""
        return self.runtime.domain

    def call(self, method: str, path: str, who: LocalAccount | None = None, **rest: Any) -> Response:
        """A request in somebody's name."""
        headers = {**self.bearer(who), **rest.pop("headers", {})} if who else rest.pop("headers", {})
        return self.client.request(method, f"/v1{path}", headers=headers, **rest)

    def ok(self, method: str, path: str, who: LocalAccount | None = None, **rest: Any) -> Any:
        """The JSON of a request that must succeed."""
        response = self.call(method, path, who, **rest)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def bearer(self, who: LocalAccount) -> dict[str, str]:
        """The header of a session, opened on first use."""
        if who.address not in self.tokens:
            self.tokens[who.address] = self.sign_in(who).json()["token"]
        return {"Authorization": f"Bearer {self.tokens[who.address]}"}

    def sign_in(self, who: LocalAccount) -> Response:
        """Signs in anew."""
        challenge = self.client.post("/v1/auth/challenge", json={"address": who.address}).json()["text"]
        return self.open_session(challenge, who)

    def open_session(self, text: str, who: LocalAccount) -> Response:
        """Signs a text and hands it in."""
        signed = who.sign_message(encode_defunct(text=text)).signature.hex()
        return self.client.post("/v1/auth/session", json={"text": text, "signature": f"0x{signed}"})

    def fund(self, who: LocalAccount, atoms: int) -> None:
        """Money on the ledger, as the indexer saw it."""
        with transaction(self.runtime.engine) as session:
            session.merge(AccountRow(address=who.address, balance=atoms))

    def signed(self, message: Message, who: LocalAccount, domain: Domain | None = None) -> dict[str, Any]:
        """A message with a signature, as JSON."""
        signature = sign(who, domain or self.domain, message)
        return {"message": message.to_json(), "signature": signature}

    def next_nonce(self) -> int:
        """A number that nobody has used."""
        self.nonce += 1
        return self.nonce

    def upload(self, data: bytes, who: LocalAccount = BUYER) -> str:
        """The hash of a blob that is there now."""
        blob = content_hash(data)
        self.ok("PUT", f"/blobs/{blob}", who, content=data)
        return blob

    def spec(self, tasks: int = 1, name: str = "hello") -> JobSpec:
        """A job of small tasks whose files are uploaded."""
        module, data = self.upload(MODULE), self.upload(b"input")
        inputs = [BlobReference(path="in.txt", hash=data, size=5)]
        return JobSpec(
            name=name,
            tasks=[
                TaskSpec(module=module, module_size=len(MODULE), arguments=[str(index)], inputs=inputs)
                for index in range(tasks)
            ],
        )

    def order(self, spec: JobSpec, **changes: Any) -> JobOrder:
        """An order of a job, valid for an hour."""
        values: dict[str, Any] = {
            "buyer": BUYER.address,
            "operator": self.runtime.operator.address,
            "specRoot": spec_root(spec),
            "tasks": len(spec.tasks),
            "policy": VerificationPolicy.REPLICAS,
            "replicas": 1,
            "budget": 1_000_000,
            "maximumPrices": {name: 10 * price for name, price in PRICES.model_dump().items()},
            "limits": LIMITS,
            "deadline": int(time.time()) + 3600,
            "nonce": self.next_nonce(),
        }
        return JobOrder.model_validate(values | changes)

    def request(self, spec: JobSpec, order: JobOrder, who: LocalAccount = BUYER) -> dict[str, Any]:
        """The body of `POST /jobs`."""
        return {"order": self.signed(order, who), "spec": spec.to_json()}

    def place(self, tasks: int = 1, **changes: Any) -> str:
        """The id of a job that was taken in."""
        spec = self.spec(tasks)
        body = self.request(spec, self.order(spec, **changes))
        job: str = self.ok("POST", "/jobs", BUYER, json=body)["id"]
        return job

    def job(self, job: str) -> Any:
        """A job as its buyer sees it."""
        return self.ok("GET", f"/jobs/{job}", BUYER)

    def task(self, job: str, index: int = 0) -> Any:
        """A task as its buyer sees it."""
        return self.ok("GET", f"/jobs/{job}/tasks", BUYER)["items"][index]

    def clear(self, now: int | None = None) -> int:
        """One epoch; returns how many copies found a node."""
        with step(self.runtime) as session:
            row = clear.clear(session, self.runtime, now or int(time.time()))
            return 0 if row is None else row.matches

    def sweep(self, now: int, listening_since: float = 0) -> sweep.Swept:
        """One sweep at a time of the test's choice."""
        with step(self.runtime) as session:
            return sweep.sweep(session, self.runtime, now, listening_since)

    def provider(self, number: int, owner: LocalAccount | None = None, **ask: Any) -> "Provider":
        """A connected node that has stated its prices and shown that it lives."""
        provider = Provider(self, key(number), owner or key(number + 1000))
        provider.connect()
        provider.put_ask(**ask)
        provider.beat()
        return provider

    def counts(self) -> dict[str, int]:
        """Rows by table, less those that signing in makes."""
        with Session(self.runtime.engine) as session:
            return {
                table.name: session.exec(select(func.count()).select_from(table)).one()
                for table in SQLModel.metadata.sorted_tables
                if table.name not in ("sessions", "challenges")
            }


@dataclass
class Provider:
    """A node and its agent, as far as the market sees them."""

    stage: Stage
    key: LocalAccount
    owner: LocalAccount

    @property
    def path(self) -> str:
        """Its place in the API."""
        return f"/nodes/{self.key.address}"

    def connect(self, state: NodeState = NodeState.CONNECTED) -> None:
        """The node's terms and state, as the indexer saw them."""
        terms = NodeTerms(
            node=self.key.address,
            owner=self.owner.address,
            benchmark="0x" + "0" * 64,
            stake=1_000_000,
            expiry=int(time.time()) + 600,
        )
        row = NodeRow(
            node=self.key.address, owner=self.owner.address, state=state, stake=terms.stake, terms=terms
        )
        row.owner_signature = sign(self.owner, self.stage.domain, terms)
        row.node_signature = sign(self.key, self.stage.domain, terms)
        with transaction(self.stage.runtime.engine) as session:
            session.merge(row)

    def ask(self, **changes: Any) -> Ask:
        """An ask with one slot."""
        values: dict[str, Any] = {
            "node": self.key.address,
            "prices": PRICES,
            "minimumCharge": 0,
            "slots": 1,
            "limits": LIMITS,
            "expiry": int(time.time()) + 3600,
            "nonce": self.stage.next_nonce(),
        }
        return Ask.model_validate(values | changes)

    def put_ask(self, stated: Offering | None = None, **changes: Any) -> None:
        """States its prices, and what it is."""
        ask = self.ask(offering=offering_hash(stated), **changes)
        body = {"ask": self.stage.signed(ask, self.key), "offering": stated and stated.to_json()}
        self.stage.ok("PUT", f"{self.path}/ask", self.key, json=body)

    def beat(self, *leases: str, draining: bool = False) -> list[str]:
        """A heartbeat; returns the void leases."""
        body = {"leases": list(leases), "draining": draining}
        fenced: list[str] = self.stage.ok("POST", f"{self.path}/heartbeat", self.key, json=body)["fenced"]
        return fenced

    def assignments(self, wait: float = 0) -> list[Assignment]:
        """Its leases."""
        items = self.stage.ok("GET", f"{self.path}/leases", self.key, params={"wait": wait})["items"]
        return [Assignment.model_validate(item) for item in items]

    def start(self, lease: str) -> Response:
        """Takes a lease on."""
        return self.stage.call("POST", f"/leases/{lease}/start", self.key)

    def handback(self, lease: str, reason: str = "RUNNER_CRASHED") -> Response:
        """Gives a lease up."""
        body = {"reason": reason, "detail": "in a test"}
        return self.stage.call("POST", f"/leases/{lease}/handback", self.key, json=body)

    def receipt(
        self, assignment: Assignment, output: bytes = b"out", fuel: int = 1000, **changes: Any
    ) -> dict[str, Any]:
        """The body of an honest receipt, or of one with some fields changed."""
        lease = assignment.lease.message
        result = self.stage.upload(output, self.key)
        outputs = [BlobReference(path="out.txt", hash=result, size=len(output))]
        manifest = ResultManifest(outcome=Outcome.COMPLETED, exit_code=0, outputs=outputs)
        usage = Usage(
            fuel=fuel, memoryFuel=1, ingress=assignment.spec.input_bytes(), egress=manifest.output_bytes()
        )
        values: dict[str, Any] = {
            "lease": lease.id(),
            "outcome": manifest.outcome,
            "result": manifest.content_hash(),
            "usage": usage,
            "amount": receipt_charge(lease, usage),
        }
        receipt = Receipt.model_validate(values | changes)
        return {"receipt": self.stage.signed(receipt, self.key), "manifest": manifest.to_json()}

    def hand_in(self, lease: Lease, body: dict[str, Any]) -> Response:
        """Hands a receipt in."""
        return self.stage.call("POST", f"/leases/{lease.id()}/receipt", self.key, json=body)

    def run_one(self, output: bytes = b"out", fuel: int = 1000) -> Assignment:
        """Starts its oldest lease and hands an honest receipt in."""
        assignment = self.assignments()[0]
        lease = assignment.lease.message
        assert self.start(lease.id()).is_success
        answer = self.hand_in(lease, self.receipt(assignment, output, fuel))
        assert answer.is_success, answer.text
        return assignment

    def heard(self, at: int) -> None:
        """Lets its last heartbeat have come at a time of the test's choice."""
        with transaction(self.stage.runtime.engine) as session:
            session.get_one(NodeRow, self.key.address).last_seen_at = at
