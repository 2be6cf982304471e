from pathlib import Path

import pytest

from suanli.client import Job, Suanli
from suanli.client.keystore import import_keystore
from suanli.protocol import netting
from suanli.protocol.errors import ClientError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Statement
from suanli.protocol.netting import Batch, NettingTask
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover, sign
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal
from tests.integration.client.conftest import ALICE, QUICK, Buyer
from tests.integration.client.market_double import DOMAIN, TWIN


def proposal(alice: Buyer, job: Job, epoch: int = 5, extra: int = 0) -> BatchProposal:
    receipts = alice.market.jobs[job.id][2]
    tasks = [
        NettingTask(ALICE.address, one.node, one.receipt.message.amount + extra, one.id) for one in receipts
    ]
    batch = Batch(epoch, tuple(tasks))
    message = netting.message(batch)
    packed = "0x" + netting.pack(batch).hex()
    return BatchProposal(
        id=message.id(), netting=message, packed=packed, parties=batch.buyers() + batch.nodes()
    )


def stated(alice: Buyer, job: Job) -> StatementProposal:
    first = alice.market.jobs[job.id][2][0]
    own = [one for one in alice.market.jobs[job.id][2] if one.node == first.node]
    ids = [one.id for one in own]
    message = Statement(
        buyer=ALICE.address,
        node=first.node,
        amount=sum(one.receipt.message.amount for one in own),
        receipts=len(ids),
        receiptsRoot=receipts_root(ids),
    )
    return StatementProposal(id=message.id(), statement=message, receipts=ids)


def test_a_batch_of_checked_receipts_is_signed_once_with_alice_s_key(alice: Buyer) -> None:
    with alice.connect() as suanli:
        made = proposal(alice, suanli.submit(alice.job))
        alice.market.batches = [made]
        (answer,) = suanli.settle()
        assert suanli.settle() == []
    ((id_, signature),) = alice.market.signatures
    assert (id_, signature.party) == (made.id, ALICE.address)
    assert recover(DOMAIN, made.netting, signature.signature) == ALICE.address
    assert answer.receipts == 6
    assert answer.amount == sum(task.amount for task in netting.unpack(bytes.fromhex(made.packed[2:])).tasks)


def test_a_batch_that_takes_more_than_the_receipts_is_refused_with_the_reason(alice: Buyer) -> None:
    with alice.connect() as suanli:
        alice.market.batches = [proposal(alice, suanli.submit(alice.job), extra=1)]
        (answer,) = suanli.settle()
    assert alice.market.signatures == []
    ((_, refusal),) = alice.market.refusals
    assert refusal.reason == "CHARGE_WRONG"
    assert answer.objection is not None


def test_a_receipt_that_lies_is_not_paid(alice: Buyer) -> None:
    alice.market.lies.overcharge = 1
    with alice.connect() as suanli:
        alice.market.batches = [proposal(alice, suanli.submit(alice.job))]
        suanli.settle()
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["EVIDENCE_MISSING"]


def test_results_that_differ_are_not_paid(alice: Buyer) -> None:
    alice.market.lies.odd_output = "Hello, Eve!\n"
    with alice.connect() as suanli:
        alice.market.batches = [proposal(alice, suanli.submit(alice.job))]
        suanli.settle()
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["RESULT_REJECTED"]


def test_after_a_restart_alice_still_knows_what_she_signed(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        alice.market.batches = [proposal(alice, job, epoch=5)]
        suanli.settle()
    with alice.connect() as suanli:
        alice.market.batches = [proposal(alice, job, epoch=6)]
        suanli.settle()
    assert len(alice.market.signatures) == 1
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["MESSAGE_REPLAYED"]


def test_a_statement_is_signed_and_its_receipts_are_not_netted_again(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        alice.market.statements = [stated(alice, job)]
        suanli.settle()
        alice.market.batches = [proposal(alice, job)]
        suanli.settle()
    assert [id_ for id_, _ in alice.market.signatures] == [alice.market.statements[0].id]
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["MESSAGE_REPLAYED"]


def test_a_receipt_moves_from_a_batch_that_may_still_land_to_no_statement(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        alice.market.batches = [proposal(alice, job)]
        suanli.settle()
        alice.market.statements = [stated(alice, job)]
        suanli.settle()
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["MESSAGE_REPLAYED"]


def test_the_record_is_written_before_a_signature_leaves(
    alice: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        made = proposal(alice, job)
        alice.market.batches = [made]
        seen: list[bool] = []
        post = suanli.connection.post_only

        def watched(path: str, body: object) -> None:
            receipt = alice.market.jobs[job.id][2][0].id
            seen.append(made.netting.batch in suanli.record.nettings_with(receipt))
            post(path, body)  # type: ignore[arg-type]

        monkeypatch.setattr(suanli.connection, "post_only", watched)
        suanli.settle()
    assert seen == [True]


def test_an_order_that_alice_never_signed_cannot_enter_her_books(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        request, tasks, receipts = alice.market.jobs[job.id]
        by_another = sign(TWIN, DOMAIN, request.order.message)
        forged = request.order.model_copy(update={"signature": by_another})
        alice.market.jobs[job.id] = (request.model_copy(update={"order": forged}), tasks, receipts)
    with Suanli.connect(
        alice.url, keystore=alice.keystore, password_file=alice.password_file, state=alice.folder / "other"
    ) as elsewhere:
        with pytest.raises(ClientError) as error:
            elsewhere.job(job.id).verify()
        assert error.value.reason is Reason.SIGNER_MISMATCH
        assert elsewhere.record.order(job.id) is None


def test_a_delegate_keeps_silent_on_orders_of_others(alice: Buyer, tmp_path: Path) -> None:
    with alice.connect() as suanli:
        foreign = proposal(alice, suanli.submit(alice.job))
    alice.market.jobs.clear()
    alice.market.batches = [foreign]
    robot = import_keystore(tmp_path / "robot.json", "5a" * 32, "pw", QUICK).path
    with Suanli.connect(
        alice.url, keystore=robot, password="pw", account=ALICE.address, state=tmp_path / "robot"
    ) as suanli:
        (answer,) = suanli.settle()
    assert answer.objection is not None
    assert alice.market.signatures == alice.market.refusals == []
