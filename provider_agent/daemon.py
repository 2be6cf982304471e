"""The agent at work: feeds the machine with what happens, carries out what it says, keeps the loops running.

One thread, one event loop. Everything that must survive is in the journal before it has an effect.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field

import psutil
import structlog

from provider_agent import instructions as do
from provider_agent import stimuli
from provider_agent.client import MarketClient
from provider_agent.effects import LeaseEffects
from provider_agent.instructions import Instruction
from provider_agent.journal import Journal, SealedReceipt
from provider_agent.machine import Machine
from provider_agent.settings import Timing
from provider_agent.stimuli import Stimulus
from suanli.protocol.errors import NodeError
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.nodes import Assignment, Heartbeat

log = structlog.get_logger()

DRAINING_FACT = "draining"
"""The journal's fact by which `suanli node drain` speaks to a running agent: 1 or 0."""
_TICK_SECONDS = 1.0
_BIRTH_TOLERANCE = 2.0
_PATIENCE_SECONDS = 3.0
"""How long an ending agent waits for its last messages to arrive."""
_BARE_POLL_PAUSE = 0.1
_TROUBLE_PAUSE = 1.0


@dataclass
class Daemon:
    """One agent between start and stop."""

    node: Address
    machine: Machine
    journal: Journal
    client: MarketClient
    timing: Timing
    make_effects: Callable[[Callable[[Stimulus], None]], LeaseEffects]
    clock: Callable[[], float] = time.time
    _effects: LeaseEffects = field(init=False)
    _assignments: dict[Hash, Assignment] = field(default_factory=dict)
    _journalled: set[Hash] = field(default_factory=set)
    _runs: dict[Hash, asyncio.Task[None]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _last_messages: set[asyncio.Task[None]] = field(default_factory=set)
    _group: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, also: Iterable[Callable[[], Coroutine[None, None, None]]] = ()) -> None:
        """Works until `stop`; `also` are further loops that live as long."""
        self._effects = self.make_effects(self.handle)
        async with self._group:
            self._resume()
            loops = [self._fetch_leases, self._beat, self._tick, *also]
            for loop in loops:
                self._spawn(loop())
            await self._stopping.wait()
            await self._wind_up()
            for task in list(self._tasks):
                task.cancel()
        await self._effects.executor.close()

    def stop(self) -> None:
        """Ends the agent within a few seconds: what cannot finish is handed back."""
        self._stopping.set()

    def handle(self, stimulus: Stimulus) -> None:
        """Tells the machine and does what it says."""
        for instruction in self.machine.handle(stimulus):
            self._perform(instruction)

    def _resume(self) -> None:
        now = int(self.clock())
        held = self.journal.relevant(now)
        self._journalled.update(one.lease for one in held)
        for instruction in self.machine.restored(held):
            self._perform(instruction)
        self._effects.tidy(self.machine.held())
        if self.machine.held():
            log.info("resumed", leases=len(self.machine.held()))

    def _perform(self, instruction: Instruction) -> None:
        match instruction:
            case do.Record(held, receipt):
                self._record(held, receipt)
            case do.Prepare(lease):
                self._spawn(self._effects.prepare(self._assignment(lease)))
            case do.Run(lease):
                self._runs[lease] = self._spawn(self._effects.run(self._assignment(lease)))
            case do.Kill(lease):
                if (running := self._runs.pop(lease, None)) is not None:
                    running.cancel()
            case do.KillOrphan(held):
                _kill_orphan(held)
            case do.Upload(lease):
                self._spawn_last(self._effects.upload(lease))
            case do.Announce(lease):
                self._spawn_last(self._effects.announce(lease))
            case do.HandBack(lease, reason, detail):
                self._spawn_last(self._effects.hand_back(lease, reason, detail))
            case do.Forget(lease):
                self._assignments.pop(lease, None)
                self._effects.forget(lease)

    def _record(self, held: do.Held, receipt: object | None) -> None:
        now = int(self.clock())
        log.info("lease", lease=held.lease, state=held.state.value, reason=held.reason and held.reason.value)
        if held.lease not in self._journalled:
            self._journalled.add(held.lease)
            self.journal.add(self._assignments[held.lease], held, now)
        elif isinstance(receipt, SealedReceipt):
            self.journal.finish(held, receipt, now)
        else:
            self.journal.change(held, now)

    def _assignment(self, lease: Hash) -> Assignment:
        if lease not in self._assignments:
            self._assignments[lease] = self.journal.assignment(lease)
        return self._assignments[lease]

    def _spawn(self, effect: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = self._group.create_task(effect)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _spawn_last(self, effect: Coroutine[None, None, None]) -> None:
        """An effect that an ending agent waits for."""
        task = self._spawn(effect)
        self._last_messages.add(task)
        task.add_done_callback(self._last_messages.discard)

    async def _fetch_leases(self) -> None:
        await self._repeat("leases", self._fetch_once, _BARE_POLL_PAUSE)

    async def _beat(self) -> None:
        await self._repeat("heartbeat", self._beat_once, self.timing.heartbeat)

    async def _repeat(self, name: str, step: Callable[[], Coroutine[None, None, None]], pause: float) -> None:
        """Repeats `step`; what network or market do wrong is written down and tried again."""
        while True:
            try:
                await step()
            except NodeError as error:
                log.warning("market", loop=name, reason=error.reason.value, detail=error.detail)
                await asyncio.sleep(_TROUBLE_PAUSE)
            await asyncio.sleep(pause)

    async def _fetch_once(self) -> None:
        assignments = await self.client.leases(self.node, self.machine.held(), self.timing.poll_wait)
        now = int(self.clock())
        for assignment in assignments.items:
            lease = assignment.lease.message
            self._assignments.setdefault(lease.id(), assignment)
            self.handle(stimuli.Offered(lease.id(), lease.deadline, now))

    async def _beat_once(self) -> None:
        draining = self.machine.draining or not await self._effects.has_room()
        beat = Heartbeat(leases=self.machine.held(), draining=draining)
        answer = await self.client.heartbeat(self.node, beat)
        for lease in answer.fenced:
            self.handle(stimuli.Fenced(lease))

    async def _tick(self) -> None:
        while True:
            self.handle(stimuli.Clock(int(self.clock())))
            draining = self.journal.fact(DRAINING_FACT) == "1"
            if draining != self.machine.draining and not self._stopping.is_set():
                self.handle(stimuli.Drain(draining))
            await asyncio.sleep(_TICK_SECONDS)

    async def _wind_up(self) -> None:
        self.handle(stimuli.Drain(True))
        await self._until(self.machine.is_idle, self.timing.stop_grace)
        self.handle(stimuli.Stop())
        await self._until(lambda: not self._last_messages, _PATIENCE_SECONDS)

    async def _until(self, done: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not done() and time.monotonic() < deadline:
            await asyncio.sleep(0.05)


def _kill_orphan(held: do.Held) -> None:
    """Ends a runner of an earlier agent, if the process under its number is still the same one."""
    if held.process is None:
        return
    number, born = held.process
    try:
        process = psutil.Process(number)
        if abs(process.create_time() - born) < _BIRTH_TOLERANCE:
            process.kill()
    except psutil.NoSuchProcess:
        return
