"""A fleet that changes keeps deciding exactly: reservations, releases, new asks, newcomers and leavers."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from market.core.engine.fleet import Fleet
from suanli.protocol.arrays import Supply
from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason
from tests.unit.market.engine.rounds import REGIONS, Round, large, small

SEEDS = st.integers(0, 2**32 - 1)


class ChangingFleet(RuleBasedStateMachine):
    """Both variants are changed alike; the numpy one scans its rows, so it is the reference of the index."""

    @initialize(seed=SEEDS, providers=st.sampled_from([0, 5, 40, 200]))
    def start(self, seed: int, providers: int) -> None:
        self.round = small(seed, providers)
        self.fleets = [
            Fleet(self.round.measure, self.round.supply, REGIONS, variant=variant)
            for variant in ("numpy", "numba")
        ]
        self.held: list[tuple[int, np.ndarray]] = []

    def both(self, change: str, *arguments: object) -> list[object]:
        """The same change at both; they answer alike, errors too."""
        answers: list[object] = []
        for fleet in self.fleets:
            try:
                answers.append(getattr(fleet, change)(*arguments))
            except SuanliError as error:
                answers.append(error.reason)
        assert answers[0] == answers[1]
        return answers

    def other(self, seed: int) -> Round:
        return small(seed, 1)

    @rule(seed=SEEDS)
    def a_newcomer_joins(self, seed: int) -> None:
        self.both("add", *self._ask(seed))

    @precondition(lambda self: len(self.fleets[0]))
    @rule(seed=SEEDS)
    def a_provider_asks_something_else(self, seed: int) -> None:
        self.both("put", seed % len(self.fleets[0]), *self._ask(seed))

    @precondition(lambda self: len(self.fleets[0]))
    @rule(seed=SEEDS)
    def a_provider_leaves(self, seed: int) -> None:
        self.both("remove", seed % len(self.fleets[0]))

    @precondition(lambda self: len(self.fleets[0]))
    @rule(seed=SEEDS)
    def a_load_is_reserved_if_it_is_free(self, seed: int) -> None:
        provider, load = seed % len(self.fleets[0]), np.array([seed >> 8 & 1, seed >> 9 & 3])
        fits = bool((load <= self.fleets[0].free(provider)).all())
        answer = self.both("reserve", provider, load)[0]
        assert (answer is None) <= fits
        assert answer in (None, Reason.CAPACITY_TAKEN)
        if answer is None:
            self.held.append((provider, load))

    @precondition(lambda self: self.held)
    @rule(seed=SEEDS)
    def a_reservation_is_given_back(self, seed: int) -> None:
        assert self.both("release", *self.held.pop(seed % len(self.held)))[0] is None

    @rule(seed=SEEDS)
    def items_are_placed_one_after_the_other(self, seed: int) -> None:
        demand = small(seed, max(len(self.fleets[0]), 1)).demand
        found = [fleet.take_many(fleet.items(demand)) for fleet in self.fleets]
        for name in type(found[0]).__slots__:
            assert np.array_equal(getattr(found[0], name), getattr(found[1], name)), name
        for item in np.flatnonzero(found[0].provider >= 0):
            self.held.append((int(found[0].provider[item]), demand.load[item]))

    @rule(seed=SEEDS)
    def the_index_is_arranged_for_other_items(self, seed: int) -> None:
        for fleet in self.fleets:
            fleet.tune(fleet.items(small(seed, 1).demand))

    @invariant()
    def both_decide_alike(self) -> None:
        if not hasattr(self, "fleets"):
            return
        for fleet in self.fleets:
            assert (fleet.supply().capacity >= 0).all()
        answers = []
        for fleet in self.fleets:
            items = fleet.items(self.round.demand)
            answers.append([fleet.best(items, item, 3) for item in range(len(items))])
        assert answers[0] == answers[1]

    def _ask(self, seed: int) -> tuple[Supply]:
        return (self.other(seed).supply,)


ChangingFleet.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestChangingFleet = ChangingFleet.TestCase


@pytest.mark.parametrize("variant", ["numpy", "numba"])
def test_what_was_never_taken_cannot_be_given_back(variant: str) -> None:
    round_ = small(1, 5)
    fleet = Fleet(round_.measure, round_.supply, REGIONS, variant=variant)  # type: ignore[arg-type]
    with pytest.raises(SuanliError) as error:
        fleet.release(0, np.array([1, 0]))
    assert error.value.reason == Reason.QUANTITY_OUT_OF_RANGE


def test_a_small_fleet_that_grows_large_decides_on() -> None:
    round_ = small(1, 300)
    one_by_one = [
        Supply(*(getattr(round_.supply, name)[place : place + 1] for name in Supply.__slots__))
        for place in range(300)
    ]
    grown = Fleet(round_.measure, one_by_one[0], REGIONS)
    for ask in one_by_one[1:]:
        grown.add(ask)
    whole = Fleet(round_.measure, round_.supply, REGIONS, variant="numpy")
    assert grown.variant == "numba"
    for item in range(len(round_.demand)):
        found = [fleet.best(fleet.items(round_.demand), item, 5) for fleet in (grown, whole)]
        assert found[0] == found[1]


def test_a_provider_that_has_room_again_is_found_again() -> None:
    round_ = large(7, 3000, 50)
    fleet = Fleet(round_.measure, round_.supply, REGIONS, variant="numba")
    items = fleet.items(round_.demand)
    before = [fleet.decide(items, item) for item in range(len(items))]
    placed = [place for place in before if place is not None]
    held = {place.provider: fleet.free(place.provider) for place in placed}
    for provider, load in held.items():
        fleet.reserve(provider, load)
    assert not {place.provider for item in range(len(items)) if (place := fleet.decide(items, item))} & set(
        held
    )
    for provider, load in held.items():
        fleet.release(provider, load)
    assert placed
    assert [fleet.decide(items, item) for item in range(len(items))] == before
