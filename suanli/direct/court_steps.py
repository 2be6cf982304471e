"""The way out of claims and disputes, for the parties and for jurors. Pure rules."""

from collections.abc import Iterator

from suanli.direct.coding import challenge_values, claim_values, raw, values_of
from suanli.direct.holdings import Holdings, Seat
from suanli.direct.moves import Choice, Place, Step
from suanli.direct.phases import Case, Phase, ends_at, phase_of
from suanli.direct.verdicts import SealedVerdict
from suanli.protocol.court import kept
from suanli.protocol.values import Address, Hash


def case_places(holdings: Holdings, case: Case) -> Iterator[Place]:
    """The account's money in one claim or its dispute. A disputed amount is one of both parties'."""
    claim, account = case.claim, holdings.account
    step, due_at = _next(holdings, case)
    if case.challenge is None:
        if holdings.owns(claim.node):
            yield Place("claim", claim.id, claim.amount, step, due_at)
        return
    if claim.buyer == account or holdings.owns(claim.node):
        yield Place("dispute", claim.id, claim.amount, step, due_at)
    if case.challenge.challenger == account:
        yield Place("challenge bond", claim.id, holdings.rules.challenge_bond, step, due_at)
    if case.appellant == account:
        yield Place("appeal bond", claim.id, holdings.rules.appeal_bond, step, due_at)


def seat_places(holdings: Holdings, seat: Seat) -> Iterator[Place]:
    """A verdict that is to be opened, and the fee of one that agrees with its panel."""
    subject = f"{seat.case.claim.id} round {seat.round} seat {seat.number}"
    end, due_at = _next(holdings, seat.case)
    if seat.is_sealed and seat.kept is not None and seat.kept.closed() == seat.stored:
        opening = _opening_of(holdings, seat)
        if opening is not None and holdings.now <= opening[1]:
            yield Place("juror seat", subject, 0, _open(seat.kept, subject, opening[0]), due_at)
    elif seat.majority:
        yield Place("juror fee", subject, holdings.rules.juror_fee, end, due_at)


def choices(holdings: Holdings, case: Case) -> Iterator[Choice]:
    """What a party may decide in one claim or dispute."""
    claim, rules, account = case.claim, holdings.rules, holdings.account
    phase, until = phase_of(case, rules, holdings.now)
    challenger = None if case.challenge is None else case.challenge.challenger
    is_party = account in (claim.buyer, challenger) or holdings.owns(claim.node)
    if phase is Phase.WINDOW and claim.buyer == account:
        command = f"suanli challenge open {claim.id}"
        yield Choice("challenge a claim on your money", claim.id, until, rules.challenge_bond, command)
    finding = holdings.findings.get(str(case.dispute))
    if phase is Phase.APPEAL and is_party:
        command = f"suanli challenge escalate {claim.id}"
        if finding is None:
            yield Choice("let seven jurors judge, since three did not agree", claim.id, until, 0, command)
        elif _has_lost(holdings, case, finding):
            yield Choice("appeal to seven jurors", claim.id, until, rules.appeal_bond, command)


def seat_choices(holdings: Holdings, seat: Seat) -> Iterator[Choice]:
    """What a juror must do by hand lest its stake be slashed."""
    if (opening := _opening_of(holdings, seat)) is None:
        return
    name, stake = seat.case.claim.id, holdings.rules.juror_slash
    if seat.stored == 0 and holdings.now < opening[0]:
        command = f"suanli challenge commit {name} --verdict FILE (or --abstain)"
        yield Choice("judge, or abstain", name, opening[0] - 1, stake, command)
    kept_here = seat.kept is not None and seat.kept.closed() == seat.stored
    if seat.is_sealed and not kept_here and holdings.now <= opening[1]:
        command = f"suanli challenge open-verdict {name} --state FOLDER"
        yield Choice("open the verdict where it was sealed", name, opening[1], stake, command)


def ends_of(holdings: Holdings, node: Address) -> list[int]:
    """When the claims of a node can be over, as they stand."""
    return [_next(holdings, case)[1] for case in holdings.cases if case.claim.node == node]


def award_ends(holdings: Holdings, auction: Hash) -> list[int]:
    """When the claims on an award can be over, as they stand."""
    return [_next(holdings, case)[1] for case in holdings.cases if case.claim.order == auction]


def _has_lost(holdings: Holdings, case: Case, finding: int) -> bool:
    """Whether a panel's finding goes against the account: as challenger, buyer, or the node's owner."""
    stands = finding == kept(case.claim.work)
    if stands:
        challenger = None if case.challenge is None else case.challenge.challenger
        return holdings.account in (challenger, case.claim.buyer)
    return holdings.owns(case.claim.node)


def _next(holdings: Holdings, case: Case) -> tuple[Step, int]:
    """The next step that anyone may send, and when the money is free if nobody else does anything."""
    claim, rules, last = case.claim, holdings.rules, ends_at(case, holdings.rules)
    if case.challenge is None:
        step = Step("ClaimCourt", "closeClaim", claim.id, (claim_values(claim),), last)
        return step, max(last, holdings.now)
    handed_in = claim_values(claim), challenge_values(case.challenge)
    call = holdings.drawing.get(str(case.dispute))
    if call is None or case.panel is not None:
        return Step("ClaimCourt", "resolve", claim.id, handed_in, last), max(last, holdings.now)
    panel = rules.commit_seconds + rules.open_seconds + (0 if case.round else rules.appeal_seconds)
    return Step("ClaimCourt", call, claim.id, handed_in), holdings.now + panel + 1


def _opening_of(holdings: Holdings, seat: Seat) -> tuple[int, int] | None:
    """First and last second in which the verdict may be opened; None for a panel that is not the seat's."""
    panel = seat.case.second if seat.round else seat.case.first
    if panel is None:
        return None
    sealed = panel.drawn_at + holdings.rules.commit_seconds
    return sealed + 1, sealed + holdings.rules.open_seconds


def _open(sealed: SealedVerdict, subject: str, ready_at: int) -> Step:
    found = sealed.verdict
    place = raw(sealed.dispute), sealed.round, sealed.seat
    work = found.outcome, raw(found.result), values_of(found.usage)
    return Step("ClaimCourt", "openVerdict", subject, (*place, *work, raw(sealed.salt)), ready_at)
