from collections.abc import Callable

import pytest
from eth_account import Account

from suanli.client.receipt_checks import check_content, check_signatures
from suanli.protocol.charging import lease_cap, receipt_charge
from suanli.protocol.documents import BlobReference, JobSpec, ResultManifest, TaskSpec
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import SuanliError
from suanli.protocol.merkle import spec_root
from suanli.protocol.messages import JobOrder, Lease, Limits, Outcome, Prices, Receipt, Usage
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.jobs import ReceiptView

OPERATOR, NODE, STRANGER = (Account.from_key(bytes([number]) * 32) for number in (1, 2, 3))
DOMAIN = Domain(chain_id=31337, ledger="0x0000000000000000000000000000000000000009")
SPEC = TaskSpec(module="0x" + "11" * 32, module_size=100, arguments=["x"])
MANIFEST = ResultManifest(
    outcome=Outcome.COMPLETED, exit_code=0, outputs=[BlobReference(path="a", hash="0x" + "22" * 32, size=50)]
)
PRICES = Prices(fuel=10**9, memoryFuel=0, ingress=10**9, egress=10**9)
LIMITS = Limits(fuel=10**9, memoryBytes=1 << 20, inputBytes=100, outputBytes=1000, wallSeconds=10)
ORDER = JobOrder(
    buyer=STRANGER.address,
    operator=OPERATOR.address,
    specRoot=spec_root(JobSpec(name="x", tasks=[SPEC])),
    tasks=1,
    policy=1,
    replicas=1,
    budget=10**9,
    maximumPrices=PRICES,
    limits=LIMITS,
    deadline=2**40,
    nonce=1,
)
LEASE = Lease(
    order=ORDER.id(),
    task=0,
    attempt=0,
    spec=SPEC.content_hash(),
    ask="0x" + "a5" * 32,
    epoch=3,
    serial=0,
    node=NODE.address,
    prices=PRICES,
    minimumCharge=0,
    cap=lease_cap(PRICES, 0, LIMITS, SPEC.input_bytes()),
    deadline=2**40,
)
USAGE = Usage(fuel=10**8, memoryFuel=5, ingress=100, egress=50)


def view(
    lease: Lease = LEASE,
    lease_key: object = OPERATOR,
    receipt_key: object = NODE,
    lease_id: Hash | None = None,
    **changes: object,
) -> ReceiptView:
    values = {
        "lease": lease_id or lease.id(),
        "outcome": 0,
        "result": MANIFEST.content_hash(),
        "usage": USAGE,
        "amount": receipt_charge(lease, USAGE),
    }
    receipt = Receipt.model_validate(values | changes)
    return ReceiptView(
        receipt=Signed[Receipt](message=receipt, signature=sign(receipt_key, DOMAIN, receipt)),  # type: ignore[arg-type]
        lease=Signed[Lease](message=lease, signature=sign(lease_key, DOMAIN, lease)),  # type: ignore[arg-type]
        id=receipt.id(),
        node=lease.node,
        task=lease.task,
        payment=None,
        epoch=None,
        transaction=None,
    )


def check(shown: ReceiptView, manifest: ResultManifest = MANIFEST, spec: TaskSpec = SPEC) -> None:
    check_signatures(ORDER, shown, DOMAIN)
    check_content(ORDER, shown, spec, manifest)


def test_an_honest_receipt_passes() -> None:
    check(view())


LIES: dict[str, tuple[Callable[[], None], Reason]] = {
    "somebody else's lease": (lambda: check(view(lease_key=STRANGER)), Reason.SIGNER_MISMATCH),
    "a receipt the node did not sign": (lambda: check(view(receipt_key=STRANGER)), Reason.SIGNER_MISMATCH),
    "another order": (
        lambda: check(view(LEASE.model_copy(update={"order": "0x" + "33" * 32}))),
        Reason.EVIDENCE_CONTRADICTS,
    ),
    "a task that is not": (
        lambda: check(view(LEASE.model_copy(update={"task": 1}))),
        Reason.EVIDENCE_CONTRADICTS,
    ),
    "another lease": (lambda: check(view(lease_id="0x" + "44" * 32)), Reason.EVIDENCE_CONTRADICTS),
    "another node shown": (
        lambda: check(view().model_copy(update={"node": STRANGER.address})),
        Reason.EVIDENCE_CONTRADICTS,
    ),
    "another specification": (
        lambda: check(view(), spec=SPEC.model_copy(update={"arguments": ["y"]})),
        Reason.HASH_MISMATCH,
    ),
    "another result": (
        lambda: check(view(), manifest=MANIFEST.model_copy(update={"exit_code": 1})),
        Reason.HASH_MISMATCH,
    ),
    "an outcome that is not the result's": (lambda: check(view(outcome=1)), Reason.HASH_MISMATCH),
    "a higher price": (
        lambda: check(
            view(LEASE.model_copy(update={"prices": PRICES.model_copy(update={"fuel": 10**9 + 1})}))
        ),
        Reason.PRICE_ABOVE_LIMIT,
    ),
    "a cap over the whole budget": (
        lambda: check(view(LEASE.model_copy(update={"cap": ORDER.budget + 1}))),
        Reason.BUDGET_TOO_SMALL,
    ),
    "a higher sum": (lambda: check(view(amount=receipt_charge(LEASE, USAGE) + 1)), Reason.CHARGE_WRONG),
    "bytes that did not come out": (
        lambda: check(view(usage=USAGE.model_copy(update={"egress": 51}))),
        Reason.CHARGE_WRONG,
    ),
    "more fuel than the limit": (
        lambda: check(view(usage=USAGE.model_copy(update={"fuel": 10**9 + 1}))),
        Reason.CHARGE_WRONG,
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_receipt_that_lies_does_not_pass(lie: str) -> None:
    attempt, reason = LIES[lie]
    with pytest.raises(SuanliError) as error:
        attempt()
    assert error.value.reason is reason
