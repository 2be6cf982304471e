"""The task behind a claim is found in whatever call opened it, and nothing else is taken for it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.judging.calldata import ClaimedTask, claimed_task
from provider_agent.rpc import call_data
from suanli.protocol.court import Claim, award_task_id, work_hash
from suanli.protocol.eip712 import Struct
from suanli.protocol.errors import NodeError
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.messages import Receipt
from suanli.protocol.reasons import Reason
from tests.unit.agent.offers import CAST
from tests.unit.protocol.bundles import job

BUNDLES = [CAST.bundle(job(tasks=3), task) for task in range(3)]
AUCTION = "0x" + "a0" * 32


def coded(value: Any) -> Any:
    """A message as the ABI codec takes it."""
    if isinstance(value, Struct):
        return tuple(coded(getattr(value, name)) for name in type(value).model_fields)
    return bytes.fromhex(value[2:]) if isinstance(value, str) and len(value) > 42 else value


def opening(bundles: list[EvidenceBundle]) -> bytes:
    """A call that claims these receipts."""
    order = bundles[0].order
    items = [
        (coded(one.lease.message), coded(one.lease.signature), coded(one.receipt.message),
         coded(one.receipt.signature), [coded(hash_) for hash_ in one.proof])
        for one in bundles
    ]  # fmt: skip
    return coded(call_data("ClaimCourt", "openClaims", [coded(order.message), coded(order.signature), items]))


def claim_on(bundle: EvidenceBundle) -> Claim:
    """The claim that the court makes of a bundle."""
    lease, receipt, buyer = bundle.lease.message, bundle.receipt.message, CAST.buyer.address
    work = work_hash(receipt.outcome, receipt.result, receipt.usage)
    return Claim(
        lease.id(), lease.order, lease.task, lease.node, buyer, buyer, False, lease.serial, 1, 1, work
    )


def test_each_claim_of_a_call_leads_to_its_own_task() -> None:
    calldata = opening(BUNDLES)
    for bundle in BUNDLES:
        order, lease = bundle.order.message, bundle.lease.message
        found = claimed_task(claim_on(bundle), calldata)
        assert found == ClaimedTask(
            order.id(), lease.task, bundle.spec.content_hash(), order.limits, bundle.receipt.message.id()
        )


@given(st.binary(max_size=70), st.binary(max_size=70))
def test_a_claim_is_found_inside_a_wallets_call(before: bytes, after: bytes) -> None:
    found = claimed_task(claim_on(BUNDLES[1]), before + opening(BUNDLES) + after)
    assert found.task == 1


def test_a_claim_is_found_behind_a_call_for_another_order() -> None:
    other = CAST.bundle(job("other"), 0, nonce=8)
    calls = [opening([one]) for one in (other, BUNDLES[2])]
    outer = coded(call_data("ClaimCourt", "multicall", [calls]))
    assert claimed_task(claim_on(BUNDLES[2]), outer).task == 2


def test_an_award_names_its_specification_and_no_limits() -> None:
    receipt = BUNDLES[0].receipt.message.model_copy(update={"lease": award_task_id(AUCTION, 4)})
    item = (4, coded("0x" + "5b" * 32), coded(receipt), b"", [])
    calldata = coded(call_data("ClaimCourt", "openAwardClaims", [coded(AUCTION), [item]]))
    claim = replace(claim_on(BUNDLES[0]), id=award_task_id(AUCTION, 4), order=AUCTION, awarded=True)
    assert claimed_task(claim, calldata) == ClaimedTask(AUCTION, 4, "0x" + "5b" * 32, None, receipt.id())


@pytest.mark.parametrize("calldata", [b"", opening(BUNDLES)[:-450], opening(BUNDLES)[:4] * 9])
def test_calldata_without_the_claim_is_said_to_miss_it(calldata: bytes) -> None:
    with pytest.raises(NodeError) as caught:
        claimed_task(claim_on(BUNDLES[2]), calldata)
    assert caught.value.reason is Reason.EVIDENCE_MISSING


def test_a_call_with_other_facts_is_not_taken_for_the_claim() -> None:
    forged = BUNDLES[0].lease.message.model_copy(update={"spec": "0x" + "66" * 32})
    lying = BUNDLES[0].model_copy(update={"lease": CAST.signed(CAST.operator, forged)})
    with pytest.raises(NodeError):
        claimed_task(claim_on(BUNDLES[0]), opening([lying]))


def test_receipts_keep_their_ids_on_the_way() -> None:
    found = claimed_task(claim_on(BUNDLES[0]), opening(BUNDLES[:1]))
    assert found.receipt == Receipt.from_json(BUNDLES[0].receipt.message.to_json()).id()
