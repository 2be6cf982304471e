"""Verification: what becomes of a task, from all that its copies have yielded so far. Pure.

With REPLICAS, equal results from nodes of different owners make a result true, and the odd one out is not
paid. With BUYER, the buyer says so, and whoever leaves without a word has accepted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from market.core.lifecycle import FORGIVEN, LIVE_LEASES
from suanli.protocol.messages import Receipt, VerificationPolicy
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LeaseState, TaskState
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Explanation

QuorumKey = tuple[int, Hash, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Policy:
    """An order's policy, and how often a task may be tried beyond its replicas."""

    kind: VerificationPolicy
    replicas: int
    attempts_maximum: int


@dataclass(frozen=True, slots=True)
class Copy:
    """One lease of a task, in the order of their attempts; `reason` says why it ended without a result."""

    lease: Hash
    state: LeaseState
    reason: Explanation | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A task's next state; the leases to accept and to reject; how many more copies to place."""

    state: TaskState
    accepted: tuple[Hash, ...] = ()
    rejected: tuple[Hash, ...] = ()
    rejection: Explanation | None = None
    reason: Explanation | None = None
    open_copies: int = 0


def quorum_key(receipt: Receipt) -> QuorumKey:
    """What honest machines agree on: outcome, result and usage; the price may differ."""
    return receipt.outcome, receipt.result, receipt.usage.vector()


def judge(policy: Policy, copies: Sequence[Copy]) -> Verdict:
    """The verdict on a task while its job is open."""
    groups = _groups(copies)
    best = max(groups.values(), key=len, default=[])
    if policy.kind is VerificationPolicy.REPLICAS and len(best) >= policy.replicas:
        odd = tuple(copy.lease for group in groups.values() if group is not best for copy in group)
        detail = f"{len(best)} nodes of different owners agree on another result"
        rejection = Explanation(reason=Reason.RESULT_MISMATCH, detail=detail) if odd else None
        return Verdict(TaskState.ACCEPTED, _leases(best), odd, rejection)
    return _undecided(policy, copies, len(best))


def judge_by_buyer(policy: Policy, copies: Sequence[Copy], lease: Hash, accept: bool, detail: str) -> Verdict:
    """The verdict after the buyer has looked at one receipted copy."""
    if accept:
        return Verdict(TaskState.ACCEPTED, (lease,))
    rejection = Explanation(reason=Reason.RESULT_REJECTED, detail=detail or "the buyer rejected the result")
    after = [_rejected(copy, rejection) if copy.lease == lease else copy for copy in copies]
    verdict = judge(policy, after)
    return Verdict(verdict.state, (), (lease,), rejection, verdict.reason, verdict.open_copies)


def judge_at_close(copies: Sequence[Copy]) -> Verdict:
    """The verdict when the job ends early: receipted work is paid unless its results contradict each other.

    `state` is CANCELLED; a caller whose deadline has passed says FAILED instead.
    """
    groups = _groups(copies)
    if len(groups) > 1:
        leases = tuple(copy.lease for group in groups.values() for copy in group)
        detail = "the job ended while the results of this task differed"
        return Verdict(TaskState.CANCELLED, (), leases, Explanation(reason=Reason.NO_QUORUM, detail=detail))
    agreeing = next(iter(groups.values()), [])
    return Verdict(TaskState.CANCELLED, _leases(agreeing))


def _groups(copies: Sequence[Copy]) -> dict[QuorumKey, list[Copy]]:
    groups: dict[QuorumKey, list[Copy]] = {}
    for copy in copies:
        if copy.state is LeaseState.RECEIPTED and copy.receipt is not None:
            groups.setdefault(quorum_key(copy.receipt), []).append(copy)
    return groups


def _undecided(policy: Policy, copies: Sequence[Copy], agreeing: int) -> Verdict:
    live = sum(copy.state in LIVE_LEASES for copy in copies)
    receipted = any(copy.state is LeaseState.RECEIPTED for copy in copies)
    missing = max(0, policy.replicas - agreeing - live)
    left = policy.attempts_maximum + policy.replicas - 1 - sum(_counts(copy) for copy in copies)
    if missing > 0 and left <= 0 and live == 0:
        return _given_up(copies)
    state = TaskState.VERIFYING if receipted else TaskState.LEASED if live else TaskState.PENDING
    return Verdict(state, open_copies=max(0, min(missing, left)))


def _given_up(copies: Sequence[Copy]) -> Verdict:
    """No attempts are left: the receipts that contradict each other are not paid."""
    receipted = tuple(copy.lease for copy in copies if copy.state is LeaseState.RECEIPTED)
    reasons = [copy.reason for copy in copies if copy.reason is not None]
    no_quorum = Explanation(
        reason=Reason.NO_QUORUM, detail=f"no quorum of equal results after {len(copies)} attempts"
    )
    reason = no_quorum if receipted or not reasons else reasons[-1]
    return Verdict(TaskState.FAILED, (), receipted, no_quorum if receipted else None, reason)


def _counts(copy: Copy) -> bool:
    return copy.reason is None or copy.reason.reason not in FORGIVEN


def _rejected(copy: Copy, reason: Explanation) -> Copy:
    return Copy(copy.lease, LeaseState.REJECTED, reason, copy.receipt)


def _leases(copies: Sequence[Copy]) -> tuple[Hash, ...]:
    return tuple(copy.lease for copy in copies)
