"""A market in memory that speaks the wire bodies and runs tasks by itself, honestly or not.

For what a buyer must survive: lies, broken connections, wrong bytes. The real market has its own tests.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from eth_account import Account
from eth_account.signers.local import LocalAccount

from suanli.protocol.charging import lease_cap, receipt_charge, usage_at_limits
from suanli.protocol.documents import BlobReference, JobSpec, ResultManifest, content_hash
from suanli.protocol.eip712 import Domain
from suanli.protocol.messages import InclusionPromise, JobOrder, Lease, Outcome, Prices, Receipt, Usage
from suanli.protocol.signatures import sign
from suanli.protocol.states import JobState, LeaseState, PaymentState, TaskState
from suanli.protocol.units import DIMENSIONS, charge_lines, fee_rounded_down
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.jobs import (
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

OPERATOR, NODE, TWIN, OWNER = (Account.from_key(bytes([number]) * 32) for number in (0x11, 0x12, 0x13, 0x14))
OWNERS = {node.address: OWNER.address for node in (NODE, TWIN)}
LEDGER = "0x0000000000000000000000000000000000000009"
DOMAIN = Domain(chain_id=31337, ledger=LEDGER)
PRICES = Prices(fuel=2 * 10**9, memoryFuel=10**8, ingress=10**9, egress=10**9)
DEPLOYMENT = Deployment(
    chain_id=31337,
    ledger=LEDGER,
    registry=LEDGER,
    settlement=LEDGER,
    authority=LEDGER,
    bidding=LEDGER,
    anchors=LEDGER,
    court=LEDGER,
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
    serials: defaultdict[Address, Iterator[int]] = field(default_factory=lambda: defaultdict(count))
    """Each node's next serials."""

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
            ask="0x" + "a5" * 32,
            epoch=1,
            serial=next(self.serials[node.address]),
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
