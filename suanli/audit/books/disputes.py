"""What the ClaimCourt's events say of disputes.

Whether a ruling follows from the opened verdicts is worked out here a second time; who gets which part of the
bonds is only held to the circle of those who may.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from suanli.audit.books.records import Claim, ClaimState, Dispute, Ruling, Seat
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.checks import Check, check
from suanli.protocol.court_rules import LARGE_PANEL, SMALL_PANEL
from suanli.protocol.values import Hash

SEATS = (SMALL_PANEL, LARGE_PANEL)
ABSTAINED = "0x" + f"{2:064x}"
"""The opened verdict of a juror who could not get the task's inputs."""
NOBODY = "0x" + "00" * 20
_PLACE_BITS = 32


def bonds(books: Books, claim: Claim) -> int:
    """What the challenger and an appellant have put up, in atoms."""
    if claim.dispute is None or not claim.is_open:
        return 0
    return books.rules.challenge_bond + (books.rules.appeal_bond if claim.dispute.appellant else 0)


def ruling_checks(books: Books, claim: Claim, ruling: Ruling) -> Iterator[Check]:
    """The ruling is what the equal verdicts of the last panel that agreed say; without one nobody wins."""
    due = _ruling(claim)
    yield check("ruling", ruling is due, f"claim {claim.id}: {ruling.name}, verdicts say {due.name}")


def share(books: Books, claim: Claim, ruling: Ruling) -> None:
    """The bonds go to parties and jurors, and to nobody else."""
    if (dispute := claim.dispute) is None:
        return
    jurors = {seat.node for panel in dispute.panels.values() for seat in panel}
    owners = {books.nodes[node].owner for node in (claim.node, *jurors)}
    parties = {dispute.challenger, dispute.appellant or dispute.challenger, claim.payer, claim.buyer}
    books.sharers |= owners | parties


def _challenged(books: Books, event: Event, said: dict[str, Any]) -> None:
    claim, challenger = books.claims[said["id"]], said["challenge"]["challenger"]
    in_time = event.at <= claim.opened_at + books.rules.claim_window_seconds
    once = claim.state is ClaimState.OPEN
    books.checks.append(check("challenge", in_time and once, f"claim {claim.id} challenged in its window"))
    claim.state, claim.dispute = ClaimState.DISPUTED, Dispute(said["dispute"], challenger)
    books.explain(challenger, books.modules.court, books.rules.challenge_bond)


def _drawn(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Three jurors, then seven: nodes of different owners, none of whom is a party or sat before."""
    claim = _disputed(books, said["dispute"])
    assert claim.dispute is not None
    nodes, round_ = list(books.nodes), said["round"]
    places = [said["panel"] >> seat * _PLACE_BITS & 0xFFFFFFFF for seat in range(SEATS[round_])]
    panel = [nodes[place] for place in places]
    before = [seat.node for seats in claim.dispute.panels.values() for seat in seats]
    owners = [books.nodes[node].owner for node in (claim.node, *before, *panel)]
    apart = len(set(owners)) == len(owners) and not {claim.buyer, claim.dispute.challenger} & set(owners[1:])
    books.checks.append(
        check("panel", apart, f"{len(panel)} jurors of different owners, none of them a party")
    )
    claim.dispute.panels[round_] = [Seat(node) for node in panel]


def _opened(books: Books, event: Event, said: dict[str, Any]) -> None:
    dispute = _disputed(books, said["dispute"]).dispute
    assert dispute is not None
    dispute.panels[said["round"]][said["seat"]].work = said["work"]


def _escalated(books: Books, event: Event, said: dict[str, Any]) -> None:
    dispute = _disputed(books, said["dispute"]).dispute
    assert dispute is not None
    dispute.escalated = True
    if said["appellant"] != NOBODY:
        dispute.appellant = said["appellant"]
        books.explain(dispute.appellant, books.modules.court, books.rules.appeal_bond)


def _nothing(books: Books, event: Event, said: dict[str, Any]) -> None:
    """A seal tells nothing yet; a new seed moves nothing."""


def _ruling(claim: Claim) -> Ruling:
    panels = {} if claim.dispute is None else claim.dispute.panels
    for round_ in sorted(panels, reverse=True):
        found = Counter(_even(seat.work) for seat in panels[round_] if seat.work not in (None, ABSTAINED))
        if not found:
            continue
        work, votes = found.most_common(1)[0]
        if 2 * votes > SEATS[round_]:
            return Ruling.STANDS if work == _even(claim.work) else Ruling.FALLS
    return Ruling.UNDECIDED


def _even(work: Hash | None) -> int:
    """Verdicts are compared without their lowest bit, which the contract uses as a mark."""
    return int(work or "0x0", 16) & ~1


def _disputed(books: Books, dispute: Hash) -> Claim:
    return next(one for one in books.claims.values() if one.dispute and one.dispute.id == dispute)


RECORDERS: dict[str, Recorder] = {
    "ClaimChallenged": _challenged,
    "SeedRearmed": _nothing,
    "PanelDrawn": _drawn,
    "VerdictSealed": _nothing,
    "VerdictOpened": _opened,
    "DisputeEscalated": _escalated,
}
