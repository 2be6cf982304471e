"""The rules of a deployment's ClaimCourt: the fields of `CourtRules` in IClaimCourt.sol, in their order."""

from dataclasses import astuple, dataclass

from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason

SMALL_PANEL = 3
LARGE_PANEL = 7
_TIMES = ("claim_window_seconds", "draw_seconds", "commit_seconds", "open_seconds", "appeal_seconds")
_AMOUNTS = ("claim_bond", "challenge_bond", "appeal_bond", "juror_slash", "juror_fee")


@dataclass(frozen=True, slots=True)
class CourtRules:
    """Times in seconds, the seed's delay in blocks, amounts in atoms; fixed when the court is made."""

    claim_window_seconds: int = 24 * 3600
    draw_seconds: int = 6 * 3600
    commit_seconds: int = 24 * 3600
    open_seconds: int = 12 * 3600
    appeal_seconds: int = 12 * 3600
    seed_delay_blocks: int = 4
    claim_bond: int = 500_000
    challenge_bond: int = 500_000
    appeal_bond: int = 1_000_000
    juror_slash: int = 500_000
    juror_fee: int = 50_000

    def __post_init__(self) -> None:
        if not all(0 < getattr(self, name) < 1 << 32 for name in (*_TIMES, "seed_delay_blocks")):
            raise ProtocolError(Reason.SETTINGS_INVALID, "the court's times and delay are 1 to 2^32 - 1")
        if not all(0 <= getattr(self, name) < 1 << 88 for name in _AMOUNTS):
            raise ProtocolError(Reason.SETTINGS_INVALID, "the court's amounts do not fit uint88")
        if min(self.claim_bond, self.challenge_bond) < self.all_fees():
            raise ProtocolError(Reason.SETTINGS_INVALID, "the bonds must pay the jurors of both panels")

    def values(self) -> tuple[int, ...]:
        """The struct as its constructor takes it."""
        return astuple(self)

    def longest_dispute(self) -> int:
        """Seconds from the opening of a claim to its last possible end; stakes must outlast it."""
        panel = self.draw_seconds + self.commit_seconds + self.open_seconds
        return self.claim_window_seconds + 2 * panel + self.appeal_seconds

    def all_fees(self) -> int:
        """What the jurors of both panels can earn at most, in atoms."""
        return (SMALL_PANEL + LARGE_PANEL) * self.juror_fee

    @classmethod
    def development(cls) -> "CourtRules":
        """Short times for a development chain."""
        return cls(
            claim_window_seconds=120,
            draw_seconds=60,
            commit_seconds=60,
            open_seconds=60,
            appeal_seconds=60,
            seed_delay_blocks=1,
        )
