"""Honest evidence bundles, made with real keys, and the means to spoil them one fact at a time."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from eth_account.signers.local import LocalAccount

from suanli.protocol.charging import lease_cap, receipt_charge
from suanli.protocol.documents import BlobReference, JobSpec, ResultManifest, TaskSpec
from suanli.protocol.eip712 import Domain, Message
from suanli.protocol.evidence import AnchorEvidence, EvidenceBundle, SignedTerms
from suanli.protocol.merkle import MerkleTree, spec_proof, spec_root
from suanli.protocol.messages import (
    Ask,
    EpochAnchor,
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
from suanli.protocol.signatures import sign
from suanli.protocol.wire.common import Signed
from tests.unit.protocol.strategies import KEYS

M = TypeVar("M", bound=Message)
LIMITS = Limits(fuel=10**10, memoryBytes=1 << 26, inputBytes=1 << 24, outputBytes=1 << 20, wallSeconds=60)
PRICES = Prices(fuel=900_000_000, memoryFuel=50_000_000, ingress=4_000_000, egress=8_000_000)
DEADLINE = 4_000_000_000
EPOCH = 17
"""The clearing that made the leases."""


def job(name: str = "sweep", tasks: int = 3) -> JobSpec:
    """A job whose tasks differ in one argument."""
    module = "0x" + "0d" * 32
    return JobSpec(
        name=name,
        tasks=[TaskSpec(module=module, module_size=4096, arguments=[str(at)]) for at in range(tasks)],
    )


def manifest(size: int = 2048) -> ResultManifest:
    """The result of a run that wrote one file."""
    output = BlobReference(path="sum.txt", hash="0x" + "5e" * 32, size=size)
    return ResultManifest(outcome=Outcome.COMPLETED, exit_code=0, outputs=[output])


@dataclass(frozen=True)
class Cast:
    """Who plays: the keys of one deployment's people and machines."""

    domain: Domain
    buyer: LocalAccount = field(default_factory=lambda: KEYS[0])
    owner: LocalAccount = field(default_factory=lambda: KEYS[1])
    node: LocalAccount = field(default_factory=lambda: KEYS[2])
    operator: LocalAccount = field(default_factory=lambda: KEYS[3])

    def signed(self, key: LocalAccount, message: M) -> Signed[M]:
        """`message` signed by `key`."""
        return Signed[type(message)](message=message, signature=sign(key, self.domain, message))  # type: ignore[misc]

    def terms(self, stake: int = 10_000_000) -> SignedTerms:
        """The node's terms, signed by owner and node."""
        terms = NodeTerms(
            node=self.node.address,
            owner=self.owner.address,
            benchmark="0x" + "be" * 32,
            stake=stake,
            expiry=DEADLINE,
        )
        by_owner, by_node = (sign(key, self.domain, terms) for key in (self.owner, self.node))
        return SignedTerms(message=terms, owner_signature=by_owner, node_signature=by_node)

    def ask(self, prices: Prices = PRICES) -> Ask:
        """The node's offer."""
        return Ask(
            node=self.node.address,
            prices=prices,
            minimumCharge=100,
            slots=2,
            limits=LIMITS,
            expiry=DEADLINE,
            nonce=1,
        )

    def order(self, spec: JobSpec, maximum: Prices = PRICES, nonce: int = 7) -> JobOrder:
        """The buyer's order for a job."""
        return JobOrder(
            buyer=self.buyer.address,
            operator=self.operator.address,
            specRoot=spec_root(spec),
            tasks=len(spec.tasks),
            policy=VerificationPolicy.BUYER,
            replicas=1,
            budget=10**9,
            maximumPrices=maximum,
            limits=LIMITS,
            deadline=DEADLINE,
            nonce=nonce,
        )

    def bundle(
        self,
        spec: JobSpec | None = None,
        task: int = 1,
        nonce: int = 7,
        maximum: Prices = PRICES,
        **changes: Any,
    ) -> EvidenceBundle:
        """The honest evidence of one task, with `changes` to the lease made before it was signed."""
        spec = spec or job()
        order, ask, result = self.order(spec, maximum, nonce), self.ask(), manifest()
        lease = make_lease(order, ask, spec, task).model_copy(update=changes)
        receipt = make_receipt(lease, spec.tasks[task], result)
        return EvidenceBundle(
            domain=self.domain,
            order=self.signed(self.buyer, order),
            spec=spec.tasks[task],
            proof=spec_proof(spec, task),
            lease=self.signed(self.operator, lease),
            receipt=self.signed(self.node, receipt),
            manifest=result,
            ask=self.signed(self.node, ask),
            terms=self.terms(),
        )

    def anchor(self, bundles: list[EvidenceBundle], **changes: Any) -> list[AnchorEvidence]:
        """The operator's anchor over the bundles' orders and leases, and each one's place in it."""
        orders = sorted({bundle.order.message.id() for bundle in bundles})
        leases = [bundle.lease.message.id() for bundle in bundles]
        book, match = MerkleTree(orders), MerkleTree(leases)
        honest = EpochAnchor(
            epoch=bundles[0].lease.message.epoch,
            bookRoot=book.root(),
            matchRoot=match.root(),
            prices="0x" + "00" * 32,
            orders=len(orders),
            leases=len(leases),
            evidence="0x" + "00" * 32,
        )
        signed = self.signed(self.operator, honest.model_copy(update=changes))
        places = [(orders.index(one.order.message.id()), at) for at, one in enumerate(bundles)]
        return [
            AnchorEvidence(
                anchor=signed,
                order_index=order,
                order_proof=book.proof(order),
                lease_index=lease,
                lease_proof=match.proof(lease),
            )
            for order, lease in places
        ]


def make_lease(order: JobOrder, ask: Ask, spec: JobSpec, task: int) -> Lease:
    """The lease of one task to the ask's node, at its prices."""
    return Lease(
        order=order.id(),
        task=task,
        attempt=0,
        spec=spec.tasks[task].content_hash(),
        ask=ask.id(),
        epoch=EPOCH,
        serial=task,
        node=ask.node,
        prices=ask.prices,
        minimumCharge=ask.minimumCharge,
        cap=lease_cap(ask.prices, ask.minimumCharge, order.limits, spec.tasks[task].input_bytes()),
        deadline=DEADLINE - 100,
    )


def make_receipt(lease: Lease, spec: TaskSpec, result: ResultManifest) -> Receipt:
    """The receipt of a run that used some fuel and memory."""
    usage = Usage(fuel=123_456_789, memoryFuel=4321, ingress=spec.input_bytes(), egress=result.output_bytes())
    return Receipt(
        lease=lease.id(),
        outcome=result.outcome,
        result=result.content_hash(),
        usage=usage,
        amount=receipt_charge(lease, usage),
    )
