import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from suanli.client import Job, Suanli, consent
from suanli.client.judgement import Objection
from suanli.client.keystore import import_keystore
from suanli.client.settlement import CoSigner
from suanli.protocol import netting
from suanli.protocol.charging import receipt_charge
from suanli.protocol.errors import ClientError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Lease, Receipt, Statement
from suanli.protocol.netting import Batch, NettingTask
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import marks_hash, marks_of
from suanli.protocol.signatures import recover, sign
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.jobs import ReceiptView
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal
from tests.integration.client.conftest import ALICE, JOB, QUICK, Buyer
from tests.integration.client.market_double import DOMAIN, NODE, OPERATOR, OWNERS, TWIN


def proposal(
    alice: Buyer, job: Job, epoch: int = 5, extra: int = 0, only: int | None = None
) -> BatchProposal:
    receipts = alice.market.jobs[job.id][2]
    if only is not None:
        receipts = [receipts[only]]
    tasks = [
        NettingTask(
            ALICE.address,
            one.node,
            one.receipt.message.amount + extra,
            one.id,
            one.lease.message.serial,
        )
        for one in receipts
    ]
    batch = Batch(epoch, tuple(tasks), OWNERS)
    message = netting.message(batch)
    packed = "0x" + netting.pack(batch).hex()
    return BatchProposal(
        id=message.id(), netting=message, packed=packed, parties=[*batch.buyers(), *batch.nodes()]
    )


def stated(alice: Buyer, job: Job) -> StatementProposal:
    first = alice.market.jobs[job.id][2][0]
    own = [one for one in alice.market.jobs[job.id][2] if one.node == first.node]
    ids = [one.id for one in own]
    message = Statement(
        buyer=ALICE.address,
        node=first.node,
        payee=OWNERS[first.node],
        amount=sum(one.receipt.message.amount for one in own),
        receipts=len(ids),
        receiptsRoot=receipts_root(ids),
        marks=marks_hash(marks_of(one.lease.message.serial for one in own)),
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
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["CHARGE_WRONG"]


def test_results_that_differ_are_not_paid(alice: Buyer) -> None:
    alice.market.lies.odd_output = "Hello, Eve!\n"
    with alice.connect() as suanli:
        alice.market.batches = [proposal(alice, suanli.submit(alice.job))]
        suanli.settle()
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["RESULT_REJECTED"]


def test_after_a_restart_alice_still_knows_what_she_signed(alice: Buyer) -> None:
    """What was signed before counts against the budget."""
    alice.job.write_text(JOB.replace("{replicas: 2}", "{replicas: 1}"))
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        request, tasks, receipts = alice.market.jobs[job.id]
        alice.market.jobs[job.id] = (request, tasks, dear(alice, job, 1) + receipts[1:])
        alice.market.batches = [proposal(alice, job, epoch=5, only=0)]
        suanli.settle()
    with alice.connect() as suanli:
        alice.market.batches = [proposal(alice, job, epoch=6, only=1)]
        suanli.settle()
    assert len(alice.market.signatures) == 1
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["BUDGET_TOO_SMALL"]


def test_a_receipt_is_signed_in_statement_and_batch_and_counts_once(alice: Buyer) -> None:
    """The contracts pay its serial once, whichever lands first."""
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        alice.market.statements = [stated(alice, job)]
        suanli.settle()
        alice.market.batches = [proposal(alice, job)]
        suanli.settle()
    signed = [id_ for id_, _ in alice.market.signatures]
    assert signed == [alice.market.statements[0].id, alice.market.batches[0].id]
    assert alice.market.refusals == []


def test_a_receipt_whose_serial_is_paid_is_refused(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        alice.market.batches = [proposal(alice, job)]
        lease = alice.market.jobs[job.id][2][0].lease.message
        alice.chain.serials = {(lease.node, lease.serial)}
        suanli.settle()
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["MESSAGE_REPLAYED"]


def test_the_same_serial_of_another_node_pays_nothing(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        first = alice.market.jobs[job.id][2][0].lease.message
        alice.chain.serials = {(ALICE.address, first.serial)}
        alice.market.batches = [proposal(alice, job)]
        suanli.settle()
    assert alice.market.refusals == []
    assert len(alice.market.signatures) == 1


def test_a_node_whose_owner_the_chain_does_not_tell_is_not_paid_yet(alice: Buyer) -> None:
    with alice.connect() as suanli:
        alice.market.batches = [proposal(alice, suanli.submit(alice.job))]
        owners, alice.chain.owners = alice.chain.owners, {}
        (answer,) = suanli.settle()
        assert answer.objection is not None
        assert (answer.objection.reason, answer.objection.waits) == (Reason.EVIDENCE_MISSING, True)
        alice.chain.owners = owners
        suanli.settle()
    assert (len(alice.market.signatures), len(alice.market.refusals)) == (1, 0)


def test_a_batch_that_pays_somebody_else_than_the_owner_is_refused(alice: Buyer) -> None:
    with alice.connect() as suanli:
        alice.market.batches = [proposal(alice, suanli.submit(alice.job))]
        alice.chain.owners = dict.fromkeys(OWNERS, ALICE.address)
        suanli.settle()
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["BATCH_MISMATCH"]


def test_a_receipt_that_the_market_does_not_show_yet_is_waited_for(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        alice.market.batches = [proposal(alice, job)]
        request, tasks, receipts = alice.market.jobs[job.id]
        alice.market.jobs[job.id] = (request, tasks, receipts[:-1])
        suanli.settle()
        assert (len(alice.market.signatures), len(alice.market.refusals)) == (0, 0)
        alice.market.jobs[job.id] = (request, tasks, receipts)
        suanli.settle()
    assert len(alice.market.signatures) == 1
    assert alice.market.refusals == []


def test_the_equal_receipt_of_another_node_may_come_after_the_first(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        request, tasks, receipts = alice.market.jobs[job.id]
        alice.market.jobs[job.id] = (
            request,
            tasks,
            [one for one in receipts if one.node == receipts[0].node],
        )
        alice.market.batches = [proposal(alice, job)]
        job.verify()
        alice.market.jobs[job.id] = (request, tasks, receipts)
        suanli.settle()
    assert len(alice.market.signatures) == 1


def dear(alice: Buyer, job: Job, attempts: int) -> list[ReceiptView]:
    """Leases of one task that the operator signs over the whole budget, each with its receipt."""
    request, _, receipts = alice.market.jobs[job.id]
    order, first = request.order.message, receipts[0]
    made = []
    for attempt in range(attempts):
        number = 100 + attempt
        terms = {"attempt": number, "serial": number, "minimumCharge": order.budget, "cap": order.budget}
        lease = first.lease.message.model_copy(update=terms)
        answer = {"lease": lease.id(), "amount": order.budget}
        receipt = first.receipt.message.model_copy(update=answer)
        shown = {
            "lease": Signed[Lease](message=lease, signature=sign(OPERATOR, DOMAIN, lease)),
            "receipt": Signed[Receipt](message=receipt, signature=sign(NODE, DOMAIN, receipt)),
            "id": receipt.id(),
        }
        made.append(first.model_copy(update=shown))
    return made


def test_an_operator_with_a_node_of_its_own_cannot_take_more_than_the_budget(alice: Buyer) -> None:
    alice.job.write_text(JOB.replace("{replicas: 2}", "{replicas: 1}"))
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        request, tasks, receipts = alice.market.jobs[job.id]
        alice.market.jobs[job.id] = (request, tasks, dear(alice, job, 2) + receipts[1:])
        alice.market.batches = [proposal(alice, job)]
        suanli.settle()
    assert alice.market.signatures == []
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["BUDGET_TOO_SMALL"]


def test_a_lease_over_more_than_the_budget_is_not_believed(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        request, tasks, (first, *rest) = alice.market.jobs[job.id]
        lease = first.lease.message.model_copy(update={"cap": request.order.message.budget + 1})
        receipt = first.receipt.message.model_copy(update={"lease": lease.id()})
        shown = {
            "lease": Signed[Lease](message=lease, signature=sign(OPERATOR, DOMAIN, lease)),
            "receipt": Signed[Receipt](message=receipt, signature=sign(NODE, DOMAIN, receipt)),
            "id": receipt.id(),
        }
        alice.market.jobs[job.id] = (request, tasks, [first.model_copy(update=shown), *rest])
        assert [error.reason for error in job.verify()] == [Reason.BUDGET_TOO_SMALL]


def test_a_second_receipt_for_one_lease_is_not_taken(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        request, tasks, (first, *rest) = alice.market.jobs[job.id]
        message = first.receipt.message
        usage = message.usage.model_copy(update={"fuel": 10**6})
        amount = receipt_charge(first.lease.message, usage)
        more = message.model_copy(update={"usage": usage, "amount": amount})
        signed = Signed[Receipt](message=more, signature=sign(NODE, DOMAIN, more))
        second = first.model_copy(update={"receipt": signed, "id": more.id()})
        alice.market.jobs[job.id] = (request, tasks, [first, second, *rest])
        assert [error.reason for error in job.verify()] == [Reason.EVIDENCE_CONTRADICTS]
        alice.market.batches = [proposal(alice, job, only=1)]
        suanli.settle()
    assert alice.market.signatures == []
    assert [refusal.reason for _, refusal in alice.market.refusals] == ["EVIDENCE_CONTRADICTS"]


def test_a_second_lease_under_one_serial_is_not_believed(alice: Buyer) -> None:
    """Only one of the two could ever be paid."""
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        alice.market.serials.clear()
        again = suanli.submit(alice.job)
        assert job.verify() == []
        assert {error.reason for error in again.verify()} == {Reason.EVIDENCE_CONTRADICTS}


def test_two_processes_cannot_both_spend_the_same_budget(
    alice: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both judge at the same moment, each a batch that fits the budget alone."""
    alice.job.write_text(JOB.replace("{replicas: 2}", "{replicas: 1}"))
    decide, meeting = consent.object_to_batch, threading.Barrier(2)

    def at_once(*arguments: Any) -> Objection | list[Hash]:
        decided = decide(*arguments)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=1)
        return decided

    with alice.connect() as one, alice.connect() as other:
        job = one.submit(alice.job)
        request, tasks, _ = alice.market.jobs[job.id]
        alice.market.jobs[job.id] = (request, tasks, dear(alice, job, 2))
        one.job(job.id).verify()
        batches = [proposal(alice, job, only=index) for index in range(2)]
        monkeypatch.setattr("suanli.client.settlement.object_to_batch", at_once)
        with ThreadPoolExecutor(2) as pool:
            hands = [
                CoSigner(each.connection, each.books, each.key, lambda: one.chain) for each in (one, other)
            ]
            for each in (one, other):
                assert each.books.receipt(dear(alice, job, 1)[0].id) is not None
            list(pool.map(lambda hand, batch: hand._answer_batch(batch), hands, batches))
    assert len(alice.market.signatures) == 1


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
            signed = {one.receipt.message.id(): one.nettings for one in suanli.record.commitments(job.id)}
            seen.append(made.netting.batch in signed[receipt])
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
    assert (len(alice.market.signatures), len(alice.market.refusals)) == (0, 0)
