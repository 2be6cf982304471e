"""Jury duty at work: notices draws, judges, seals, opens; every step is done again until the court has it.

The court's record says where a duty stands, the journal only what was found; so nothing is lost by a crash.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from provider_agent.chain import LOG_BLOCKS
from provider_agent.journal import Journal
from provider_agent.judging.calldata import ClaimedTask, claimed_task
from provider_agent.judging.court import Court
from provider_agent.judging.duty import ABSTENTION, UNFINISHED, Duty, DutyState, Move, Verdict, next_move
from provider_agent.judging.duty_journal import SCANNED_FACT, DutyJournal
from provider_agent.judging.purse import Purse
from provider_agent.judging.replay import BEYOND_A_JUROR, Replay
from provider_agent.settings import Timing
from suanli.protocol.errors import ChainError, NodeError, SuanliError
from suanli.protocol.values import Address, Hash

log = structlog.get_logger()

_SALT_BYTES = 32


@dataclass
class JudgingLoop:
    """One node's jury duty."""

    node: Address
    journal: Journal
    duties: DutyJournal
    court: Court
    replay: Replay
    purse: Purse
    timing: Timing
    _is_busy: bool = True
    """Whether something is left to do; so until the chain was read."""

    async def run(self) -> None:
        """Runs as long as the agent: a long replay keeps no other seal from being sent or opened."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeat(self.attend))
            group.create_task(self._repeat(self.judge))

    async def run_until_done(self) -> None:
        """The same for a node that has left: ends with its last duty."""
        work = asyncio.create_task(self.run())
        try:
            while self._is_busy and not work.done():
                await asyncio.wait([work], timeout=self.timing.judging_poll)
            if work.done():
                await work
        finally:
            work.cancel()

    async def attend(self) -> None:
        """Reads new draws, then brings every duty as far as court and time allow. Raises ChainError."""
        now = await self.court.now()
        await self._read_draws(now)
        for duty in self.duties.watched(now):
            await self._advance(duty, now)
        self._is_busy = any(duty.state in UNFINISHED for duty in self.duties.all())

    async def judge(self) -> None:
        """Finds the verdicts that are missing, one after the other. Raises ChainError."""
        now = await self.court.now()
        for duty in self.duties.watched(now):
            if duty.state is DutyState.DRAWN and duty.verdict is None and now <= duty.seal_until:
                await self._judge(duty)

    async def _repeat(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except ChainError as error:
                log.warning("chain", loop="jury", reason=error.reason.value, detail=error.detail)
            await asyncio.sleep(self.timing.judging_poll)

    async def _read_draws(self, now: int) -> None:
        rules = await self.court.rules()
        last = await self.court.chain.height() - self.timing.confirmations
        scanned = self.journal.fact(SCANNED_FACT)
        if scanned is None:  # older draws ask nothing of anyone any more
            first = await self.court.block_at(now - rules.commit_seconds - rules.open_seconds)
        else:
            first = int(scanned) + 1
        while first <= last:
            until = min(first + LOG_BLOCKS - 1, last)
            drawn = [Duty.of(seat, rules) for seat in await self.court.seats(self.node, first, until)]
            self.duties.summon(drawn, until)
            for duty in drawn:
                await self._announce(duty)
            first = until + 1

    async def _announce(self, duty: Duty) -> None:
        rules = await self.court.rules()
        log.warning(
            "drawn as juror",
            dispute=duty.seat.dispute,
            round=duty.seat.round,
            seat=duty.seat.number,
            seal_until=duty.seal_until,
            open_until=duty.open_until,
            at_stake=rules.juror_slash,
            gas=await self.purse.shortage() or "enough",
        )

    async def _advance(self, duty: Duty, now: int) -> None:
        state, move = next_move(duty, *await self.court.record(duty.seat), now)
        if state is not duty.state:
            self.duties.move(duty.seat, state)
            tell = log.error if state is DutyState.MISSED else log.info
            tell("jury", dispute=duty.seat.dispute, seat=duty.seat.number, state=state.value)
        try:
            if move is Move.SEAL:
                await self._seal(duty)
            elif move is Move.OPEN:
                await self._open(duty)
        except ChainError as error:
            self._hindered(duty, error)

    async def _seal(self, duty: Duty) -> None:
        seat, seal = duty.seat, duty.seal()
        if seal is not None:
            place = _raw(seat.dispute), seat.round, seat.number
            transaction = await self.purse.send("commitVerdict", *place, _raw(seal))
            self.duties.move(seat, DutyState.SEALED)
            log.info("sealed", dispute=seat.dispute, seat=seat.number, by=transaction)

    async def _open(self, duty: Duty) -> None:
        seat, verdict, salt = duty.seat, duty.verdict, duty.salt
        if verdict is not None and salt is not None:
            place = _raw(seat.dispute), seat.round, seat.number
            found = verdict.outcome, _raw(verdict.result), verdict.usage.vector()
            transaction = await self.purse.send("openVerdict", *place, *found, _raw(salt))
            self.duties.move(seat, DutyState.OPENED)
            log.info("opened", dispute=seat.dispute, seat=seat.number, by=transaction)

    async def _judge(self, duty: Duty) -> None:
        try:
            task = await self._task(duty)
            verdict, why = await self.replay.verdict(task, await self._seconds(duty)), ""
        except (NodeError, ChainError) as error:
            self._hindered(duty, error)
            if error.reason not in BEYOND_A_JUROR and await self._seconds(duty) > 1:
                return
            verdict, why = ABSTENTION, error.detail
        self._decide(duty, verdict, why)

    def _decide(self, duty: Duty, verdict: Verdict, why: str) -> None:
        salt = "0x" + secrets.token_bytes(_SALT_BYTES).hex()
        self.duties.judge(duty.seat, verdict, salt, why)
        said = "abstains" if verdict.abstains() else verdict.result
        log.info("judged", dispute=duty.seat.dispute, seat=duty.seat.number, verdict=said, detail=why)

    async def _task(self, duty: Duty) -> ClaimedTask:
        case = await self.court.case(duty.seat)
        self.duties.find(duty.seat, case.claim)
        return claimed_task(case.claim, case.calldata)

    async def _seconds(self, duty: Duty) -> int:
        """What is left for running; the rest of the sealing time is for the chain."""
        return max(1, duty.abstain_at - await self.court.now())

    def _hindered(self, duty: Duty, error: SuanliError) -> None:
        """Says it once: the next attempt follows anyway."""
        if error.reason.value != duty.reason:
            log.warning(
                "jury duty waits",
                dispute=duty.seat.dispute,
                seal_until=duty.seal_until,
                open_until=duty.open_until,
                reason=error.reason.value,
                detail=error.detail,
            )
        self.duties.note(duty.seat, error.reason.value, error.detail)


def _raw(hash_: Hash) -> bytes:
    return bytes.fromhex(hash_[2:])
