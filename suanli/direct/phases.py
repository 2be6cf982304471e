"""The phases of a claim and its dispute, by time alone: what may be done now, and until or from when. Pure.

Mirrors ClaimCourt: a phase's last second still belongs to it.
"""

from dataclasses import dataclass
from enum import StrEnum

from suanli.protocol.court import Challenge, Claim
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.values import Address, Hash


class Phase(StrEnum):
    """Where a claim stands."""

    WINDOW = "WINDOW"
    """It may be challenged."""
    CLOSABLE = "CLOSABLE"
    DRAWING = "DRAWING"
    SEALING = "SEALING"
    OPENING = "OPENING"
    APPEAL = "APPEAL"
    RESOLVABLE = "RESOLVABLE"


@dataclass(frozen=True, slots=True)
class Panel:
    """A drawn panel: when, and the jurors' places in the registry's list as `PanelDrawn` packs them."""

    drawn_at: int
    places: int


@dataclass(frozen=True, slots=True)
class Case:
    """A live claim and, when it is challenged, how far its dispute is.

    `appellant` is who risked a bond to escalate it; None when nobody had to.
    """

    claim: Claim
    challenge: Challenge | None = None
    dispute: Hash | None = None
    escalated_at: int | None = None
    appellant: Address | None = None
    first: Panel | None = None
    second: Panel | None = None

    @property
    def round(self) -> int:
        """The present panel: the first (0) or the second (1)."""
        return 0 if self.escalated_at is None else 1

    @property
    def panel(self) -> Panel | None:
        """The present round's panel once it is drawn."""
        return self.second if self.round else self.first


def phase_of(case: Case, rules: CourtRules, now: int) -> tuple[Phase, int]:
    """The phase at `now` and its last second; for a phase without an end the first second of it."""
    for phase, until in _ends(case, rules):
        if now <= until:
            return phase, until
    last = ends_at(case, rules)
    return (Phase.CLOSABLE if case.challenge is None else Phase.RESOLVABLE), last


def ends_at(case: Case, rules: CourtRules) -> int:
    """The first second at which anyone may close the claim or resolve the dispute as it stands."""
    return _ends(case, rules)[-1][1] + 1


def _ends(case: Case, rules: CourtRules) -> list[tuple[Phase, int]]:
    if case.challenge is None:
        return [(Phase.WINDOW, case.claim.opened_at + rules.claim_window_seconds)]
    if case.panel is None:
        begun = case.challenge.challenged_at if case.escalated_at is None else case.escalated_at
        return [(Phase.DRAWING, begun + rules.draw_seconds)]
    sealed = case.panel.drawn_at + rules.commit_seconds
    ends = [(Phase.SEALING, sealed), (Phase.OPENING, sealed + rules.open_seconds)]
    if case.round == 0:
        ends.append((Phase.APPEAL, sealed + rules.open_seconds + rules.appeal_seconds))
    return ends
