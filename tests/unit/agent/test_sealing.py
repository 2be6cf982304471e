"""A receipt says what was run, what it used and what it costs; nothing in it depends on the machine."""

from provider_agent.executors.base import Run
from provider_agent.sealing import make_receipt, random_seed
from suanli.protocol.charging import wrong_charge
from suanli.protocol.documents import BlobReference
from suanli.protocol.messages import Outcome
from suanli.protocol.reasons import Reason
from tests.unit.agent.offers import CAST, assignment

OUTPUT = BlobReference(path="a", hash="0x" + "aa" * 32, size=1000)


def run(reason: Reason | None = None, exit_code: int | None = 0) -> Run:
    outcome = Outcome.COMPLETED if reason is None else Outcome.PROGRAM_FAILED
    return Run(outcome, reason, "words for people", exit_code, 5_000_000, 1 << 20, (OUTPUT,))


def test_the_receipt_of_a_good_run_passes_the_markets_own_check() -> None:
    offer = assignment()
    lease, order = offer.lease.message, offer.order.message
    receipt, manifest = make_receipt(lease, offer.spec, run())
    assert wrong_charge(lease, order.limits, offer.spec, receipt, manifest) == ""
    assert (receipt.result, receipt.lease) == (manifest.content_hash(), lease.id())


def test_a_failed_program_is_charged_for_its_work_and_its_outputs_do_not_count() -> None:
    offer = assignment()
    receipt, manifest = make_receipt(offer.lease.message, offer.spec, run(Reason.PROGRAM_TRAPPED, None))
    assert manifest.outputs == []
    assert (receipt.usage.egress, receipt.usage.fuel) == (0, 5_000_000)
    assert receipt.outcome == Outcome.PROGRAM_FAILED


def test_two_nodes_get_the_same_result_and_seed_for_copies_of_one_task() -> None:
    first = assignment()
    second = assignment(node=CAST.owner.address, attempt=1)
    results = [make_receipt(one.lease.message, one.spec, run())[0] for one in (first, second)]
    assert results[0].result == results[1].result
    assert results[0].usage == results[1].usage
    assert random_seed(first.lease.message) == random_seed(second.lease.message)


def test_two_tasks_get_different_seeds() -> None:
    lease = assignment().lease.message
    assert random_seed(lease) != random_seed(lease.model_copy(update={"task": 1}))
