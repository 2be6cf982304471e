"""What only the account's holder can decide, and until when; money of jurors and bidders."""

from dataclasses import replace

from suanli.direct.bids import SealedBid
from suanli.direct.holdings import AuctionHolding, AuctionState, Holdings, OwnedNode, Seat, Waits
from suanli.direct.moves import Place, Step
from suanli.direct.phases import Case, Panel
from suanli.direct.steps import choices, places
from suanli.direct.verdicts import ABSTENTION, SealedVerdict
from suanli.protocol.auctions import AuctionTerms
from suanli.protocol.court import Challenge, Claim, kept
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.states import NodeState

ME, NODE, OTHER = ("0x" + digit * 40 for digit in "123")
ID = "0x" + "ab" * 32
RULES = CourtRules.development()
WAITS = Waits(thaw=10, unbonding=20, operator_unbonding=30, claim_grace=40)
NOBODY = Holdings(ME, 1000, 0, 0, 0, RULES, WAITS)
OWNER = replace(NOBODY, nodes=(OwnedNode(NODE, NodeState.CONNECTED, 30, 10, 0),))
CLAIM = Claim(ID, ID, 0, NODE, OTHER, OTHER, False, 0, 70, 990, ID)
DISPUTE = Case(CLAIM, Challenge(OTHER, 995, 5, 4), ID)
DRAWN = replace(DISPUTE, first=Panel(1000, 0))
TO_OPENING = 1000 + RULES.commit_seconds + 1
TO_APPEAL = TO_OPENING + RULES.open_seconds
TERMS = AuctionTerms(OTHER, ID, 4, 500, 8, 1100, 1200, 2000, 1)
SEALED = SealedVerdict(dispute=ID, round=0, seat=1, verdict=ABSTENTION, salt=ID)


def what(holdings: Holdings) -> list[str]:
    """The choices' first words."""
    return [one.what for one in choices(holdings)]


def has(holdings: Holdings, kind: str) -> bool:
    """Whether money of a kind is listed."""
    return kind in {one.kind for one in places(holdings, ME)}


def placed(holdings: Holdings, kind: str) -> Place:
    """The one place of a kind."""
    (found,) = [one for one in places(holdings, ME) if one.kind == kind]
    return found


def step(holdings: Holdings, kind: str) -> Step:
    """The next step of the one place of a kind."""
    found = placed(holdings, kind).step
    assert found is not None
    return found


def test_a_buyer_may_challenge_a_claim_on_its_money_in_its_window() -> None:
    buyer = replace(NOBODY, cases=(replace(DISPUTE, challenge=None, claim=replace(CLAIM, buyer=ME)),))
    (choice,) = choices(buyer)
    assert (choice.until, choice.stake) == (990 + RULES.claim_window_seconds, RULES.challenge_bond)
    assert choices(replace(buyer, now=choice.until + 1)) == []
    assert not has(buyer, "claim")  # the money is the node's unless somebody objects


def test_a_buyer_appeals_against_a_claim_that_stands_whoever_challenged() -> None:
    case = replace(DRAWN, claim=replace(CLAIM, buyer=ME))
    buyer = replace(NOBODY, now=TO_APPEAL, cases=(case,))
    (choice,) = choices(replace(buyer, findings={ID: kept(case.claim.work)}))
    assert (choice.what.split(" ")[0], choice.stake) == ("appeal", RULES.appeal_bond)
    assert choices(replace(buyer, findings={ID: kept(case.claim.work) + 2})) == []


def test_only_the_losing_side_appeals_and_nobody_pays_where_three_did_not_agree() -> None:
    def asked(who: Holdings, finding: int | None) -> list[tuple[str, int]]:
        holdings = replace(who, now=TO_APPEAL, cases=(DRAWN,), findings={ID: finding})
        return [(one.what.split(" ")[0], one.stake) for one in choices(holdings)]

    challenger, stands = replace(NOBODY, account=OTHER), kept(CLAIM.work)
    assert asked(OWNER, stands) == asked(challenger, stands + 2) == []
    appeal = [("appeal", RULES.appeal_bond)]
    assert asked(OWNER, stands + 2) == asked(challenger, stands) == appeal
    assert asked(OWNER, None) == asked(challenger, None) == [("let", 0)]


def test_a_juror_is_told_to_judge_and_a_kept_verdict_is_opened_for_it() -> None:
    seat = Seat(DRAWN, NODE, 0, 1, stored=0)
    assert what(replace(OWNER, seats=(seat,))) == ["judge, or abstain"]
    sealed = replace(seat, stored=SEALED.closed(), kept=SEALED)
    opening = step(replace(OWNER, seats=(sealed,)), "juror seat")
    assert (opening.function, opening.ready_at) == ("openVerdict", TO_OPENING)
    elsewhere = replace(sealed, kept=None)
    assert what(replace(OWNER, seats=(elsewhere,))) == ["open the verdict where it was sealed"]
    late = replace(OWNER, now=TO_APPEAL, seats=(sealed,))
    assert (what(late), has(late, "juror seat")) == ([], False)


def test_a_juror_that_agrees_with_its_panel_waits_for_its_fee() -> None:
    seat = Seat(DRAWN, NODE, 0, 1, stored=2, majority=True)
    holdings = replace(OWNER, seats=(seat,))
    assert placed(holdings, "juror fee").amount == RULES.juror_fee
    assert step(holdings, "juror fee").function == "resolve"


def test_a_dispute_is_drawn_as_soon_as_the_court_would() -> None:
    case = replace(DISPUTE, appellant=ME)
    waiting = replace(OWNER, cases=(case,))
    end, call = step(waiting, "dispute"), step(replace(waiting, drawing={ID: "rearm"}), "dispute")
    assert (end.function, end.ready_at) == ("resolve", 995 + RULES.draw_seconds + 1)
    assert (call.function, call.ready_at) == ("rearm", 0)
    assert placed(waiting, "appeal bond").amount == RULES.appeal_bond


def test_stake_that_is_locked_is_due_when_its_claims_can_be_over() -> None:
    unbonding = replace(OWNER, nodes=(OwnedNode(NODE, NodeState.UNBONDING, 30, 10, 1005),), cases=(DISPUTE,))
    stake = placed(unbonding, "stake")
    assert (stake.step, stake.due_at) == (None, 995 + RULES.draw_seconds + 1)
    assert placed(OWNER, "stake").due_at == 1000 + WAITS.unbonding


def test_a_bidder_opens_what_it_kept_and_an_award_waits_for_its_end() -> None:
    bid = SealedBid(auction=ID, node=NODE, price=1, qualities=(), salt=ID)
    running = AuctionHolding(ID, TERMS, AuctionState.OPEN, bids=True, sealed=1, own_sealed=1, unopened=(bid,))
    bidder = replace(OWNER, auctions=(running,))
    sealed, reveal = placed(bidder, "sealed bid"), step(bidder, "sealed bid")
    assert (sealed.amount, reveal.function, reveal.ready_at) == (8, "revealBid", 1101)
    assert sealed.due_at == 2000 + WAITS.claim_grace + 1
    lost = replace(running, unopened=())
    assert what(replace(OWNER, auctions=(lost,))) == ["open the bid where it was sealed"]
    won = AuctionHolding(ID, TERMS, AuctionState.AWARDED, deposits=8, bids=True, release_at=3000)
    assert what(replace(OWNER, auctions=(won,))) == ["claim the award's finished tasks"]
    assert what(replace(OWNER, auctions=(replace(won, finished=True),))) == []
    buyer = replace(NOBODY, auctions=(replace(won, deposits=0, forfeited=6),))
    assert placed(buyer, "forfeited deposit").amount == 6
    assert step(buyer, "forfeited deposit").ready_at == 3000


def test_the_most_urgent_choice_comes_first() -> None:
    seat = Seat(DRAWN, NODE, 0, 1, stored=0)
    won = AuctionHolding(ID, TERMS, AuctionState.AWARDED, deposits=8, bids=True, release_at=3000)
    untils = [one.until for one in choices(replace(OWNER, seats=(seat,), auctions=(won,)))]
    assert untils == sorted(untils)
    assert len(untils) == 2
