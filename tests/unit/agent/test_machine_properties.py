"""Any order of stimuli, crashes included: no receipted lease runs again, and no receipt is lost."""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from provider_agent import instructions as do
from provider_agent import stimuli
from provider_agent.instructions import Held, Instruction
from provider_agent.machine import MAXIMUM_STARTS, Machine
from suanli.protocol.reasons import Reason
from suanli.protocol.states import RUN, RunState, is_final, may

LEASES = [f"0x{number:064x}" for number in range(4)]
leases = st.sampled_from(LEASES)
reasons = st.sampled_from([Reason.RUNNER_CRASHED, Reason.LEASE_EXPIRED, Reason.NOT_FUNDED])
DEADLINE = 50


class AnyOrder(RuleBasedStateMachine):
    """A journal and a world around the machine; the world may say anything at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.slots = 2
        self.machine = Machine(self.slots)
        self.journal: dict[str, Held] = {}
        self.receipts: dict[str, object] = {}
        self.running: set[str] = set()
        self.delivering: set[str] = set()
        self.results = Counter[str]()

    def tell(self, stimulus: stimuli.Stimulus) -> None:
        for instruction in self.machine.handle(stimulus):
            self.obey(instruction)

    def obey(self, instruction: Instruction) -> None:
        match instruction:
            case do.Record(held, receipt):
                self.record(held, receipt)
            case do.Run(lease):
                assert lease not in self.running, "two runs of one lease"
                assert lease not in self.receipts, "a receipted lease runs again"
                self.running.add(lease)
                assert len(self.running) <= self.slots
            case do.Kill(lease):
                self.running.discard(lease)
            case do.Upload(lease) | do.Announce(lease):
                assert lease in self.receipts, "announced what is not in the journal"
                self.delivering.add(lease)
            case do.HandBack(lease):
                assert lease not in self.receipts or is_final(RUN, self.journal[lease].state)

    def record(self, held: Held, receipt: object | None) -> None:
        before = self.journal.get(held.lease)
        if before is not None and before.state is not held.state:
            assert may(RUN, before.state, held.state), f"{before.state} -> {held.state}"
        if receipt is not None:
            assert held.lease not in self.receipts, "a receipt was replaced"
            self.receipts[held.lease] = receipt
        assert held.starts <= MAXIMUM_STARTS
        self.journal[held.lease] = held

    @rule(lease=leases)
    def offered(self, lease: str) -> None:
        self.tell(stimuli.Offered(lease, DEADLINE, self.now))

    @rule(lease=leases)
    def prepared(self, lease: str) -> None:
        self.tell(stimuli.Prepared(lease))

    @rule(lease=leases, reason=reasons)
    def declined(self, lease: str, reason: Reason) -> None:
        self.tell(stimuli.Declined(lease, reason, ""))

    @rule(lease=leases, number=st.integers(1, 9))
    def started(self, lease: str, number: int) -> None:
        self.tell(stimuli.Started(lease, (number, 0.0)))

    @rule(lease=leases)
    def sealed(self, lease: str) -> None:
        self.results[lease] += 1
        self.tell(stimuli.Sealed(lease, f"receipt {self.results[lease]}"))
        self.running.discard(lease)

    @rule(lease=leases, reason=reasons)
    def failed(self, lease: str, reason: Reason) -> None:
        self.tell(stimuli.Failed(lease, reason, ""))
        self.running.discard(lease)

    @rule(lease=leases)
    def uploaded(self, lease: str) -> None:
        self.tell(stimuli.Uploaded(lease))

    @rule(lease=leases)
    def acknowledged(self, lease: str) -> None:
        self.tell(stimuli.Acknowledged(lease))

    @rule(lease=leases, reason=reasons)
    def refused(self, lease: str, reason: Reason) -> None:
        self.tell(stimuli.Refused(lease, reason, ""))

    @rule(lease=leases)
    def fenced(self, lease: str) -> None:
        self.tell(stimuli.Fenced(lease))

    @rule(seconds=st.integers(0, 20))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        self.tell(stimuli.Clock(self.now))

    @rule(on=st.booleans())
    def drained(self, on: bool) -> None:
        self.tell(stimuli.Drain(on))

    @rule(graceful=st.booleans())
    def agent_dies_and_starts_again(self, graceful: bool) -> None:
        if graceful:
            self.tell(stimuli.Stop())
        self.running.clear()
        self.delivering.clear()
        self.machine = Machine(self.slots)
        relevant = [
            held
            for held in self.journal.values()
            if not is_final(RUN, held.state) or held.deadline > self.now
        ]
        for instruction in self.machine.restored(relevant):
            self.obey(instruction)

    @invariant()
    def every_receipt_is_on_its_way_or_answered(self) -> None:
        for lease in self.receipts:
            answered = {RunState.ACKED, RunState.FENCED, RunState.LOST}
            assert self.journal[lease].state in answered or lease in self.delivering

    @invariant()
    def machine_and_journal_agree(self) -> None:
        for lease, held in self.machine.leases.items():
            assert self.journal[lease] == held


AnyOrder.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
