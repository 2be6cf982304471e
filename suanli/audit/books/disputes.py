"""How a dispute ends: whether its ruling follows from the opened verdicts, and who gets what of the bonds.

Both are worked out here a second time; `panels.py` records what led there.
"""

from collections import Counter

from suanli.audit.books.panels import dispute_of, drawing_ends, end_of, in_phase
from suanli.audit.books.records import Claim, Seat
from suanli.audit.books.state import Books
from suanli.protocol.checks import check
from suanli.protocol.court import Ruling, kept, panel_seats
from suanli.protocol.states import SlashReason
from suanli.protocol.values import Address


def bonds(books: Books, claim: Claim) -> int:
    """What the challenger and an appellant have put up, in atoms."""
    if claim.dispute is None or not claim.is_open:
        return 0
    return books.rules.challenge_bond + (books.rules.appeal_bond if claim.dispute.appellant else 0)


def end(books: Books, claim: Claim, ruling: Ruling, at: int) -> None:
    """Shares claim and bonds out as the rules of IClaimCourt do; the last panel that agreed decides."""
    decisive = decided(claim)
    due = _ruling(claim, decisive)
    detail = f"claim {claim.id}: {ruling.name}, verdicts say {due.name}"
    books.checks += [
        check("ruling", ruling is due, detail),
        in_phase("resolved", at > _last_end(books, claim), dispute_of(claim).id),
    ]
    _slash(books, claim, ruling, decisive)
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


def _slash(books: Books, claim: Claim, ruling: Ruling, decisive: int | None) -> None:
    """Who loses stake: a claimant whose claim falls, jurors who found something else, or stayed away from a
    panel in which somebody judged."""
    if ruling is Ruling.FALLS:
        books.slashes[claim.node, SlashReason.CLAIM_FALSE] += 1
    for seat, judged in _seats(claim):
        if seat.work is None and not seat.abstained:
            if judged:
                books.slashes[seat.node, SlashReason.VERDICT_MISSING] += 1
        elif decisive is not None and not seat.abstained and _found(seat) != decisive:
            books.slashes[seat.node, SlashReason.VERDICT_WRONG] += 1


def _seats(claim: Claim) -> list[tuple[Seat, bool]]:
    """Every seat of the dispute's panels, and whether anybody in its panel opened a finding."""
    panels = dispute_of(claim).panels.values()
    return [
        (seat, any(one.work is not None for one in panel.seats)) for panel in panels for seat in panel.seats
    ]


def _last_end(books: Books, claim: Claim) -> int:
    """The end of the last phase, after which a dispute may be resolved."""
    dispute = dispute_of(claim)
    if dispute.round not in dispute.panels:
        return drawing_ends(books, dispute)
    appeal = books.rules.appeal_seconds if dispute.escalated_at is None else 0
    return end_of(books, dispute.panels[dispute.round]) + appeal


def _appeal(books: Books, claim: Claim) -> int:
    """What a lost appeal adds to the pot; the bond of one that was not lost returns."""
    dispute, first, second = dispute_of(claim), _majority(claim, 0), _majority(claim, 1)
    if dispute.appellant is None or first is None:
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
    _send(books, claim.payer, claim.amount + pot // 2)
    _send(books, dispute_of(claim).challenger, books.rules.challenge_bond + pot - pot // 2)


def _send(books: Books, to: Address, amount: int) -> None:
    books.explain(books.modules.court, to, amount)


def _jurors(claim: Claim, decisive: int | None) -> list[Address]:
    """Who found what counts, in the order of their seats, the first panel first."""
    panels = dispute_of(claim).panels
    seats = [seat for round_ in sorted(panels) for seat in panels[round_].seats]
    return [seat.node for seat in seats if decisive is not None and _found(seat) == decisive]


def _majority(claim: Claim, round_: int) -> int | None:
    """The work that more than half of a panel's seats found, or None."""
    panel = dispute_of(claim).panels.get(round_)
    seats = [] if panel is None else panel.seats
    found = Counter(_found(seat) for seat in seats if _found(seat) is not None)
    work, votes = found.most_common(1)[0] if found else (None, 0)
    return work if 2 * votes > panel_seats(round_) else None


def _found(seat: Seat) -> int | None:
    """What a juror opened; None for a verdict that is missing or abstains."""
    return None if seat.work is None else kept(seat.work)


def _ruling(claim: Claim, found: int | None) -> Ruling:
    if found is None:
        return Ruling.UNDECIDED
    return Ruling.STANDS if found == kept(claim.work) else Ruling.FALLS
