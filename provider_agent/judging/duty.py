"""A node's seat on a panel: its times, what stands sealed, and what to do next. Pure.

Mirrors contracts/court/Panels.sol: a phase's last second still belongs to it.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from suanli.protocol.court import UNAVAILABLE, Claim, kept, verdict_seal, work_hash
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.messages import Usage
from suanli.protocol.values import Hash

_SEALED = 1
_KEPT = (1 << 128) - 1
_ABSTAIN_PART = (7, 8)
"""After this part of the sealing time a juror without a verdict abstains: the rest is for the chain."""


class DutyState(StrEnum):
    """How far a seat's verdict is."""

    DRAWN = "DRAWN"
    JUDGED = "JUDGED"
    """Verdict and salt are journalled; the seal is on its way."""
    SEALED = "SEALED"
    OPENED = "OPENED"
    ELSEWHERE = "ELSEWHERE"
    """Somebody else with the node's or its owner's key sealed a verdict that only they can open."""
    MISSED = "MISSED"
    """The time passed without a seal, or without its opening: stake is lost when the dispute ends."""
    VOID = "VOID"
    """The chain took the draw back."""


UNFINISHED = frozenset({DutyState.DRAWN, DutyState.JUDGED, DutyState.SEALED})


class Move(Enum):
    """What a juror does next."""

    REST = "REST"
    JUDGE = "JUDGE"
    SEAL = "SEAL"
    OPEN = "OPEN"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a juror found, in the terms of a receipt; outcome 2 (UNAVAILABLE) abstains."""

    outcome: int
    result: Hash
    usage: Usage

    def work(self) -> Hash:
        """The work, as seals and claims name it."""
        return work_hash(self.outcome, self.result, self.usage)

    def abstains(self) -> bool:
        """Whether the juror says that it could not judge: it earns nothing and loses nothing."""
        return self.outcome == UNAVAILABLE

    def upholds(self, claim: Claim) -> bool:
        """Whether the court will count this verdict for the claim."""
        return not self.abstains() and kept(self.work()) == kept(claim.work)


ABSTENTION = Verdict(UNAVAILABLE, "0x" + "00" * 32, Usage(fuel=0, memoryFuel=0, ingress=0, egress=0))


@dataclass(frozen=True, slots=True)
class Seat:
    """A place on a drawn panel: seat `number` in round 0 or 1, drawn at a second, in a block."""

    dispute: Hash
    round: int
    number: int
    drawn_at: int
    block: int


@dataclass(frozen=True, slots=True)
class Duty:
    """One seat with its last seconds for sealing and for opening, and what is known of it so far."""

    seat: Seat
    seal_until: int
    open_until: int
    state: DutyState = DutyState.DRAWN
    claim: Claim | None = None
    verdict: Verdict | None = None
    salt: Hash | None = None
    grounds: str = ""
    """Why the juror abstained."""
    reason: str = ""
    """What is in the way of the next step, and in words: `detail`."""
    detail: str = ""

    @classmethod
    def of(cls, seat: Seat, rules: CourtRules) -> "Duty":
        """The duty that comes with a seat."""
        seal_until = seat.drawn_at + rules.commit_seconds
        return cls(seat, seal_until, seal_until + rules.open_seconds)

    @property
    def abstain_at(self) -> int:
        """From this second on the juror abstains when it has no verdict."""
        part, whole = _ABSTAIN_PART
        return self.seat.drawn_at + (self.seal_until - self.seat.drawn_at) * part // whole

    def seal(self) -> Hash | None:
        """What is committed on chain; None without a verdict."""
        if self.verdict is None or self.salt is None:
            return None
        one = self.seat
        return verdict_seal(one.dispute, one.round, one.number, self.verdict.work(), self.salt)

    def closed(self) -> int | None:
        """The seal as the court keeps it: the lower half, its lowest bit set."""
        seal = self.seal()
        return None if seal is None else int(seal, 16) & _KEPT | _SEALED


def next_move(duty: Duty, drawn_at: int, stored: int, now: int) -> tuple[DutyState, Move]:
    """Where the duty stands and what to do, by the court's own record of round and seat.

    `drawn_at` is zero once the dispute is over (or if its draw was undone), `stored` zero without a verdict.
    """
    if drawn_at != duty.seat.drawn_at:
        return _without_record(duty, now), Move.REST
    if stored and not stored & _SEALED:
        return DutyState.OPENED, Move.REST
    if stored and stored != duty.closed():
        return DutyState.ELSEWHERE, Move.REST
    if now > (duty.open_until if stored else duty.seal_until):
        return DutyState.MISSED, Move.REST
    if stored:
        return DutyState.SEALED, Move.OPEN if now > duty.seal_until else Move.REST
    return (DutyState.DRAWN, Move.JUDGE) if duty.seal() is None else (DutyState.JUDGED, Move.SEAL)


def _without_record(duty: Duty, now: int) -> DutyState:
    """What is left of a duty when the court has dropped its panel."""
    if duty.state not in UNFINISHED:
        return duty.state
    return DutyState.MISSED if now > duty.seal_until else DutyState.VOID
