"""The evidence of one receipt: every signed message and document from the order to the result, in one bundle.

`verify` checks all that needs no chain; `suanli.audit` adds what the chain knows. No I/O.
"""

from collections.abc import Callable, Iterator

from pydantic import BaseModel, ConfigDict

from suanli.protocol.charging import lease_cap, wrong_charge
from suanli.protocol.checks import Check, check
from suanli.protocol.documents import Document, ResultManifest, TaskSpec
from suanli.protocol.eip712 import Domain, Message
from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import verify, verify_spec
from suanli.protocol.messages import Ask, EpochAnchor, JobOrder, Lease, NodeTerms, Receipt
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover_digest
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Signed

Authority = Callable[[Address, bytes, str], bool]
"""Whether a signature over a 32-byte digest binds an account: (account, digest, signature)."""


def signed_by_key(account: Address, digest: bytes, signature: str) -> bool:
    """The authority that needs no chain: the account's own key signed."""
    try:
        return recover_digest(digest, signature) == account
    except ProtocolError:
        return False


class SignedTerms(BaseModel):
    """A node's terms with both signatures; the owner's is empty when the owner sent the transaction."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    message: NodeTerms
    owner_signature: str
    node_signature: str


class AnchorEvidence(BaseModel):
    """The operator's anchor of the lease's epoch, and where order and lease stand under its two roots."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    anchor: Signed[EpochAnchor]
    order_index: int
    order_proof: list[Hash]
    lease_index: int
    lease_proof: list[Hash]


class EvidenceBundle(Document):
    """All that stands behind one receipt. `clearing` is the content hash of the clearing document.

    `statement` lists the receipts of the statement or root batch that paid this one, in its order; none for
    a netting whose tasks are all in the calldata. `anchor` is there once the lease's epoch was anchored.
    """

    domain: Domain
    order: Signed[JobOrder]
    spec: TaskSpec
    proof: list[Hash]
    lease: Signed[Lease]
    receipt: Signed[Receipt]
    manifest: ResultManifest
    ask: Signed[Ask]
    terms: SignedTerms
    clearing: Hash | None = None
    statement: list[Hash] | None = None
    anchor: AnchorEvidence | None = None

    def verify(self, authority: Authority = signed_by_key) -> list[Check]:
        """Every check that the bundle itself allows. The order names the operator that signs its leases.

        Buyers and owners may be contracts or sign by a delegate: an `authority` with a chain at hand knows.
        """
        return [*self._signatures(authority), *self._links(), *self._money(), *self._anchor()]

    def _signatures(self, authority: Authority) -> Iterator[Check]:
        domain, terms, node = self.domain, self.terms, self.lease.message.node
        buyer, operator, owner = self.order.message.buyer, self.order.message.operator, terms.message.owner
        by_key = signed_by_key
        yield _signature(
            "order_signature", buyer, domain, self.order.message, self.order.signature, authority
        )
        yield _signature(
            "lease_signature", operator, domain, self.lease.message, self.lease.signature, by_key
        )
        yield _signature(
            "receipt_signature", node, domain, self.receipt.message, self.receipt.signature, by_key
        )
        yield _signature("ask_signature", node, domain, self.ask.message, self.ask.signature, by_key)
        yield _signature("terms_node_signature", node, domain, terms.message, terms.node_signature, by_key)
        if terms.owner_signature.removeprefix("0x"):
            yield _signature(
                "terms_owner_signature", owner, domain, terms.message, terms.owner_signature, authority
            )

    def _links(self) -> Iterator[Check]:
        order, lease, receipt = self.order.message, self.lease.message, self.receipt.message
        spec, nodes = self.spec.content_hash(), {lease.node, self.ask.message.node, self.terms.message.node}
        proved = lease.task < order.tasks and verify_spec(order.specRoot, lease.task, spec, self.proof)
        yield check("lease_order", lease.order == order.id(), f"the lease is for order {lease.order}")
        yield check(
            "spec_hash", lease.spec == spec, f"the specification's hash is {spec}", Reason.HASH_MISMATCH
        )
        yield check(
            "spec_proof",
            proved,
            f"task {lease.task} of {order.tasks} under {order.specRoot}",
            Reason.HASH_MISMATCH,
        )
        yield check("lease_ask", lease.ask == self.ask.message.id(), f"the lease matches ask {lease.ask}")
        yield check("one_node", len(nodes) == 1, f"lease, ask and terms name {', '.join(sorted(nodes))}")
        yield check(
            "lease_deadline", lease.deadline <= order.deadline, f"{lease.deadline}, order's {order.deadline}"
        )
        yield check("receipt_lease", receipt.lease == lease.id(), f"the receipt is for lease {receipt.lease}")
        yield self._result()

    def _result(self) -> Check:
        receipt, manifest = self.receipt.message, self.manifest
        same = receipt.result == manifest.content_hash() and receipt.outcome == manifest.outcome
        return check("result_hash", same, f"{manifest.outcome.name} {receipt.result}", Reason.HASH_MISMATCH)

    def _money(self) -> Iterator[Check]:
        order, lease, ask = self.order.message, self.lease.message, self.ask.message
        receipt, limits = self.receipt.message, self.order.message.limits
        paid = lease.prices.vector()
        covered = all(price >= asked for price, asked in zip(paid, ask.prices.vector(), strict=True))
        covered = covered and lease.minimumCharge >= ask.minimumCharge
        within = all(price <= most for price, most in zip(paid, order.maximumPrices.vector(), strict=True))
        cap = lease_cap(lease.prices, lease.minimumCharge, limits, self.spec.input_bytes())
        wrong = wrong_charge(lease, limits, self.spec, receipt, self.manifest)
        fits = all(
            getattr(order.limits, name) <= getattr(ask.limits, name) for name in type(limits).model_fields
        )
        yield check("limits_within_ask", fits, "the node accepts tasks of the order's limits")
        asked = f"{paid} for {ask.prices.vector()}, at least {lease.minimumCharge} for {ask.minimumCharge}"
        yield check("prices_cover_ask", covered, asked)
        yield check(
            "prices_within_order", within, f"at most {order.maximumPrices.vector()}", Reason.PRICE_ABOVE_LIMIT
        )
        yield check(
            "lease_cap", lease.cap == cap, f"cap {lease.cap}, the limits cost {cap}", Reason.CHARGE_WRONG
        )
        yield check("charge", not wrong, wrong or f"{receipt.amount} atoms", Reason.CHARGE_WRONG)

    def _anchor(self) -> Iterator[Check]:
        if (shown := self.anchor) is None:
            return
        anchor, order, lease = shown.anchor.message, self.order.message, self.lease.message
        operator = order.operator
        yield _signature(
            "anchor_signature", operator, self.domain, anchor, shown.anchor.signature, signed_by_key
        )
        yield check(
            "anchor_epoch", anchor.epoch == lease.epoch, f"epoch {anchor.epoch}, lease's {lease.epoch}"
        )
        booked = 0 <= shown.order_index < anchor.orders and verify(
            anchor.bookRoot, shown.order_index, order.id(), shown.order_proof
        )
        matched = 0 <= shown.lease_index < anchor.leases and verify(
            anchor.matchRoot, shown.lease_index, lease.id(), shown.lease_proof
        )
        place = f"{shown.order_index} of {anchor.orders} orders under {anchor.bookRoot}"
        yield check("order_booked", booked, place, Reason.HASH_MISMATCH)
        place = f"{shown.lease_index} of {anchor.leases} leases under {anchor.matchRoot}"
        yield check("lease_matched", matched, place, Reason.HASH_MISMATCH)


def _signature(
    name: str, signer: Address, domain: Domain, message: Message, signature: str, authority: Authority
) -> Check:
    passed = authority(signer, domain.digest(message), signature)
    return check(name, passed, f"{type(message).__name__} by {signer}", Reason.SIGNATURE_INVALID)
