"""The pure mirror of the court: ids change with every field, panels are of distinct, unbarred owners."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.court import (
    MAXIMUM_TRIES,
    Challenge,
    Claim,
    award_task_id,
    dispute_id,
    draw_panel,
    kept,
    panel_seats,
    places_of,
    verdict_seal,
    work_hash,
)
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.errors import ProtocolError
from suanli.protocol.messages import Usage

A, B = "0x" + "11" * 20, "0x" + "22" * 20
ONE, TWO = "0x" + "01" * 32, "0x" + "02" * 32
USAGE = Usage(fuel=1, memoryFuel=2, ingress=3, egress=4)
CLAIM = Claim(ONE, TWO, 1, A, B, A, False, 5, 6, 7, work_hash(0, ONE, USAGE))
CHALLENGE = Challenge(A, 8, 9, 10)

hashes = st.binary(min_size=32, max_size=32).map(lambda data: "0x" + data.hex())


@pytest.mark.parametrize(
    "change",
    [
        {"id": TWO}, {"order": ONE}, {"task": 2}, {"node": B}, {"buyer": A}, {"payer": B}, {"awarded": True},
        {"serial": 6}, {"amount": 7}, {"opened_at": 8}, {"work": TWO},
    ],
)  # fmt: skip
def test_every_field_of_a_claim_is_in_its_record(change: dict[str, object]) -> None:
    changed = replace(CLAIM, **change)  # type: ignore[arg-type]
    assert changed.hash() != CLAIM.hash()
    assert dispute_id(changed, CHALLENGE) != dispute_id(CLAIM, CHALLENGE)


@pytest.mark.parametrize(
    "change", [{"challenger": B}, {"challenged_at": 1}, {"block_number": 1}, {"node_count": 1}]
)
def test_every_field_of_a_challenge_is_in_the_disputes_id(change: dict[str, object]) -> None:
    changed = replace(CHALLENGE, **change)  # type: ignore[arg-type]
    assert dispute_id(CLAIM, changed) != dispute_id(CLAIM, CHALLENGE)


def test_a_juror_cannot_open_anothers_seal_in_its_own_seat() -> None:
    seals = {verdict_seal(ONE, round_, seat, TWO, ONE) for round_ in (0, 1) for seat in range(7)}
    assert len(seals) == 14


def test_the_lowest_bit_of_a_verdict_is_the_contracts_mark() -> None:
    assert kept("0x" + "ff" * 32) == (1 << 128) - 2


def test_tasks_of_an_award_have_ids_of_their_own() -> None:
    assert len({award_task_id(auction, task) for auction in (ONE, TWO) for task in range(3)}) == 6


@given(hashes, st.integers(0, 1), st.integers(1, 40))
def test_a_panel_is_of_distinct_owners_who_are_not_barred(seed: str, round_: int, count: int) -> None:
    owners = [f"owner {place % 12}" for place in range(count)]
    places = draw_panel(seed, ONE, round_, count, owners.__getitem__, {"owner 0"})
    drawn = [owners[place] for place in places]
    assert len(set(drawn)) == len(drawn) <= panel_seats(round_)
    assert "owner 0" not in drawn


@given(hashes, hashes, st.integers(0, 1))
def test_a_panel_depends_on_the_block_and_the_dispute(block: str, dispute: str, round_: int) -> None:
    drawn = draw_panel(block, dispute, round_, 1 << 60, str, ())
    assert len(drawn) == panel_seats(round_)
    other = ONE if dispute != ONE else TWO
    assert drawn != draw_panel(block, other, round_, 1 << 60, str, ())
    assert drawn != draw_panel(other if block != other else dispute, dispute, round_, 1 << 60, str, ())


def test_an_empty_fleet_is_tried_a_bounded_number_of_times() -> None:
    tried: list[int] = []
    assert draw_panel(ONE, TWO, 0, 5, tried.append, ()) == []
    assert len(tried) == MAXIMUM_TRIES


def test_places_are_read_from_the_event_by_seat() -> None:
    assert places_of(3 << 64 | 2 << 32 | 1, 0) == [1, 2, 3]


def test_rules_whose_bonds_cannot_pay_the_jurors_are_refused() -> None:
    with pytest.raises(ProtocolError):
        CourtRules(claim_bond=499_999)
    with pytest.raises(ProtocolError):
        CourtRules(draw_seconds=0)
    assert CourtRules().longest_dispute() == 5 * 24 * 3600
