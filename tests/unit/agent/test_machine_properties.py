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

LEASES = [f"0x{number:064x}" for number in range(3)]
leases = st.sampled_from(LEASES)
reasons = st.sampled_from([Reason.RUNNER_CRASHED, Reason.LEASE_EXPIRED, Reason.NOT_FUNDED])
DEADLINE = 100


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

    @rule(lease=leases, upto=st.integers(1, 6))
    def goes_its_way(self, lease: str, upto: int) -> None:
        """The first steps of the usual way, some of them perhaps not for the first time."""
        for step in (self.offer, self.prepare, self.start, self.seal, self.upload, self.acknowledge)[:upto]:
            step(lease)

    @rule(lease=leases, what=st.integers(0, 5))
    def hears_one_thing(self, lease: str, what: int) -> None:
        steps = (self.offer, self.prepare, self.start, self.seal, self.upload, self.acknowledge)
        steps[what](lease)

    @rule(lease=leases, reason=reasons, what=st.sampled_from(["declined", "failed", "refused", "fenced"]))
    def meets_trouble(self, lease: str, reason: Reason, what: str) -> None:
        if what == "fenced":
            self.tell(stimuli.Fenced(lease))
            return
        if what == "failed":
            self.running.discard(lease)
        kind = {"declined": stimuli.Declined, "failed": stimuli.Failed, "refused": stimuli.Refused}[what]
        self.tell(kind(lease, reason, ""))

    @rule(seconds=st.integers(0, 20))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        self.tell(stimuli.Clock(self.now))

    @rule(on=st.booleans())
    def drained(self, on: bool) -> None:
        self.tell(stimuli.Drain(on))

    def offer(self, lease: str) -> None:
        self.tell(stimuli.Offered(lease, DEADLINE, self.now))

    def prepare(self, lease: str) -> None:
        self.tell(stimuli.Prepared(lease))

    def start(self, lease: str) -> None:
        self.tell(stimuli.Started(lease, (1, 0.0)))

    def seal(self, lease: str) -> None:
        self.results[lease] += 1
        self.running.discard(lease)
        self.tell(stimuli.Sealed(lease, f"receipt {self.results[lease]}"))

    def upload(self, lease: str) -> None:
        self.tell(stimuli.Uploaded(lease))

    def acknowledge(self, lease: str) -> None:
        self.tell(stimuli.Acknowledged(lease))

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
