"""The agent's mind: for every stimulus the instructions that follow. No I/O, no clock, no keys.

The states are those of `suanli.protocol.states.RUN`. A `Record` stands before the effects that rely on it, so
whatever is cut off after it is done again from the journal: `Machine.restored` says how.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

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
from suanli.protocol.states import RUN, RunState, is_final, may
from suanli.protocol.values import Hash

MAXIMUM_STARTS = 3
"""A lease that was started so often without a receipt is handed back: it may be what kills the agent."""
_NO_NEW_WORK = "the node takes no new work"
_RECEIPTED = frozenset({RunState.FINISHED, RunState.UPLOADED})
_TOO_LATE = frozenset({Reason.LEASE_EXPIRED, Reason.DEADLINE_PASSED, Reason.MESSAGE_EXPIRED})


@dataclass
class Machine:
    """All leases that may still matter, and the node's readiness to work."""

    slots: int
    draining: bool = False
    stopping: bool = False
    leases: dict[Hash, Held] = field(default_factory=dict)
    _ready: list[Hash] = field(default_factory=list)
    _active: set[Hash] = field(default_factory=set)

    def restored(self, journalled: Iterable[Held]) -> list[Instruction]:
        """Takes over what an earlier agent journalled and says how to go on with it."""
        instructions: list[Instruction] = []
        for held in journalled:
            self.leases[held.lease] = held
            if held.state in (RunState.STARTING, RunState.RUNNING):
                instructions += [KillOrphan(held)]
            instructions += _resumption(held)
        return instructions

    def held(self) -> list[Hash]:
        """The leases that the node answers for, as its heartbeat says."""
        return [lease for lease, held in self.leases.items() if not is_final(RUN, held.state)]

    def is_idle(self) -> bool:
        """Whether nothing is left to do for any lease."""
        return not self.held()

    def handle(self, stimulus: Stimulus) -> list[Instruction]:
        """What to do about `stimulus`, in order. What comes late, twice or out of turn changes nothing."""
        match stimulus:
            case Offered():
                return self._offered(stimulus)
            case Prepared(lease):
                return self._prepared(lease)
            case Declined(lease, reason, detail):
                return [] if lease in self._active else self._given_up(lease, reason, detail)
            case Failed(lease, reason, detail):
                return self._given_up(lease, reason, detail) if lease in self._active else []
            case Started(lease, process):
                return self._started(lease, process)
            case Sealed(lease, receipt):
                return self._sealed(lease, receipt)
            case Uploaded(lease):
                return self._moved(lease, RunState.UPLOADED, [Announce(lease)])
            case Acknowledged(lease):
                return self._moved(lease, RunState.ACKED, [Forget(lease)])
            case Refused(lease, reason, detail):
                return self._refused(lease, reason, detail)
            case Fenced(lease):
                return self._void(
                    lease, RunState.FENCED, Reason.LEASE_FENCED, "the market withdrew the lease"
                )
            case Clock(now):
                return self._clock(now)
            case Drain(on):
                return self._drain(on)
            case Stop():
                return self._stop()

    def _offered(self, offer: Offered) -> list[Instruction]:
        held = self.leases.get(offer.lease)
        if held is not None:
            return _answer_again(held)
        if offer.deadline <= offer.now:
            # Not recorded: it may be an old lease whose record the machine no longer holds.
            return [HandBack(offer.lease, Reason.LEASE_EXPIRED, "the lease's deadline has passed")]
        held = Held(offer.lease, offer.deadline)
        if self.draining or self.stopping:
            self.leases[offer.lease] = held
            return self._given_up(offer.lease, Reason.NODE_DRAINING, _NO_NEW_WORK)
        return [self._record(held), Prepare(offer.lease)]

    def _prepared(self, lease: Hash) -> list[Instruction]:
        if not self._is_unreceipted(lease) or lease in self._active or lease in self._ready:
            return []
        if self.draining:
            return self._given_up(lease, Reason.NODE_DRAINING, _NO_NEW_WORK)
        self._ready.append(lease)
        return self._fill_slots()

    def _fill_slots(self) -> list[Instruction]:
        instructions: list[Instruction] = []
        while self._ready and len(self._active) < self.slots and not (self.draining or self.stopping):
            instructions += self._start(self._ready.pop(0))
        return instructions

    def _start(self, lease: Hash) -> list[Instruction]:
        held = self.leases[lease]
        if held.starts >= MAXIMUM_STARTS:
            detail = f"started {held.starts} times without a result"
            return self._given_up(lease, Reason.RUNNER_CRASHED, detail)
        state = RunState.STARTING if held.state is RunState.ASSIGNED else held.state
        self._active.add(lease)
        return [self._record(replace(held, state=state, starts=held.starts + 1, process=None)), Run(lease)]

    def _started(self, lease: Hash, process: tuple[int, float]) -> list[Instruction]:
        if lease not in self._active or self.leases[lease].process is not None:
            return []
        held = replace(self.leases[lease], state=RunState.RUNNING, process=process)
        return [self._record(held)]

    def _sealed(self, lease: Hash, receipt: object) -> list[Instruction]:
        if lease not in self._active:
            return []
        self._active.discard(lease)
        held = replace(self.leases[lease], state=RunState.FINISHED)
        return [self._record(held, receipt), Upload(lease), *self._fill_slots()]

    def _given_up(self, lease: Hash, reason: Reason, detail: str) -> list[Instruction]:
        if not self._is_unreceipted(lease):
            return []
        kill = self._release(lease)
        held = replace(self.leases[lease], state=RunState.HANDED_BACK, reason=reason, detail=detail)
        answer = HandBack(lease, reason, detail)
        return [*kill, self._record(held), answer, Forget(lease), *self._fill_slots()]

    def _refused(self, lease: Hash, reason: Reason, detail: str) -> list[Instruction]:
        held = self.leases.get(lease)
        if held is None or held.state not in _RECEIPTED:
            return []
        state = RunState.LOST if reason in _TOO_LATE else RunState.FENCED
        return [self._record(replace(held, state=state, reason=reason, detail=detail)), Forget(lease)]

    def _void(self, lease: Hash, state: RunState, reason: Reason, detail: str) -> list[Instruction]:
        """A receipt outlives its lease's end: only work that has none is dropped."""
        if not self._is_unreceipted(lease):
            return []
        kill = self._release(lease)
        held = replace(self.leases[lease], state=state, reason=reason, detail=detail)
        return [*kill, self._record(held), Forget(lease), *self._fill_slots()]

    def _clock(self, now: int) -> list[Instruction]:
        instructions: list[Instruction] = []
        for lease, held in list(self.leases.items()):
            if held.deadline > now:
                continue
            if is_final(RUN, held.state):
                del self.leases[lease]
            else:
                detail = "the lease's deadline passed before the run ended"
                instructions += self._void(lease, RunState.LOST, Reason.LEASE_EXPIRED, detail)
        return instructions

    def _drain(self, on: bool) -> list[Instruction]:
        self.draining = on
        waiting = [lease for lease in self.held() if lease not in self._active] if on else []
        return [
            instruction
            for lease in waiting
            for instruction in self._given_up(lease, Reason.NODE_DRAINING, _NO_NEW_WORK)
        ]

    def _stop(self) -> list[Instruction]:
        self.stopping = True
        return [
            instruction
            for lease in self.held()
            for instruction in self._given_up(lease, Reason.NODE_DRAINING, "the agent ends")
        ]

    def _moved(self, lease: Hash, state: RunState, then: list[Instruction]) -> list[Instruction]:
        held = self.leases.get(lease)
        if held is None or not may(RUN, held.state, state):
            return []
        return [self._record(replace(held, state=state)), *then]

    def _release(self, lease: Hash) -> list[Instruction]:
        if lease in self._ready:
            self._ready.remove(lease)
        if lease not in self._active:
            return []
        self._active.discard(lease)
        return [Kill(lease)]

    def _is_unreceipted(self, lease: Hash) -> bool:
        held = self.leases.get(lease)
        return held is not None and held.state not in _RECEIPTED and not is_final(RUN, held.state)

    def _record(self, held: Held, receipt: object | None = None) -> Record:
        self.leases[held.lease] = held
        return Record(held, receipt)


def _resumption(held: Held) -> list[Instruction]:
    """What a lease in this state still needs."""
    match held.state:
        case RunState.ASSIGNED | RunState.STARTING | RunState.RUNNING:
            return [Prepare(held.lease)]
        case RunState.FINISHED:
            return [Upload(held.lease)]
        case RunState.UPLOADED:
            return [Announce(held.lease)]
        case _:
            return []


def _answer_again(held: Held) -> list[Instruction]:
    """The market lists a lease that is over here: an answer of ours was lost on the way."""
    if held.state is RunState.ACKED:
        return [Announce(held.lease)]
    if is_final(RUN, held.state):
        return [HandBack(held.lease, held.reason or Reason.LEASE_FENCED, held.detail)]
    return []
