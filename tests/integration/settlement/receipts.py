"""Accepted receipts in the database, as the services before settlement would have left them."""

from dataclasses import dataclass, field

from eth_account.signers.local import LocalAccount

from market.db.queries import serials
from market.db.session import transaction
from market.db.tables.clear import ClearingRow
from market.db.tables.connect import AskRow, NodeRow
from market.db.tables.lease import LeaseRow
from market.db.tables.order import JobRow, TaskRow
from market.db.tables.run import ReceiptRow
from suanli.protocol.documents import JobSpec, ResultManifest, TaskSpec
from suanli.protocol.merkle import spec_root
from suanli.protocol.messages import (
    Ask,
    InclusionPromise,
    JobOrder,
    Lease,
    Limits,
    Outcome,
    Prices,
    Receipt,
    Usage,
)
from suanli.protocol.states import JobState, LeaseState, NodeState, PaymentState, TaskState
from tests.integration.chain.world import World

PRICES = Prices(fuel=1, memoryFuel=1, ingress=1, egress=1)
USAGE = Usage(fuel=1, memoryFuel=1, ingress=1, egress=1)
LIMITS = Limits(fuel=9, memoryBytes=9, inputBytes=9, outputBytes=9, wallSeconds=9)
SPEC = TaskSpec(module="0x" + "0d" * 32, module_size=1, arguments=["hello"])
MANIFEST = ResultManifest(outcome=Outcome.COMPLETED, exit_code=0)
FAR_AWAY = 4_000_000_000
NOTHING = "0x" + "00" * 32


@dataclass
class Desk:
    """Writes finished jobs of one task each."""

    world: World
    count: int = field(default=0)

    def due(self, buyer: LocalAccount, node: LocalAccount, amount: int, serial: int | None = None) -> str:
        """A receipt that waits to be paid; its id. Without a `serial` its lease has the node's next."""
        self.count += 1
        order = self._order(buyer.address)
        ask = self._ask(node.address)
        lease = self._lease(order, ask, self._serial(node) if serial is None else serial)
        receipt = Receipt(
            lease=lease.id(),
            outcome=Outcome.COMPLETED,
            result=MANIFEST.content_hash(),
            usage=USAGE,
            amount=amount,
        )
        with transaction(self.world.runtime.engine) as session:
            if session.get(NodeRow, node.address) is None:
                owner, state = node.address, NodeState.NONE
                session.add(NodeRow(node=node.address, owner=owner, state=state, stake=0))
            if session.get(ClearingRow, 1) is None:
                zeros = {"document": NOTHING, "book": NOTHING, "verdict": NOTHING}
                session.add(ClearingRow(epoch=1, at=0, matches=0, non_matches=0, **zeros))
            session.flush()
            session.add(self._job_row(order))
            if session.get(AskRow, ask.id()) is None:
                session.add(self._ask_row(ask))
            session.flush()
            session.add(self._task_row(order.id()))
            session.flush()
            session.add(self._lease_row(order, ask, lease))
            session.flush()
            session.add(self._receipt_row(order, lease, receipt))
        return receipt.id()

    def payment(self, receipt: str) -> PaymentState | None:
        """How far a receipt's payment is."""
        return self.row(receipt).payment

    def row(self, receipt: str) -> ReceiptRow:
        """A receipt as it stands now."""
        with transaction(self.world.runtime.engine) as session:
            return session.get_one(ReceiptRow, receipt)

    def job_state(self, receipt: str) -> JobState:
        """How the receipt's job is."""
        with transaction(self.world.runtime.engine) as session:
            return session.get_one(JobRow, session.get_one(ReceiptRow, receipt).job).state

    def _order(self, buyer: str) -> JobOrder:
        return JobOrder(
            buyer=buyer,
            operator=self.world.runtime.operator.address,
            specRoot=spec_root(JobSpec(name="hello", tasks=[SPEC])),
            tasks=1,
            policy=0,
            replicas=1,
            budget=500_000,
            maximumPrices=PRICES,
            limits=LIMITS,
            deadline=self.world.now + 3600,
            nonce=self.count,
        )

    def _ask(self, node: str) -> Ask:
        return Ask(
            node=node,
            prices=PRICES,
            minimumCharge=0,
            slots=1,
            limits=LIMITS,
            expiry=FAR_AWAY,
            nonce=1,
        )

    def _serial(self, node: LocalAccount) -> int:
        with transaction(self.world.runtime.engine) as session:
            return next(serials.take(session, {node.address: 1})[node.address])

    def _lease(self, order: JobOrder, ask: Ask, serial: int) -> Lease:
        return Lease(
            order=order.id(),
            task=0,
            attempt=0,
            spec=SPEC.content_hash(),
            ask=ask.id(),
            epoch=1,
            serial=serial,
            node=ask.node,
            prices=PRICES,
            minimumCharge=0,
            cap=10**6,
            deadline=order.deadline,
        )

    def _job_row(self, order: JobOrder) -> JobRow:
        promise = InclusionPromise(order=order.id(), epoch=1, receivedAt=self.world.now)
        return JobRow(
            id=order.id(),
            buyer=order.buyer,
            signer=order.buyer,
            name="hello",
            order=order,
            signature="0x",
            promise=promise,
            promise_signature="0x",
            promised_epoch=promise.epoch,
            state=JobState.FINISHED,
            nonce=order.nonce,
            deadline=order.deadline,
            created_at=self.world.now,
            events=0,
        )

    def _ask_row(self, ask: Ask) -> AskRow:
        return AskRow(
            id=ask.id(),
            node=ask.node,
            message=ask,
            signature="0x",
            nonce=ask.nonce,
            current=True,
            received_at=self.world.now,
        )

    def _task_row(self, job: str) -> TaskRow:
        return TaskRow(
            job=job,
            index=0,
            spec=SPEC,
            spec_hash=SPEC.content_hash(),
            proof=[],
            ingress=1,
            state=TaskState.ACCEPTED,
            open_copies=0,
        )

    def _lease_row(self, order: JobOrder, ask: Ask, lease: Lease) -> LeaseRow:
        return LeaseRow(
            id=lease.id(),
            job=order.id(),
            task=0,
            attempt=0,
            buyer=order.buyer,
            serial=lease.serial,
            node=lease.node,
            owner=lease.node,
            ask=ask.id(),
            clearing=1,
            message=lease,
            signature="0x",
            state=LeaseState.ACCEPTED,
            cap=lease.cap,
            deadline=lease.deadline,
            offered_at=self.world.now,
        )

    def _receipt_row(self, order: JobOrder, lease: Lease, receipt: Receipt) -> ReceiptRow:
        return ReceiptRow(
            id=receipt.id(),
            lease=lease.id(),
            job=order.id(),
            task=0,
            buyer=order.buyer,
            node=lease.node,
            message=receipt,
            signature="0x",
            manifest=MANIFEST,
            amount=receipt.amount,
            received_at=self.world.now,
            payment=PaymentState.DUE,
        )
