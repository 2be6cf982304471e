"""The agent's state machine as lists of events: what happens, and what the agent must do about it."""

from dataclasses import replace

from provider_agent.instructions import (
    Announce,
    Forget,
    HandBack,
    Held,
    Instruction,
    Kill,
    KillOrphan,
    Prepare,
    Record,
    Run,
    Upload,
)
from provider_agent.machine import MAXIMUM_STARTS, Machine
from provider_agent.stimuli import (
    Acknowledged,
    Clock,
    Declined,
    Drain,
    Failed,
    Fenced,
    Offered,
    Prepared,
    Refused,
    Sealed,
    Started,
    Stimulus,
    Stop,
    Uploaded,
)
from suanli.protocol.reasons import Reason
from suanli.protocol.states import RunState

LEASE, OTHER = "0x" + "aa" * 32, "0x" + "bb" * 32
NOW, DEADLINE = 1_000, 2_000
RECEIPT = "a signed receipt"
OFFER = Offered(LEASE, DEADLINE, NOW)
STARTED = Started(LEASE, (4711, 1.5))
TO_RUNNING: list[Stimulus] = [OFFER, Prepared(LEASE), STARTED]
TO_FINISHED: list[Stimulus] = [*TO_RUNNING, Sealed(LEASE, RECEIPT)]
TO_ACKED: list[Stimulus] = [*TO_FINISHED, Uploaded(LEASE), Acknowledged(LEASE)]


def fed(*stimuli: Stimulus, slots: int = 1) -> tuple[Machine, list[Instruction]]:
    """A machine after these events, and all that it said."""
    machine = Machine(slots)
    return machine, [instruction for stimulus in stimuli for instruction in machine.handle(stimulus)]


def states(instructions: list[Instruction]) -> list[RunState]:
    return [one.held.state for one in instructions if isinstance(one, Record)]


def said(instructions: list[Instruction], kind: type[Instruction]) -> list[Instruction]:
    return [one for one in instructions if isinstance(one, kind)]


def test_a_lease_goes_its_whole_way_and_every_state_is_recorded_before_its_effect() -> None:
    machine, instructions = fed(*TO_ACKED)
    kinds = [one.held.state if isinstance(one, Record) else type(one) for one in instructions]
    assert kinds == [
        RunState.ASSIGNED, Prepare, RunState.STARTING, Run, RunState.RUNNING, RunState.FINISHED, Upload,
        RunState.UPLOADED, Announce, RunState.ACKED, Forget,
    ]  # fmt: skip
    assert machine.is_idle()


def test_the_receipt_is_recorded_with_the_finished_state() -> None:
    _, instructions = fed(*TO_FINISHED)
    finished = next(one for one in instructions if isinstance(one, Record) and one.receipt is not None)
    assert (finished.held.state, finished.receipt) == (RunState.FINISHED, RECEIPT)


def test_everything_said_twice_is_done_once() -> None:
    twice = [stimulus for stimulus in TO_ACKED for _ in (1, 2)]
    assert states(fed(*twice)[1]) == states(fed(*TO_ACKED)[1])
    assert said(fed(*twice)[1], Run) == [Run(LEASE)]


def test_a_second_lease_waits_for_a_slot() -> None:
    other = [Offered(OTHER, DEADLINE, NOW), Prepared(OTHER)]
    machine, before = fed(*TO_RUNNING, *other)
    assert said(before, Run) == [Run(LEASE)]
    assert Run(OTHER) in machine.handle(Sealed(LEASE, RECEIPT))


def test_two_slots_run_two_leases() -> None:
    _, instructions = fed(*TO_RUNNING, Offered(OTHER, DEADLINE, NOW), Prepared(OTHER), slots=2)
    assert said(instructions, Run) == [Run(LEASE), Run(OTHER)]


def test_a_declined_lease_is_handed_back_with_its_reason() -> None:
    machine, instructions = fed(OFFER, Declined(LEASE, Reason.NOT_FUNDED, "no money"))
    assert HandBack(LEASE, Reason.NOT_FUNDED, "no money") in instructions
    assert machine.leases[LEASE].state is RunState.HANDED_BACK


def test_a_failed_run_is_handed_back_and_its_slot_is_free_again() -> None:
    other = [Offered(OTHER, DEADLINE, NOW), Prepared(OTHER)]
    failure = Failed(LEASE, Reason.WALL_CLOCK_EXCEEDED, "too slow")
    _, instructions = fed(*TO_RUNNING, *other, failure)
    assert HandBack(LEASE, Reason.WALL_CLOCK_EXCEEDED, "too slow") in instructions
    assert Run(OTHER) in instructions


def test_a_fenced_lease_is_killed_and_dropped() -> None:
    machine, instructions = fed(*TO_RUNNING, Fenced(LEASE))
    assert Kill(LEASE) in instructions
    assert machine.leases[LEASE].state is RunState.FENCED


def test_the_result_of_a_fenced_run_is_not_receipted() -> None:
    _, instructions = fed(*TO_RUNNING, Fenced(LEASE), Sealed(LEASE, RECEIPT))
    assert not any(one.receipt for one in instructions if isinstance(one, Record))


def test_a_fence_does_not_take_a_receipt_away() -> None:
    machine, _ = fed(*TO_FINISHED, Fenced(LEASE))
    assert machine.leases[LEASE].state is RunState.FINISHED
    assert Announce(LEASE) in machine.handle(Uploaded(LEASE))


def test_a_deadline_ends_a_run_but_not_a_receipt() -> None:
    machine, instructions = fed(*TO_RUNNING, Clock(DEADLINE))
    assert Kill(LEASE) in instructions
    assert states(instructions)[-1] is RunState.LOST
    machine, _ = fed(*TO_FINISHED, Clock(DEADLINE))
    assert machine.held() == [LEASE]


def test_a_receipt_that_the_market_refuses_is_kept_but_not_announced_again() -> None:
    machine, _ = fed(*TO_FINISHED, Uploaded(LEASE), Refused(LEASE, Reason.LEASE_FENCED, "too late"))
    assert machine.leases[LEASE].state is RunState.FENCED
    machine, _ = fed(*TO_FINISHED, Uploaded(LEASE), Refused(LEASE, Reason.LEASE_EXPIRED, "too late"))
    assert machine.leases[LEASE].state is RunState.LOST


def test_a_draining_node_finishes_what_runs_and_takes_nothing_new() -> None:
    waiting = [Offered(OTHER, DEADLINE, NOW), Prepared(OTHER)]
    machine, instructions = fed(*TO_RUNNING, *waiting, Drain(True))
    assert [one.lease for one in said(instructions, HandBack)] == [OTHER]  # type: ignore[union-attr]
    assert machine.held() == [LEASE]
    assert HandBack("0xcc", Reason.NODE_DRAINING, "the node takes no new work") in machine.handle(
        Offered("0xcc", DEADLINE, NOW)
    )


def test_a_drain_is_taken_back() -> None:
    machine, _ = fed(Drain(True), Drain(False))
    assert Prepare(LEASE) in machine.handle(OFFER)


def test_an_ending_agent_hands_back_what_has_no_receipt() -> None:
    machine, instructions = fed(*TO_RUNNING, Stop())
    assert Kill(LEASE) in instructions
    assert said(instructions, HandBack)
    machine, instructions = fed(*TO_FINISHED, Stop())
    assert machine.held() == [LEASE]
    assert not said(instructions, HandBack)


def test_an_offer_of_a_lease_that_is_over_is_answered_again() -> None:
    machine, _ = fed(*TO_ACKED)
    assert machine.handle(OFFER) == [Announce(LEASE)]
    machine, _ = fed(OFFER, Declined(LEASE, Reason.DISK_FULL, "no room"))
    assert machine.handle(OFFER) == [HandBack(LEASE, Reason.DISK_FULL, "no room")]


def test_an_expired_offer_is_handed_back_without_a_record() -> None:
    machine, instructions = fed(Offered(LEASE, NOW, NOW))
    assert [type(one) for one in instructions] == [HandBack]
    assert not machine.leases


def test_leases_that_are_over_are_forgotten_after_their_deadline() -> None:
    machine, _ = fed(*TO_ACKED, Clock(DEADLINE))
    assert not machine.leases


def restored(held: Held) -> tuple[Machine, list[Instruction]]:
    machine = Machine(1)
    return machine, machine.restored([held])


def test_after_a_crash_a_run_without_a_receipt_runs_again_and_its_orphan_is_killed() -> None:
    held = Held(LEASE, DEADLINE, RunState.RUNNING, starts=1, process=(4711, 1.5))
    machine, instructions = restored(held)
    assert instructions == [KillOrphan(held), Prepare(LEASE)]
    again = machine.handle(Prepared(LEASE))
    assert Run(LEASE) in again
    assert machine.leases[LEASE].state is RunState.RUNNING
    assert machine.leases[LEASE].starts == 2


def test_after_a_crash_a_receipt_is_uploaded_or_announced_again() -> None:
    assert restored(Held(LEASE, DEADLINE, RunState.FINISHED))[1] == [Upload(LEASE)]
    assert restored(Held(LEASE, DEADLINE, RunState.UPLOADED))[1] == [Announce(LEASE)]
    assert restored(Held(LEASE, DEADLINE, RunState.ACKED))[1] == []


def test_a_lease_that_keeps_killing_the_agent_is_handed_back() -> None:
    held = Held(LEASE, DEADLINE, RunState.STARTING, starts=MAXIMUM_STARTS)
    machine, _ = restored(held)
    instructions = machine.handle(Prepared(LEASE))
    assert not said(instructions, Run)
    assert machine.leases[LEASE] == replace(
        held,
        state=RunState.HANDED_BACK,
        reason=Reason.RUNNER_CRASHED,
        detail="started 3 times without a result",
    )
