"""What the ClaimCourt's events say of panels: challenges, seeds, seats, sealed and opened verdicts.

Each panel is drawn here a second time, by the hash of the block that its dispute named, and every step is
held against the time that it has.
"""

from typing import Any

from suanli.audit.books.records import Claim, ClaimState, Dispute, Panel, Seat
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.checks import Check, check
from suanli.protocol.court import (
    MAXIMUM_TRIES,
    UNAVAILABLE,
    Challenge,
    dispute_id,
    draw_panel,
    panel_seats,
    places_of,
    verdict_seal,
    work_hash,
)
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address, Hash

NOBODY = "0x" + "00" * 20
_RECENT_BLOCKS = 256
"""The hashes that every chain shows its contracts; where it has EIP-2935, they see more."""
_HISTORY_BLOCKS = 8191


def dispute_of(claim: Claim) -> Dispute:
    """The claim's dispute. Raises LookupError when nobody has challenged it."""
    if claim.dispute is None:
        raise LookupError(f"claim {claim.id} is not disputed")
    return claim.dispute


def seed_block(books: Books, dispute: Hash) -> int:
    """The block whose hash draws the dispute's next panel; zero for a dispute that nobody knows."""
    claim = books.disputed.get(dispute)
    return 0 if claim is None else dispute_of(claim).seed_block


def end_of(books: Books, panel: Panel) -> int:
    """The last second in which verdicts of a drawn panel may be opened."""
    return panel.drawn_at + books.rules.commit_seconds + books.rules.open_seconds


def drawing_ends(books: Books, dispute: Dispute) -> int:
    """The last second in which the panel of the present round may be drawn."""
    since = dispute.challenge.challenged_at if dispute.escalated_at is None else dispute.escalated_at
    return since + books.rules.draw_seconds


def in_phase(step: str, right: bool, id_: Hash) -> Check:
    """A step of a dispute had its time."""
    return check("court_phase", right, f"{step} in dispute {id_}")


def _challenged(books: Books, event: Event, said: dict[str, Any]) -> None:
    claim, told = books.claims[said["id"]], said["challenge"]
    names = ("challenger", "challengedAt", "blockNumber", "nodeCount")
    challenge = Challenge(*(told[name] for name in names))
    in_time = event.at <= claim.opened_at + books.rules.claim_window_seconds
    once = claim.state is ClaimState.OPEN
    known = dispute_id(claim.as_opened(), challenge) == said["dispute"]
    here = (event.at, event.block, len(books.nodes))
    true = (challenge.challenged_at, challenge.block_number, challenge.node_count) == here
    seed = challenge.block_number + books.rules.seed_delay_blocks
    claim.state, claim.dispute = ClaimState.DISPUTED, Dispute(said["dispute"], challenge, seed)
    books.disputed[said["dispute"]] = claim
    right = in_time and once and known and true
    books.checks.append(check("challenge", right, f"claim {claim.id} challenged in its window"))
    books.explain(challenge.challenger, books.modules.court, books.rules.challenge_bond)


def _rearmed(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Only when the hash of the block named before is out of reach, and for a block that is yet to come."""
    dispute = dispute_of(books.disputed[said["dispute"]])
    lost = event.block - dispute.seed_block > _RECENT_BLOCKS
    ahead = said["blockNumber"] == event.block + books.rules.seed_delay_blocks
    right = lost and ahead and said["round"] == dispute.round and dispute.round not in dispute.panels
    detail = f"block {said['blockNumber']} named in block {event.block} in place of {dispute.seed_block}"
    books.checks += [
        check("seed", right, detail),
        in_phase("named a seed", event.at <= drawing_ends(books, dispute), dispute.id),
    ]
    dispute.seed_block, dispute.rearmed = said["blockNumber"], True
    dispute.tries, dispute.begun = 0, []


def _drawn(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Three jurors, then seven: nodes of different owners, none of whom is a party or sat before."""
    claim, round_ = books.disputed[said["dispute"]], said["round"]
    dispute = dispute_of(claim)
    nodes, places = list(books.nodes), places_of(said["panel"], round_)
    barred = _barred(books, claim)
    jurors = [nodes[place] for place in places]
    owners = [books.nodes[node].owner for node in jurors]
    apart = len(set(owners)) == len(owners) and not barred & set(owners)
    due = _due(books, claim, said["seed"])
    books.checks += [
        check("panel", apart, f"{len(jurors)} jurors of different owners, none of them a party"),
        check(
            "panel_seed",
            _may_draw(dispute, event, round_) and places == due,
            f"seats {places}, block {dispute.seed_block} draws {due}",
        ),
        in_phase("drew a panel", event.at <= drawing_ends(books, dispute), dispute.id),
    ]
    dispute.panels[round_] = Panel([Seat(node) for node in jurors], said["panel"], event.at)
    dispute.tries, dispute.begun = 0, []


def _continued(books: Books, event: Event, said: dict[str, Any]) -> None:
    """One call of `draw` did not fill the panel; the next goes on with the same seed."""
    claim = books.disputed[said["dispute"]]
    dispute = dispute_of(claim)
    begun, tries = _due(books, claim, said["seed"]), dispute.tries + MAXIMUM_TRIES
    short = len(begun) < panel_seats(dispute.round) and said["tries"] == tries
    detail = f"{said['tries']} tries, block {dispute.seed_block} has seated {begun} after {tries}"
    books.checks += [
        check("panel_seed", _may_draw(dispute, event, said["round"]) and short, detail),
        in_phase("drew on", event.at <= drawing_ends(books, dispute), dispute.id),
    ]
    dispute.tries, dispute.begun = tries, begun


def _may_draw(dispute: Dispute, event: Event, round_: int) -> bool:
    """The round waits for its panel, and its seed's block could be read."""
    once = round_ == dispute.round and round_ not in dispute.panels
    return once and dispute.seed_block < event.block <= dispute.seed_block + _HISTORY_BLOCKS


def _due(books: Books, claim: Claim, block_hash: Hash) -> list[int]:
    """The places that one call of `draw` fills by the hash, from the nodes as they stand."""
    nodes, dispute = list(books.nodes.values()), dispute_of(claim)
    challenge = dispute.challenge

    def eligible_owner(place: int) -> Address | None:
        node = nodes[place]
        early = node.connected_at < challenge.challenged_at
        free = node.stake - node.locked >= books.rules.juror_slash
        return node.owner if early and free and node.state is NodeState.CONNECTED else None

    count = min(challenge.node_count, len(nodes))
    barred = _barred(books, claim) | {nodes[place].owner for place in dispute.begun}
    drawing = block_hash, dispute.id, dispute.round, count
    return draw_panel(*drawing, eligible_owner, barred, dispute.begun, dispute.tries)


def _barred(books: Books, claim: Claim) -> set[Address]:
    """Who may not judge: the parties, and before the second panel the owners of the first."""
    dispute = dispute_of(claim)
    sat = [seat.node for round_, panel in dispute.panels.items() if round_ == 0 for seat in panel.seats]
    owners = {books.nodes[node].owner for node in (claim.node, *sat)}
    return owners | {claim.buyer, dispute.challenger}


def _sealed(books: Books, event: Event, said: dict[str, Any]) -> None:
    dispute = dispute_of(books.disputed[said["dispute"]])
    panel = dispute.panels[said["round"]]
    seat = panel.seats[said["seat"]]
    in_time = event.at <= panel.drawn_at + books.rules.commit_seconds
    books.checks.append(in_phase("sealed a verdict", in_time and seat.seal is None, dispute.id))
    seat.seal = said["verdict"]


def _opened(books: Books, event: Event, said: dict[str, Any]) -> None:
    """The log hashes the verdict; what it says, and that it was sealed, only the calldata tells."""
    dispute = dispute_of(books.disputed[said["dispute"]])
    panel, call = dispute.panels[said["round"]], said["call"]
    seat = panel.seats[said["seat"]]
    work = work_hash(call.outcome, call.result, call.usage)
    sealed = verdict_seal(dispute.id, said["round"], said["seat"], work, call.salt)
    begins, right = panel.drawn_at + books.rules.commit_seconds, (work, sealed) == (said["work"], seat.seal)
    books.checks += [
        check("verdict", right, f"seat {said['seat']} opened what it sealed in dispute {dispute.id}"),
        in_phase("opened a verdict", begins < event.at <= end_of(books, panel), dispute.id),
    ]
    seat.abstained = call.outcome == UNAVAILABLE
    seat.work = None if seat.abstained else said["work"]


def _escalated(books: Books, event: Event, said: dict[str, Any]) -> None:
    dispute = dispute_of(books.disputed[said["dispute"]])
    opened = end_of(books, dispute.panels[0])
    in_time = dispute.escalated_at is None and opened < event.at <= opened + books.rules.appeal_seconds
    books.checks.append(in_phase("escalated", in_time, dispute.id))
    dispute.escalated_at, dispute.rearmed = event.at, False
    dispute.seed_block = event.block + books.rules.seed_delay_blocks
    dispute.tries, dispute.begun = 0, []
    if said["appellant"] != NOBODY:
        dispute.appellant = said["appellant"]
        books.explain(dispute.appellant, books.modules.court, books.rules.appeal_bond)


RECORDERS: dict[str, Recorder] = {
    "ClaimChallenged": _challenged,
    "SeedRearmed": _rearmed,
    "PanelDrawn": _drawn,
    "DrawContinued": _continued,
    "VerdictSealed": _sealed,
    "VerdictOpened": _opened,
    "DisputeEscalated": _escalated,
}
