"""What a juror does when, by the court's own record: never silent, never twice, never without its salt."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.judging.duties import finding, next_deadline
from provider_agent.judging.duty import ABSTENTION, Duty, DutyState, Move, Seat, Verdict, next_move
from suanli.protocol.court import Claim, kept
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.messages import Usage

DRAWN_AT = 1_000_000
RULES = CourtRules()
SEAT = Seat("0x" + "d1" * 32, 0, 2, DRAWN_AT, 17)
SALT = "0x" + "05" * 32
FOUND = Verdict(0, "0x" + "ab" * 32, Usage(fuel=10, memoryFuel=1, ingress=2, egress=3))
ADDRESS = "0x" + "11" * 20
CLAIM = Claim("0x01", "0x02", 0, ADDRESS, ADDRESS, ADDRESS, False, 0, 100, 5, FOUND.work())
NEW = Duty.of(SEAT, RULES)
JUDGED = replace(NEW, state=DutyState.JUDGED, verdict=FOUND, salt=SALT)
SEALED = JUDGED.closed() or 0
OPENED = kept(FOUND.work())
SEAL_END, OPEN_END = NEW.seal_until, NEW.open_until


@pytest.mark.parametrize(
    ("duty", "stored", "now", "state", "move"),
    [
        (NEW, 0, DRAWN_AT, DutyState.DRAWN, Move.JUDGE),
        (NEW, 0, SEAL_END, DutyState.DRAWN, Move.JUDGE),
        (NEW, 0, SEAL_END + 1, DutyState.MISSED, Move.REST),
        (JUDGED, 0, SEAL_END, DutyState.JUDGED, Move.SEAL),
        (JUDGED, 0, SEAL_END + 1, DutyState.MISSED, Move.REST),
        (JUDGED, SEALED, SEAL_END, DutyState.SEALED, Move.REST),
        (JUDGED, SEALED, SEAL_END + 1, DutyState.SEALED, Move.OPEN),
        (JUDGED, SEALED, OPEN_END, DutyState.SEALED, Move.OPEN),
        (JUDGED, SEALED, OPEN_END + 1, DutyState.MISSED, Move.REST),
        (JUDGED, OPENED, SEAL_END + 1, DutyState.OPENED, Move.REST),
        (NEW, SEALED, DRAWN_AT, DutyState.ELSEWHERE, Move.REST),
        (JUDGED, SEALED ^ 2, SEAL_END + 1, DutyState.ELSEWHERE, Move.REST),
    ],
)
def test_a_juror_acts_in_its_phase_to_the_last_second(
    duty: Duty, stored: int, now: int, state: DutyState, move: Move
) -> None:
    assert next_move(duty, DRAWN_AT, stored, now) == (state, move)


@pytest.mark.parametrize(
    ("duty", "now", "state"),
    [
        (replace(JUDGED, state=DutyState.OPENED), OPEN_END + 99, DutyState.OPENED),
        (replace(JUDGED, state=DutyState.SEALED), OPEN_END + 99, DutyState.MISSED),
        (NEW, DRAWN_AT + 5, DutyState.VOID),
    ],
)
def test_nothing_is_sent_when_the_court_has_dropped_the_panel(duty: Duty, now: int, state: DutyState) -> None:
    assert next_move(duty, 0, 0, now) == (state, Move.REST)


@given(st.sampled_from([NEW, JUDGED]), st.sampled_from([0, SEALED, OPENED]), st.integers(0, 1 << 40))
def test_a_seal_is_sent_only_with_its_salt_and_opened_only_after_the_sealing(
    duty: Duty, stored: int, now: int
) -> None:
    _, move = next_move(duty, DRAWN_AT, stored, now)
    if move is Move.SEAL:
        assert duty.salt is not None
        assert not stored
        assert now <= SEAL_END
    if move is Move.OPEN:
        assert stored == duty.closed()
        assert SEAL_END < now <= OPEN_END


def test_a_juror_without_inputs_abstains_while_there_is_time_to_seal() -> None:
    assert DRAWN_AT < NEW.abstain_at < SEAL_END


def test_a_verdict_upholds_a_claim_only_with_equal_result_and_usage() -> None:
    assert FOUND.upholds(CLAIM)
    other_usage = replace(FOUND, usage=Usage(fuel=11, memoryFuel=1, ingress=2, egress=3))
    assert not other_usage.upholds(CLAIM)
    assert not replace(FOUND, result="0x" + "ac" * 32).upholds(CLAIM)
    assert not replace(FOUND, outcome=1).upholds(CLAIM)
    assert not ABSTENTION.upholds(replace(CLAIM, work=ABSTENTION.work()))


def test_people_see_what_was_found_and_until_when_to_act() -> None:
    judged = replace(JUDGED, claim=CLAIM)
    assert [finding(one) for one in (NEW, judged, replace(judged, verdict=ABSTENTION))] == [
        None,
        "TRUE",
        "UNAVAILABLE",
    ]
    assert finding(replace(judged, claim=replace(CLAIM, work="0x" + "00" * 32))) == "FALSE"
    sealed = replace(judged, state=DutyState.SEALED)
    assert (next_deadline(NEW), next_deadline(sealed)) == (SEAL_END, OPEN_END)
    assert next_deadline(replace(judged, state=DutyState.OPENED)) is None
