"""Disputes step by step: who is drawn, when, and whose stake is taken; what breaks a rule is named."""

import pytest
from eth_account import Account as Keys

from suanli.audit.books import record
from suanli.audit.books.records import Claim, Node
from suanli.audit.books.state import Books
from suanli.audit.claim_calls import VerdictCall
from suanli.audit.replay import slashed_as_ruled
from suanli.protocol.anchoring import FaultReason
from suanli.protocol.court import (
    MAXIMUM_TRIES,
    UNAVAILABLE,
    Challenge,
    Ruling,
    dispute_id,
    draw_panel,
    verdict_seal,
    work_hash,
)
from suanli.protocol.messages import Usage
from suanli.protocol.states import NodeState, SlashReason
from suanli.protocol.values import Address, Hash
from tests.unit.audit.settlements import (
    ALICE,
    BOB,
    CAROL,
    NODE,
    NOW,
    OTHER,
    RECEIPT,
    ZERO,
    add_node,
    books,
    event,
)

FLEET = [str(Keys.from_key(bytes([number]) * 32).address) for number in range(1, 13)]
BLOCK = 1
SEED = "0x" + "5e" * 32
SALT = "0x" + "05" * 32
USAGE = Usage(fuel=1, memoryFuel=1, ingress=1, egress=1)
TRUE, FALSE = "0x" + "ee" * 32, "0x" + "0f" * 32
EPOCH = 7


class Trial:
    """A claim of NODE for a work with the result TRUE, challenged by BOB before a fleet of other owners."""

    def __init__(self, dead: int = 0) -> None:
        self.books = books()
        for number in range(dead):
            gone = Node(CAROL, NodeState.RELEASED, 0, ZERO, ZERO, ZERO, connected_at=NOW - 1)
            self.books.nodes[f"0x{number + 10**6:040x}"] = gone
        for number, node in enumerate(FLEET):
            self.books.nodes[node] = Node(
                f"0x{number + 50:040x}", NodeState.CONNECTED, 10**6, ZERO, ZERO, ZERO, connected_at=NOW - 1
            )
        claim = Claim(OTHER, ZERO, 0, NODE, ALICE, ALICE, False, 0, 100, NOW, work_hash(0, TRUE, USAGE), ZERO)
        self.books.claims[OTHER] = claim
        challenge = Challenge(BOB, NOW, BLOCK, len(self.books.nodes))
        self.id = dispute_id(claim.as_opened(), challenge)
        names = ("challenger", "challengedAt", "blockNumber", "nodeCount")
        told = dict(zip(names, (BOB, NOW, BLOCK, len(self.books.nodes)), strict=True))
        self.tell("ClaimChallenged", NOW, id=OTHER, dispute=self.id, challenge=told)

    def tell(self, name: str, at: int, block: int = 10, **said: object) -> set[str]:
        """Records one event of the court; what was wrong with it."""
        self.books.checks.clear()
        record(self.books, event(name, said, "ClaimCourt", at, block))
        return {one.name for one in self.books.checks if not one.passed}

    def due(self, seed: Hash = SEED) -> list[int]:
        """The places that a seed draws."""
        return self.due_after(0, [], seed)

    def due_after(self, tries: int, seated: list[int], seed: Hash = SEED) -> list[int]:
        """The places that it draws once so many were tried and these seated."""
        owners: dict[int, Address] = {
            place: node.owner
            for place, node in enumerate(self.books.nodes.values())
            if node.connected_at and node.stake
        }
        nodes = list(self.books.nodes.values())
        barred = {ALICE, BOB, self.owner} | {nodes[place].owner for place in seated}
        return draw_panel(seed, self.id, 0, len(nodes), owners.get, barred, seated, tries)

    @property
    def owner(self) -> Address:
        """NODE's."""
        return self.books.nodes[NODE].owner

    def draw(self, places: list[int], at: int = NOW + 1, block: int = 10) -> set[str]:
        """Tells that these were drawn by SEED."""
        panel = sum(place << 32 * seat for seat, place in enumerate(places))
        return self.tell("PanelDrawn", at, block, dispute=self.id, round=0, panel=panel, seed=SEED)

    def draw_on(self, tries: int, block: int = 10) -> set[str]:
        """Tells that a call of `draw` left seats empty."""
        return self.tell("DrawContinued", NOW, block, dispute=self.id, round=0, tries=tries, seed=SEED)

    def judge(self, seat: int, result: Hash, sealed: Hash | None = None, outcome: int = 0) -> set[str]:
        """A juror seals and opens."""
        call = VerdictCall(outcome, result, USAGE, SALT)
        work = work_hash(outcome, result, USAGE)
        place = {"dispute": self.id, "round": 0, "seat": seat}
        seal = verdict_seal(self.id, 0, seat, work_hash(outcome, sealed or result, USAGE), SALT)
        wrong = self.tell("VerdictSealed", NOW + 2, verdict=seal, **place)
        opening = NOW + 1 + self.books.rules.commit_seconds + 1
        return wrong | self.tell("VerdictOpened", opening, work=work, call=call, **place)

    def resolve(self, ruling: Ruling) -> set[str]:
        """Ends the dispute after its time."""
        end = NOW + self.books.rules.longest_dispute()
        return self.tell("DisputeResolved", end, id=OTHER, dispute=self.id, ruling=ruling.value)


def test_a_panel_is_the_one_that_the_seed_draws() -> None:
    trial = Trial()
    assert trial.draw(trial.due()) == set()


def test_jurors_of_another_seed_are_named() -> None:
    trial = Trial()
    other = trial.due("0x" + "5f" * 32)
    assert other != trial.due()
    assert trial.draw(other) == {"panel_seed"}


def test_a_juror_who_is_a_party_or_sits_twice_is_named() -> None:
    trial = Trial()
    first, second, _ = trial.due()
    assert trial.draw([first, second, second]) == {"panel", "panel_seed"}
    assert Trial().draw([first, second, 0]) == {"panel", "panel_seed"}


@pytest.mark.parametrize(
    "unfit", [{"state": NodeState.DRAINING}, {"locked": 10**6 - 1}, {"connected_at": NOW}, {"stake": 0}]
)
def test_a_node_that_could_not_judge_is_not_drawn(unfit: dict[str, int]) -> None:
    trial = Trial()
    chosen = trial.due()
    juror = trial.books.nodes[list(trial.books.nodes)[chosen[0]]]
    for name, value in unfit.items():
        setattr(juror, name, value)
    assert trial.draw(chosen) == {"panel_seed"}


def test_a_draw_out_of_its_time_is_named() -> None:
    trial = Trial()
    late = NOW + trial.books.rules.draw_seconds + 1
    assert trial.draw(trial.due(), at=late) == {"court_phase"}
    trial = Trial()
    assert trial.draw(trial.due(), block=BLOCK) == {"panel_seed"}


def test_a_draw_goes_on_with_the_same_seed_where_most_places_are_dead() -> None:
    trial = Trial(dead=3000)
    tries, seated = 0, []
    while len(seated := trial.due_after(tries, seated)) < 3:
        tries += MAXIMUM_TRIES
        assert trial.draw_on(tries) == set()
    assert tries
    assert trial.draw(seated) == set()


def test_a_draw_that_goes_on_without_need_or_at_another_place_is_named() -> None:
    assert Trial().draw_on(MAXIMUM_TRIES) == {"panel_seed"}
    assert Trial(dead=3000).draw_on(MAXIMUM_TRIES - 1) == {"panel_seed"}


def test_where_nobody_judged_nobody_loses_stake_for_staying_away() -> None:
    trial = Trial()
    trial.draw(trial.due())
    assert trial.judge(0, TRUE, outcome=UNAVAILABLE) == set()
    assert trial.resolve(Ruling.UNDECIDED) == set()
    assert +trial.books.slashes == {}


def test_a_seed_is_named_anew_only_when_the_first_is_out_of_reach() -> None:
    delay = Trial().books.rules.seed_delay_blocks
    for block, wrong in ((BLOCK + delay + 256, {"seed"}), (BLOCK + delay + 257, set())):
        said = {"round": 0, "blockNumber": block + delay}
        trial = Trial()
        assert trial.tell("SeedRearmed", NOW, block, dispute=trial.id, **said) == wrong


def test_a_verdict_that_was_not_sealed_is_named() -> None:
    trial = Trial()
    trial.draw(trial.due())
    assert trial.judge(0, TRUE) == set()
    assert trial.judge(1, TRUE, sealed=FALSE) == {"verdict"}


def test_who_loses_stake_follows_from_the_ruling() -> None:
    trial = Trial()
    panel = trial.due()
    trial.draw(panel)
    trial.judge(0, FALSE)
    trial.judge(1, FALSE)
    assert trial.resolve(Ruling.FALLS) == set()
    nodes = list(trial.books.nodes)
    missing = nodes[panel[2]]
    assert +trial.books.slashes == {
        (NODE, SlashReason.CLAIM_FALSE): 1,
        (missing, SlashReason.VERDICT_MISSING): 1,
    }
    assert not slashed_as_ruled(trial.books).passed


def test_a_juror_who_could_not_get_the_inputs_loses_nothing() -> None:
    trial = Trial()
    trial.draw(trial.due())
    for seat, outcome in enumerate((0, 0, UNAVAILABLE)):
        assert trial.judge(seat, TRUE, outcome=outcome) == set()
    assert trial.resolve(Ruling.STANDS) == set()
    assert +trial.books.slashes == {}
    assert slashed_as_ruled(trial.books).passed


def test_a_slash_without_a_ruling_is_named() -> None:
    kept = books()
    add_node(kept, CAROL)
    kept.nodes[CAROL].stake = 10**6
    said = {"node": CAROL, "to": ALICE, "amount": 1, "locked": 0, "reason": SlashReason.VERDICT_WRONG.value}
    record(kept, event("NodeSlashed", said, "GridRegistry"))
    assert [one.name for one in kept.checks if not one.passed] == ["slash"]
    assert not slashed_as_ruled(kept).passed


def bonded() -> Books:
    """CAROL has bonded 101 atoms."""
    kept = books()
    record(kept, event("Bonded", {"operator": CAROL, "amount": 101, "bondedAt": NOW}, "EpochAnchors"))
    return kept


def slashed(kept: Books, shares: tuple[int, int, int], harmed: Address = ALICE) -> set[str]:
    """Tells that CAROL's bond was taken, shared so between reporter, harmed and nobody."""
    kept.checks.clear()
    said = {"operator": CAROL, "reason": FaultReason.ORDER_LEFT_OUT.value, "reporter": BOB, "harmed": harmed}
    said |= dict(zip(("reporterAmount", "harmedAmount", "burnedAmount"), shares, strict=True))
    record(kept, event("BondSlashed", said, "EpochAnchors"))
    return {one.name for one in kept.checks if not one.passed}


def test_a_bond_is_taken_for_a_proved_fault_in_the_shares_of_the_contract() -> None:
    kept = bonded()
    proved = event(
        "OrderLeftOutProved", {"operator": CAROL, "epoch": EPOCH, "order": RECEIPT}, "EpochAnchors"
    )
    record(kept, proved)
    assert slashed(kept, (25, 25, 51)) == set()
    assert kept.operators[CAROL].bond == 0
    assert len(kept.operators[CAROL].proved) == 1


def test_a_bond_taken_for_nothing_or_shared_otherwise_is_named() -> None:
    assert slashed(bonded(), (25, 25, 51)) == {"fault"}
    assert slashed(bonded(), (50, 0, 51)) == {"fault", "fault_shares"}
    assert slashed(bonded(), (50, 0, 51), harmed="0x" + "00" * 20) == {"fault"}
