"""The ClaimCourt's views: every claim's record, what each order was claimed for, panels and verdicts."""

from collections import Counter
from collections.abc import Iterator

from suanli.audit.books.panels import dispute_of
from suanli.audit.books.records import Claim, ClaimState, Seat
from suanli.audit.views.compare import Compared, Views
from suanli.protocol.court import kept
from suanli.protocol.values import Hash

NONE = "0x" + f"{0:064x}"
ROUNDS = (0, 1)
FALLEN = "0x" + f"{1:064x}"
ABSTAINED = 2


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    yield "claim", _claims(views)
    yield "claimed", _claimed(views)
    yield "claimed_copies", _copies(views)
    yield "open_award_claims", _open_on_awards(views)
    yield "panel_drawn", _panels(views)
    yield "verdict_kept", _verdicts(views)


def _claims(views: Views) -> Compared:
    for id_, claim in views.books.claims.items():
        ours = {ClaimState.OPEN: claim.as_opened().hash(), ClaimState.FALLEN: FALLEN}.get(claim.state, NONE)
        if claim.state is ClaimState.DISPUTED and claim.dispute is not None:
            ours = claim.dispute.id
        yield id_, ours, "0x" + views("ClaimCourt", "recordOf", id_).hex()


def _claimed(views: Views) -> Compared:
    sums = Counter[Hash]()
    for claim in views.books.claims.values():
        if not claim.awarded:
            sums[claim.order] += claim.amount if _counts(claim) else 0
    for order, ours in sums.items():
        yield order, ours, views("ClaimCourt", "claimedOf", order)


def _copies(views: Views) -> Compared:
    counts = Counter[tuple[Hash, int]]()
    for claim in views.books.claims.values():
        if not claim.awarded:
            counts[claim.order, claim.task] += _counts(claim)
    for (order, task), ours in counts.items():
        yield f"task {task} of {order}", ours, views("ClaimCourt", "copiesOf", order, task)


def _open_on_awards(views: Views) -> Compared:
    """Only claims on awards are counted: an auction's deposit waits for them."""
    counts = Counter[Hash]()
    for claim in views.books.claims.values():
        counts[claim.order] += claim.awarded and claim.is_open
    for order, ours in counts.items():
        yield order, ours, views("ClaimCourt", "openClaimsOf", order)


def _panels(views: Views) -> Compared:
    """Of a dispute that has ended nothing is kept."""
    for id_, claim in views.books.disputed.items():
        for round_ in ROUNDS:
            said = views("ClaimCourt", "panelOf", id_, round_)
            yield f"round {round_} of {id_}", _round(claim, round_), said


def _round(claim: Claim, round_: int) -> list[int]:
    """When a panel was drawn and whom; before, the block that was named for its seed, if one was."""
    dispute = dispute_of(claim)
    if not claim.is_open:
        return [0, 0]
    if round_ in dispute.panels:
        return [dispute.panels[round_].drawn_at, dispute.panels[round_].drawn]
    named = round_ == dispute.round and (dispute.rearmed or round_ > 0)
    return [0, dispute.seed_block if named else 0]


def _verdicts(views: Views) -> Compared:
    for id_, claim in views.books.disputed.items():
        for round_, panel in dispute_of(claim).panels.items():
            for place, seat in enumerate(panel.seats):
                ours = _verdict(seat) if claim.is_open else 0
                said = int.from_bytes(views("ClaimCourt", "verdictOf", id_, round_, place), "big")
                yield f"seat {place} in round {round_} of {id_}", ours, said


def _verdict(seat: Seat) -> int:
    """As the court keeps it: half of the seal with a mark, or half of the opened work without."""
    if seat.abstained:
        return ABSTAINED
    if seat.work is not None:
        return kept(seat.work)
    return 0 if seat.seal is None else kept(seat.seal) | 1


def _counts(claim: Claim) -> bool:
    return claim.is_open or claim.state is ClaimState.PAID
