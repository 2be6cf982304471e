"""The next step for every place where money can stand, and when."""

from dataclasses import replace

from suanli.direct.holdings import AuctionHolding, AuctionState, Holdings, OwnedNode, Reserved
from suanli.direct.phases import Case, Panel, Phase, ends_at, phase_of
from suanli.direct.steps import places, possible
from suanli.protocol.auctions import AuctionTerms
from suanli.protocol.court import Challenge, Claim
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.states import NodeState

ME, NODE, OTHER = ("0x" + digit * 40 for digit in "123")
ID = "0x" + "ab" * 32
RULES = CourtRules.development()
NOTHING = Holdings(ME, 1000, 0, 0, 0, RULES)
CLAIM = Claim(ID, ID, 0, NODE, OTHER, OTHER, False, 0, 70, 1000, ID)
TERMS = AuctionTerms(ME, ID, 4, 500, 8, 1100, 1200, 2000, 1)
AUCTION = AuctionHolding(ID, TERMS, AuctionState.OPEN, budget=500)


def due(holdings: Holdings) -> list[str]:
    return [step.function for step in possible(places(holdings, ME), holdings.now)]


def next_step(holdings: Holdings, kind: str) -> tuple[str, int] | None:
    (place,) = (one for one in places(holdings, ME) if one.kind == kind)
    return None if place.step is None else (place.step.function, place.step.ready_at)


def owning(**changes: object) -> Holdings:
    node = OwnedNode(NODE, NodeState.CONNECTED, 30, 0, 0)
    return replace(NOTHING, nodes=(replace(node, **changes),))  # type: ignore[arg-type]


def test_an_account_with_nothing_is_out() -> None:
    assert places(NOTHING, ME) == []


def test_a_balance_is_thawed_then_withdrawn_when_it_is_ready() -> None:
    holdings = replace(NOTHING, balance=50)
    assert due(holdings) == ["thaw"]
    holdings = replace(holdings, thawing=50, thaw_ready_at=1001)
    assert due(holdings) == []
    assert due(replace(holdings, now=1001)) == ["withdraw"]


def test_money_that_stands_elsewhere_is_thawed_ahead() -> None:
    holdings = replace(owning(state=NodeState.UNBONDING, releasable_at=2000), balance=5)
    (step,) = possible(places(holdings, ME), 1000)
    assert (step.function, step.arguments) == ("thaw", (35,))


def test_a_node_is_disconnected_then_released_once_nothing_is_locked() -> None:
    for state in (NodeState.CONNECTED, NodeState.DRAINING):
        assert next_step(owning(state=state), "stake") == ("disconnect", 0)
    unbonding = {"state": NodeState.UNBONDING, "releasable_at": 2000}
    assert next_step(owning(**unbonding), "stake") == ("release", 2000)
    assert next_step(owning(**unbonding, locked=1), "stake") is None
    assert places(owning(state=NodeState.RELEASED, stake=0), ME) == []


def test_a_reservation_returns_at_its_time() -> None:
    assert next_step(replace(NOTHING, reservations=(Reserved(ID, 9, 1500),)), "reservation") == (
        "release",
        1500,
    )


def test_an_auction_without_bids_is_cancelled_and_one_with_bids_awarded() -> None:
    def step(**changes: object) -> tuple[str, int] | None:
        auction = replace(AUCTION, **changes)  # type: ignore[arg-type]
        return next_step(replace(NOTHING, auctions=(auction,)), "auction budget")

    assert step() == ("cancelAuction", 0)
    assert step(bids=True, sealed=1) == ("award", 1201)
    assert step(bids=True) == ("award", 1101)
    assert step(terms=replace(TERMS, commit_until=999)) == ("award", 1000)


def test_a_winners_deposit_returns_when_the_award_is_finished_or_its_time_over() -> None:
    won = replace(AUCTION, state=AuctionState.AWARDED, budget=0, deposits=8, release_at=3000)
    assert next_step(replace(NOTHING, auctions=(won,)), "auction deposit") == ("settleBond", 3000)
    done = replace(won, finished=True)
    assert next_step(replace(NOTHING, auctions=(done,)), "auction deposit") == ("settleBond", 0)


def test_a_winners_deposit_waits_for_the_claims_on_its_award() -> None:
    won = replace(AUCTION, state=AuctionState.AWARDED, budget=0, deposits=8, finished=True, open_claims=1)
    assert next_step(replace(NOTHING, auctions=(won,)), "auction deposit") is None


def test_an_operator_unbonds_then_takes_its_bond() -> None:
    bonded = replace(NOTHING, bond=100)
    assert next_step(bonded, "operator bond") == ("unbond", 0)
    assert next_step(replace(bonded, bond_releasable_at=4000), "operator bond") == ("withdrawBond", 4000)


def test_a_claim_passes_every_phase_in_time() -> None:
    window = CLAIM.opened_at + RULES.claim_window_seconds
    assert phase_of(Case(CLAIM), RULES, window) == (Phase.WINDOW, window)
    assert phase_of(Case(CLAIM), RULES, window + 1) == (Phase.CLOSABLE, window + 1)
    disputed = Case(CLAIM, Challenge(ME, 1050, 5, 4), ID)
    assert phase_of(disputed, RULES, 1110) == (Phase.DRAWING, 1110)
    assert phase_of(disputed, RULES, 1111)[0] is Phase.RESOLVABLE
    drawn = replace(disputed, first=Panel(1100, 0))
    seen = [phase_of(drawn, RULES, now)[0] for now in (1160, 1161, 1220, 1221, 1280, 1281)]
    assert seen == [
        Phase.SEALING,
        Phase.OPENING,
        Phase.OPENING,
        Phase.APPEAL,
        Phase.APPEAL,
        Phase.RESOLVABLE,
    ]
    second = replace(drawn, escalated_at=1250)
    assert ends_at(second, RULES) == 1311
    assert ends_at(replace(second, second=Panel(1300, 0)), RULES) == 1421


def test_a_challenger_counts_its_bond_and_not_the_claim() -> None:
    case = Case(CLAIM, Challenge(ME, 1050, 5, 4), ID)
    (place, _) = places(replace(NOTHING, cases=(case,)), ME)
    assert (place.kind, place.amount) == ("challenge bond", RULES.challenge_bond)
