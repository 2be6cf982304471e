"""What events add up to: money that moves without a word, auctions and rulings that follow from no rule."""

import pytest

from suanli.audit.books import record
from suanli.audit.books.disputes import decided
from suanli.audit.books.records import (
    Auction,
    AuctionPhase,
    Claim,
    ClaimState,
    Dispute,
    Former,
    Grant,
    Panel,
    Seat,
)
from suanli.audit.books.state import Books
from suanli.audit.custody import custody
from suanli.audit.replay import moved_as_said
from suanli.protocol.court import Challenge, Ruling
from suanli.protocol.errors import AuditError
from tests.unit.audit.settlements import (
    ALICE,
    BOB,
    CAROL,
    COURT,
    NODE,
    NOW,
    OTHER,
    OWNER,
    RECEIPT,
    REGISTRY,
    ZERO,
    add_node,
    books,
    event,
)


def tell(kept: Books, contract: str, name: str, at: int = NOW, **said: object) -> None:
    """Records one event."""
    record(kept, event(name, said, contract, at))


def failed(kept: Books, tokens: int = 10**9) -> set[str]:
    return {one.name for one in custody(kept, tokens) if not one.passed}


def moved(kept: Books, from_: str, to: str, amount: int) -> None:
    tell(kept, "Ledger", "Moved", **{"from": from_, "to": to, "amount": amount})


def test_a_move_without_an_event_is_named_with_its_accounts() -> None:
    kept = books()
    moved(kept, ALICE, BOB, 5)
    found = moved_as_said(kept)
    assert not found.passed
    assert ALICE in found.detail
    assert BOB in found.detail


def test_an_event_without_its_move_is_named() -> None:
    kept = books()
    tell(kept, "GridRegistry", "StakeAdded", node=NODE, owner=OWNER, amount=5, stake=5)
    assert not moved_as_said(kept).passed
    assert "stakes" in failed(kept)


def test_a_stake_that_moves_as_it_is_said_is_held_by_the_registry() -> None:
    kept = books()
    tell(kept, "GridRegistry", "StakeAdded", node=NODE, owner=ALICE, amount=5, stake=5)
    moved(kept, ALICE, REGISTRY, 5)
    assert moved_as_said(kept).passed
    assert kept.accounts[REGISTRY].balance == kept.nodes[NODE].stake == 5
    assert "stakes" not in failed(kept)


def test_a_gift_to_a_contracts_account_is_no_stake() -> None:
    kept = books()
    tell(kept, "Ledger", "Deposited", account=REGISTRY, payer=ALICE, amount=9)
    assert "stakes" not in failed(kept)


def test_tokens_that_do_not_cover_what_is_owed_are_named() -> None:
    assert "solvency" in failed(books(), tokens=19_999)


def test_a_revoked_delegation_keeps_its_rest_and_ends_the_second_before() -> None:
    kept = books()
    kept.grants[ALICE, CAROL] = Grant(remaining=7, expiry=NOW + 9, nonce=1)
    tell(kept, "GridRegistry", "DelegationRevoked", account=ALICE, delegate=CAROL, nonce=2)
    assert kept.grants[ALICE, CAROL] == Grant(remaining=7, expiry=NOW - 1, nonce=2)


def test_of_replaced_delegations_the_largest_rest_keeps_its_own_end() -> None:
    kept = books()
    for nonce, (cap, expiry) in enumerate([(9, NOW + 5), (4, NOW + 7), (3, NOW + 7), (1, NOW + 6)], start=1):
        said = {"account": ALICE, "delegate": CAROL, "cap": cap, "expiry": expiry, "nonce": nonce}
        tell(kept, "GridRegistry", "Delegated", at=NOW + nonce, **said)
    assert kept.former[ALICE, CAROL] == Former(9, NOW + 1, 4, NOW + 3)


def test_of_what_delegations_left_claims_draw_once_and_in_time() -> None:
    former = Former(9, NOW, 4, NOW + 3)
    assert former.since(NOW) == former
    assert former.since(NOW + 1) == Former(4, NOW + 3)
    assert former.since(NOW + 4) == Former()
    assert former.drawn(3) == Former(6, NOW, 4, NOW + 3)
    assert former.drawn(7) == Former(2, NOW, 2, NOW + 3)
    assert former.replaced(9, NOW + 5) == Former(9, NOW + 5)


def test_an_event_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(AuditError):
        tell(books(), "Ledger", "MoneyVanished")


def auction(kept: Books) -> Auction:
    """An auction of 100 atoms in which NODE asked 40 and BOB 60, one quality at two atoms a unit."""
    rules = ((10, 2),)
    kept.auctions[OTHER] = made = Auction(ALICE, CAROL, 2, 100, 5, NOW, ZERO, rules)
    add_node(kept, BOB, BOB)
    for node, price, quality in ((NODE, 40, 3), (BOB, 60, 1)):
        tell(kept, "Bidding", "BidCommitted", auction=OTHER, node=node, seal=ZERO)
        said = {"price": price, "qualities": [quality], "score": price + 2 * quality, "valid": True}
        tell(kept, "Bidding", "BidRevealed", auction=OTHER, node=node, **said)
    return made


@pytest.mark.parametrize(
    ("node", "payment", "right"), [(NODE, 56, True), (NODE, 57, False), (BOB, 56, False)]
)
def test_the_best_bid_wins_at_the_second_bests_score(node: str, payment: int, right: bool) -> None:
    kept = books()
    made = auction(kept)
    tell(kept, "Bidding", "AuctionAwarded", auction=OTHER, node=node, payment=payment, forfeited=0)
    assert [one.passed for one in kept.checks] == [True, True, right]
    assert (made.phase, made.payment, made.bond) == (AuctionPhase.AWARDED, 56, 5)


def disputed(kept: Books, *panels: list[str | None]) -> Claim:
    """A claim for RECEIPT's work of which panels found what is given, seat by seat."""
    claim = Claim(OTHER, ZERO, 0, NODE, ALICE, ALICE, False, 0, 100, NOW, RECEIPT, ZERO)
    claim.state, claim.dispute = ClaimState.DISPUTED, Dispute(ZERO, Challenge(BOB, NOW, 1, 1))
    claim.dispute.panels = {
        round_: Panel([Seat(NODE, work) for work in works]) for round_, works in enumerate(panels)
    }
    kept.claims[claim.id] = kept.disputed[ZERO] = claim
    return claim


WRONG = "0x" + "ee" * 32
RULINGS: list[tuple[tuple[list[str | None], ...], Ruling]] = [
    (([RECEIPT, RECEIPT, WRONG],), Ruling.STANDS),
    (([WRONG, WRONG, RECEIPT],), Ruling.FALLS),
    (([RECEIPT, WRONG, None],), Ruling.UNDECIDED),
    (([RECEIPT, None, None],), Ruling.UNDECIDED),
    ((), Ruling.UNDECIDED),
    (([RECEIPT, RECEIPT, None], [WRONG] * 4 + [RECEIPT] * 3), Ruling.FALLS),
    (([RECEIPT, RECEIPT, None], [WRONG] * 3 + [RECEIPT] * 3 + [None]), Ruling.STANDS),
]


@pytest.mark.parametrize(("panels", "ruling"), RULINGS)
def test_a_ruling_follows_from_the_last_panel_that_agreed(
    panels: tuple[list[str | None], ...], ruling: Ruling
) -> None:
    for said in Ruling:
        kept = books()
        claim = disputed(kept, *panels)
        tell(kept, "ClaimCourt", "DisputeResolved", id=OTHER, dispute=ZERO, ruling=said.value)
        assert [one.passed for one in kept.checks if one.name == "ruling"] == [said is ruling]
        assert (claim.payee is not None) == (said is Ruling.STANDS)


def test_a_claim_that_fell_pays_nobody_and_frees_its_serial() -> None:
    kept = books()
    claim = disputed(kept, [WRONG, WRONG, WRONG])
    kept.serials.take(NODE, [0], "claim")
    assert decided(claim) is not None
    tell(kept, "ClaimCourt", "DisputeResolved", id=OTHER, dispute=ZERO, ruling=Ruling.FALLS.value)
    assert (claim.state, claim.payee) == (ClaimState.FALLEN, None)
    assert not kept.serials.is_taken(NODE, 0)
    assert kept.explained[ALICE] >= claim.amount
    assert kept.explained[COURT] == -sum(kept.explained[one] for one in (ALICE, BOB, OWNER))
