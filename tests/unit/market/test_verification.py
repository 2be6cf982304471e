from hypothesis import given
from hypothesis import strategies as st

from market.core.verification import Copy, Policy, judge, judge_at_close, judge_by_buyer
from suanli.protocol.messages import Receipt, Usage, VerificationPolicy
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LEASE, LeaseState, TaskState, may
from suanli.protocol.wire.common import Explanation
from tests.unit.market.books import hash_

TWO = Policy(VerificationPolicy.REPLICAS, 2, attempts_maximum=5)
ONE = Policy(VerificationPolicy.REPLICAS, 1, attempts_maximum=5)
BUYER = Policy(VerificationPolicy.BUYER, 1, attempts_maximum=5)


def receipted(number: int, result: int, *, fuel: int = 7, amount: int = 3) -> Copy:
    usage = Usage(fuel=fuel, memoryFuel=0, ingress=0, egress=0)
    receipt = Receipt(lease=hash_(number), outcome=0, result=hash_(result), usage=usage, amount=amount)
    return Copy(hash_(number), LeaseState.RECEIPTED, None, receipt)


def running(number: int) -> Copy:
    return Copy(hash_(number), LeaseState.RUNNING)


def ended(number: int, reason: Reason, state: LeaseState = LeaseState.HANDED_BACK) -> Copy:
    return Copy(hash_(number), state, Explanation(reason=reason, detail="it ended"))


def test_one_result_is_enough_for_one_replica() -> None:
    verdict = judge(ONE, [receipted(1, result=9)])
    assert (verdict.state, verdict.accepted, verdict.rejected) == (TaskState.ACCEPTED, (hash_(1),), ())


def test_two_equal_results_are_both_paid_though_prices_differ() -> None:
    verdict = judge(TWO, [receipted(1, result=9, amount=3), receipted(2, result=9, amount=5)])
    assert (verdict.state, verdict.accepted) == (TaskState.ACCEPTED, (hash_(1), hash_(2)))


def test_a_mismatch_brings_in_another_node() -> None:
    verdict = judge(TWO, [receipted(1, result=9), receipted(2, result=8)])
    assert (verdict.state, verdict.open_copies) == (TaskState.VERIFYING, 1)
    assert not verdict.accepted


def test_equal_results_with_different_usage_are_a_mismatch() -> None:
    verdict = judge(TWO, [receipted(1, result=9, fuel=7), receipted(2, result=9, fuel=8)])
    assert verdict.state is TaskState.VERIFYING


def test_the_odd_one_out_is_rejected_with_its_reason() -> None:
    verdict = judge(TWO, [receipted(1, result=9), receipted(2, result=8), receipted(3, result=8)])
    assert verdict.accepted == (hash_(2), hash_(3))
    assert verdict.rejected == (hash_(1),)
    assert verdict.rejection is not None
    assert verdict.rejection.reason is Reason.RESULT_MISMATCH


def test_a_handback_opens_another_copy() -> None:
    verdict = judge(ONE, [ended(1, Reason.RUNNER_CRASHED)])
    assert (verdict.state, verdict.open_copies) == (TaskState.PENDING, 1)


def test_a_running_copy_is_waited_for() -> None:
    verdict = judge(TWO, [receipted(1, result=9), running(2)])
    assert (verdict.state, verdict.open_copies) == (TaskState.VERIFYING, 0)
    assert judge(ONE, [running(1)]).state is TaskState.LEASED


def test_a_task_is_given_up_with_the_last_reason() -> None:
    copies = [ended(number, Reason.WALL_CLOCK_EXCEEDED) for number in range(4)]
    assert judge(ONE, copies).open_copies == 1
    verdict = judge(ONE, [*copies, ended(5, Reason.DISK_FULL)])
    assert verdict.state is TaskState.FAILED
    assert verdict.reason is not None
    assert verdict.reason.reason is Reason.DISK_FULL


def test_silence_and_draining_cost_no_attempt() -> None:
    silent = [ended(number, Reason.NODE_SILENT, LeaseState.LOST) for number in range(20)]
    drained = [ended(number, Reason.NODE_DRAINING) for number in range(20, 40)]
    assert judge(ONE, silent + drained).open_copies == 1


def test_endless_disagreement_ends_without_a_quorum() -> None:
    copies = [receipted(number, result=number) for number in range(6)]
    verdict = judge(TWO, copies)
    assert verdict.state is TaskState.FAILED
    assert verdict.reason is not None
    assert verdict.reason.reason is Reason.NO_QUORUM
    assert set(verdict.rejected) == {copy.lease for copy in copies}


def test_a_buyer_is_asked_before_anything_is_accepted() -> None:
    verdict = judge(BUYER, [receipted(1, result=9)])
    assert (verdict.state, verdict.open_copies, verdict.accepted) == (TaskState.VERIFYING, 0, ())


def test_a_buyer_accepts_a_result() -> None:
    verdict = judge_by_buyer(BUYER, [receipted(1, result=9)], hash_(1), accept=True, detail="")
    assert (verdict.state, verdict.accepted) == (TaskState.ACCEPTED, (hash_(1),))


def test_a_rejected_result_brings_in_another_node() -> None:
    verdict = judge_by_buyer(BUYER, [receipted(1, result=9)], hash_(1), accept=False, detail="blurred")
    assert (verdict.state, verdict.open_copies) == (TaskState.PENDING, 1)
    assert verdict.rejected == (hash_(1),)
    assert verdict.rejection == Explanation(reason=Reason.RESULT_REJECTED, detail="blurred")


def test_a_job_that_ends_early_pays_what_was_receipted() -> None:
    assert judge_at_close([receipted(1, result=9), running(2)]).accepted == (hash_(1),)
    assert judge_at_close([receipted(1, result=9), receipted(2, result=9)]).accepted == (hash_(1), hash_(2))
    assert judge_at_close([running(1)]).accepted == ()


def test_a_job_that_ends_early_pays_nothing_for_contradictions() -> None:
    verdict = judge_at_close([receipted(1, result=9), receipted(2, result=8)])
    assert not verdict.accepted
    assert verdict.rejected == (hash_(1), hash_(2))


_copies = st.lists(
    st.integers(0, 5).flatmap(lambda kind: st.just(kind)),
    max_size=12,
).map(
    lambda kinds: [
        receipted(number, result=kind)
        if kind < 3
        else running(number)
        if kind == 3
        else ended(number, Reason.RUNNER_CRASHED if kind == 4 else Reason.NODE_SILENT, LeaseState.LOST)
        for number, kind in enumerate(kinds)
    ]
)


@given(st.integers(1, 4), st.integers(1, 6), _copies)
def test_a_verdict_is_always_consistent(replicas: int, attempts: int, copies: list[Copy]) -> None:
    verdict = judge(Policy(VerificationPolicy.REPLICAS, replicas, attempts), copies)
    by_lease = {copy.lease: copy for copy in copies}
    assert not set(verdict.accepted) & set(verdict.rejected)
    for lease in (*verdict.accepted, *verdict.rejected):
        assert may(LEASE, by_lease[lease].state, LeaseState.ACCEPTED)
    assert (verdict.state is TaskState.ACCEPTED) == (len(verdict.accepted) >= replicas)
    assert (verdict.state is TaskState.FAILED) == (verdict.reason is not None)
    if verdict.state in (TaskState.ACCEPTED, TaskState.FAILED):
        assert verdict.open_copies == 0
    results = {by_lease[lease].receipt.result for lease in verdict.accepted}  # type: ignore[union-attr]
    assert len(results) <= 1
    stuck = verdict.state in (TaskState.PENDING, TaskState.VERIFYING) and not verdict.open_copies
    assert not stuck or any(copy.state is LeaseState.RUNNING for copy in copies)
