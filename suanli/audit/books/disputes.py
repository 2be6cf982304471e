"""What the ClaimCourt's events say of disputes.

Whether a ruling follows from the opened verdicts, and who gets which part of the bonds, is worked out here a
second time.
"""

from collections import Counter
from typing import Any

from suanli.audit.books.records import Claim, ClaimState, Dispute, Ruling, Seat
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.checks import check
from suanli.protocol.court_rules import LARGE_PANEL, SMALL_PANEL
from suanli.protocol.values import Address, Hash

SEATS = (SMALL_PANEL, LARGE_PANEL)
UNAVAILABLE = 2
"""The outcome in the verdict of a juror who could not get the task's inputs: an abstention."""
NOBODY = "0x" + "00" * 20
_PLACE_BITS = 32


def bonds(books: Books, claim: Claim) -> int:
    """What the challenger and an appellant have put up, in atoms."""
    if claim.dispute is None or not claim.is_open:
        return 0
    return books.rules.challenge_bond + (books.rules.appeal_bond if claim.dispute.appellant else 0)


def end(books: Books, claim: Claim, ruling: Ruling) -> None:
    """Shares claim and bonds out as the rules of IClaimCourt do; the last panel that agreed decides."""
    decisive = decided(claim)
    due = _ruling(claim, decisive)
    detail = f"claim {claim.id}: {ruling.name}, verdicts say {due.name}"
    books.checks.append(check("ruling", ruling is due, detail))
    bond = {Ruling.FALLS: books.rules.claim_bond, Ruling.STANDS: books.rules.challenge_bond}
    pot = bond.get(ruling, 0) + _appeal(books, claim)
    for juror in _jurors(claim, decisive):
        fee = min(books.rules.juror_fee, pot)
        pot -= fee
        _send(books, books.nodes[juror].owner, fee)
    _pay(books, claim, ruling, pot)


def decided(claim: Claim) -> int | None:
    """The work that more than half of the last agreeing panel found, or None."""
    second, first = _majority(claim, 1), _majority(claim, 0)
    return first if second is None else second


def _appeal(books: Books, claim: Claim) -> int:
    """What a lost appeal adds to the pot; the bond of one that was not lost returns."""
    dispute, first, second = claim.dispute, _majority(claim, 0), _majority(claim, 1)
    if dispute is None or dispute.appellant is None or first is None:
        return 0
    if second is not None and _ruling(claim, second) is _ruling(claim, first):
        return books.rules.appeal_bond
    _send(books, dispute.appellant, books.rules.appeal_bond)
    return 0


def _pay(books: Books, claim: Claim, ruling: Ruling, pot: int) -> None:
    """The winner's part; a claim that does not stand returns to its payer, with half of the pot."""
    if ruling is Ruling.STANDS:
        _send(books, books.nodes[claim.node].owner, claim.amount + pot)
        return
    assert claim.dispute is not None
    _send(books, claim.payer, claim.amount + pot // 2)
    _send(books, claim.dispute.challenger, books.rules.challenge_bond + pot - pot // 2)


def _send(books: Books, to: Address, amount: int) -> None:
    books.explain(books.modules.court, to, amount)


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
    if said["outcome"] != UNAVAILABLE:
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


def _jurors(claim: Claim, decisive: int | None) -> list[Address]:
    """Who found what counts, in the order of their seats, the first panel first."""
    panels = {} if claim.dispute is None else claim.dispute.panels
    seats = [seat for round_ in sorted(panels) for seat in panels[round_]]
    return [seat.node for seat in seats if decisive is not None and _found(seat) == decisive]


def _majority(claim: Claim, round_: int) -> int | None:
    """The work that more than half of a panel's seats found, or None."""
    panels = {} if claim.dispute is None else claim.dispute.panels
    found = Counter(_found(seat) for seat in panels.get(round_, ()) if _found(seat) is not None)
    work, votes = found.most_common(1)[0] if found else (None, 0)
    return work if 2 * votes > SEATS[round_] else None


def _found(seat: Seat) -> int | None:
    """What a juror opened; None for a verdict that is missing or abstains."""
    return None if seat.work is None else _even(seat.work)


def _ruling(claim: Claim, found: int | None) -> Ruling:
    if found is None:
        return Ruling.UNDECIDED
    return Ruling.STANDS if found == _even(claim.work) else Ruling.FALLS


def _even(work: Hash) -> int:
    """Verdicts are compared without their lowest bit, which the contract uses as a mark."""
    return int(work, 16) & ~1


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
