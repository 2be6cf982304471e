"""The papers of an award's finished tasks: the receipt names auction and task, there is no lease. Pure."""

from typing import Any

from eth_account.signers.local import LocalAccount
from pydantic import BaseModel, ConfigDict

from suanli.direct.coding import raw, values_of
from suanli.direct.verdicts import Verdict
from suanli.protocol.court import award_task_id
from suanli.protocol.documents import JobSpec
from suanli.protocol.eip712 import Domain
from suanli.protocol.merkle import spec_proof
from suanli.protocol.messages import Receipt
from suanli.protocol.signatures import sign
from suanli.protocol.values import Hash, Uint32
from suanli.protocol.wire.common import Signed


class AwardPapers(BaseModel):
    """What a claim on one task of an award needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    auction: Hash
    task: Uint32
    spec: Hash
    receipt: Signed[Receipt]
    proof: list[Hash]

    def claim_id(self) -> Hash:
        """The id of the claim that it makes."""
        return award_task_id(self.auction, self.task)

    def item(self) -> tuple[Any, ...]:
        """The `AwardItem` that the court takes."""
        proof = [raw(one) for one in self.proof]
        receipt = values_of(self.receipt.message), raw(self.receipt.signature)
        return self.task, raw(self.spec), *receipt, proof


def price_of(payment: int, tasks: int, task: int) -> int:
    """What an award pays for a task in atoms: an equal share; the last task takes what rounding leaves."""
    return payment // tasks + (payment % tasks if task == tasks - 1 else 0)


def signed_award(
    node: LocalAccount, domain: Domain, auction: Hash, task: int, job: JobSpec, work: Verdict, amount: int
) -> AwardPapers:
    """The node's receipt for a task of its award, with all that a claim needs besides."""
    receipt = Receipt(
        lease=award_task_id(auction, task),
        outcome=work.outcome,
        result=work.result,
        usage=work.usage,
        amount=amount,
    )
    return AwardPapers(
        auction=auction,
        task=task,
        spec=job.tasks[task].content_hash(),
        receipt=Signed[Receipt](message=receipt, signature=sign(node, domain, receipt)),
        proof=spec_proof(job, task),
    )
