"""Fills the buyer's record with receipts that pass every check, and reads it for decisions.

Asks the market for what is to be checked, never for whether it is right.
"""

from collections.abc import Callable
from dataclasses import dataclass

from suanli.client import consent
from suanli.client.blobs import Blobs
from suanli.client.connection import Connection
from suanli.client.receipt_checks import check_content, check_signatures
from suanli.client.record import Commitment, KnownReceipt, Record
from suanli.protocol.documents import JobSpec, ResultManifest, TaskSpec
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import ChainError, ClientError, MarketError, SuanliError
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.merkle import verify_spec
from suanli.protocol.messages import JobOrder, VerificationPolicy
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import reference_of
from suanli.protocol.signatures import recover
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.jobs import JobView, ReceiptView

MAXIMUM_MANIFEST = 64 << 20
MaySign = Callable[[Address, Address], bool]
"""Whether the second address may order for the first: itself, or a delegate on chain."""


@dataclass(frozen=True, slots=True)
class Party:
    """For whom things are checked, and for which deployment."""

    account: Address
    operator: Address
    domain: Domain


class BuyerBooks:
    """The record of one account at one market, as `judgement.Books`."""

    def __init__(self, party: Party, connection: Connection, record: Record, may_sign: MaySign) -> None:
        self.party = party
        self.record = record
        self._connection = connection
        self._blobs = Blobs(connection)
        self._may_sign = may_sign
        self._specs: dict[Hash, JobSpec | None] = {}
        self._faults: dict[str, ClientError] = {}

    def receipt(self, id_: Hash) -> KnownReceipt | None:
        """A checked receipt of an own order."""
        return self.record.receipt(id_)

    def referenced(self, reference: str) -> KnownReceipt | None:
        """A checked receipt of an own order by the reference under which a batch names it."""
        return self.record.referenced(reference)

    def fault(self, reference: str) -> ClientError | None:
        """What is wrong with a receipt that was shown but did not pass the checks."""
        return self._faults.get(reference)

    def own_order(self, job: Hash) -> JobOrder | None:
        """An order in the record; the market is not asked."""
        return self.record.order(job)

    def commitments(self, job: Hash) -> list[Commitment]:
        """The receipts of a job that signed nettings or statements pay."""
        return self.record.commitments(job)

    def is_accepted(self, receipt: KnownReceipt) -> bool:
        """Whether the order's policy, applied to these books, accepts the receipt's result."""
        order = self.record.order(receipt.job)
        if order is None:
            return False
        if order.policy == VerificationPolicy.BUYER:
            return self.record.verdict(receipt.lease) is True
        siblings = self.record.receipts_of_task(receipt.job, receipt.task)
        return consent.agreed(receipt, siblings, order.replicas)

    def order(self, job: Hash) -> JobOrder:
        """An own order, from the record or, after checking it, from the market. Raises ClientError."""
        known = self.record.order(job)
        if known is not None:
            return known
        signed = self._connection.get(f"/jobs/{job}", JobView).order
        self._check_order(job, signed)
        self.record.add_order(signed.message, None)
        return signed.message

    def take_receipts(self, job: Hash) -> list[ClientError]:
        """Check and record the receipts of a job that are new; returns what did not pass."""
        order, refused = self.order(job), []
        for view in self._connection.pages(f"/jobs/{job}/receipts", ReceiptView):
            if self.record.receipt(view.id) is None:
                try:
                    self._take(order, view)
                except SuanliError as error:
                    if not _is_about_the_receipt(error):
                        raise
                    refused.append(self._refused(view.id, error))
        return refused

    def take_open_jobs(self) -> list[ClientError]:
        """Check and record the receipts of all jobs whose money is still on its way."""
        jobs = [view for view in self._connection.pages("/jobs", JobView) if view.state != "SETTLED"]
        return [error for view in jobs for error in self.take_receipts(view.id)]

    def manifest(self, result: Hash) -> ResultManifest:
        """A result manifest by its hash. Raises ClientError(HASH_MISMATCH | DOCUMENT_MALFORMED)."""
        data = self._blobs.read(result, MAXIMUM_MANIFEST)
        try:
            return ResultManifest.parse(data)
        except ValueError as error:
            raise ClientError(Reason.DOCUMENT_MALFORMED, f"{result} is no result manifest") from error

    def _take(self, order: JobOrder, view: ReceiptView) -> None:
        check_signatures(order, view, self.party.domain)
        lease, receipt = view.lease.message, view.receipt.message
        check_content(order, view, self._spec(order, view), self.manifest(receipt.result))
        known = KnownReceipt(order.id(), lease.task, lease.id(), lease.node, lease.serial, receipt)
        self.record.add_receipt(known)

    def _refused(self, receipt: Hash, error: SuanliError) -> ClientError:
        refused = ClientError(error.reason, error.detail, receipt=receipt)
        if error.reason is not Reason.NOT_FOUND:  # what is not there yet may come
            self._faults[reference_of(receipt)] = refused
        return refused

    def _spec(self, order: JobOrder, view: ReceiptView) -> TaskSpec:
        job = order.id()
        if job not in self._specs:
            self._specs = {job: self.record.spec(job)}  # one at a time: specifications may be large
        own = self._specs[job]
        return self._proved_spec(order, view) if own is None else own.tasks[view.task]

    def _proved_spec(self, order: JobOrder, view: ReceiptView) -> TaskSpec:
        bundle = self._connection.get(f"/evidence/{view.id}", EvidenceBundle)
        spec = bundle.spec
        if not verify_spec(order.specRoot, view.task, spec.content_hash(), bundle.proof):
            detail = f"the evidence of receipt {view.id} holds another task's specification"
            raise ClientError(Reason.EVIDENCE_CONTRADICTS, detail)
        return spec

    def _check_order(self, job: Hash, signed: Signed[JobOrder]) -> None:
        order, account = signed.message, self.party.account
        if order.id() != job or order.buyer != account:
            raise ClientError(Reason.EVIDENCE_CONTRADICTS, f"job {job} is not an order of {account}")
        if order.operator != self.party.operator:
            detail = f"the order of job {job} is for the operator {order.operator}"
            raise ClientError(Reason.WRONG_OPERATOR, detail)
        signer = recover(self.party.domain, order, signed.signature)
        if signer != account and not self._may_sign(account, signer):
            raise ClientError(Reason.SIGNER_MISMATCH, f"the order of job {job} is signed by {signer}")


def _is_about_the_receipt(error: SuanliError) -> bool:
    if isinstance(error, MarketError | ChainError):
        return error.reason is Reason.NOT_FOUND
    return error.reason is not Reason.MARKET_UNREACHABLE
