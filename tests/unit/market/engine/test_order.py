"""What must not matter does not: the places of providers, an ask worse than all, equals; and bad input."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.core.engine.decision import Decision
from market.core.engine.fleet import Fleet, Variant
from suanli.protocol.arrays import Supply
from suanli.protocol.errors import ProtocolError, SuanliError
from suanli.protocol.reasons import Reason
from tests.unit.market.engine.rounds import REGIONS, large, small

SEEDS = st.integers(0, 2**32 - 1)
VARIANTS: list[Variant] = ["numpy", "numba"]


def chosen(supply: Supply, which: np.ndarray) -> Supply:
    """Those providers alone, in that order."""
    return Supply(*(getattr(supply, name)[which] for name in Supply.__slots__))


def moved(decision: Decision | None, places: np.ndarray) -> Decision | None:
    return decision and decision._replace(provider=int(places[decision.provider]))


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=150, deadline=None)
@given(seed=SEEDS, providers=st.sampled_from([7, 90]))
def test_where_a_provider_stands_in_the_arrays_changes_nothing(
    variant: Variant, seed: int, providers: int
) -> None:
    round_ = small(seed, providers)
    nobody = replace(round_.demand, barred_start=np.zeros(5, np.int64), barred=np.zeros(0, np.int64))
    places = np.random.default_rng(seed).permutation(providers)
    fleet = Fleet(round_.measure, round_.supply, REGIONS, variant=variant)
    shuffled = Fleet(round_.measure, chosen(round_.supply, places), REGIONS, order=places, variant=variant)
    for item in range(len(nobody)):
        there = shuffled.decide(shuffled.items(nobody), item)
        assert fleet.decide(fleet.items(nobody), item) == moved(there, places)


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=150, deadline=None)
@given(seed=SEEDS, providers=st.sampled_from([7, 90]))
def test_a_newcomer_worse_than_everyone_changes_no_decision(
    variant: Variant, seed: int, providers: int
) -> None:
    round_ = small(seed, providers)
    fleet = Fleet(round_.measure, round_.supply, REGIONS, variant=variant)
    items = fleet.items(round_.demand)
    before = [fleet.decide(items, item) for item in range(len(items))]
    dear = {name: getattr(round_.supply, name)[:1] + 10**6 for name in ("prices", "minimum", "quality")}
    fleet.add(replace(chosen(round_.supply, np.arange(1)), **dear))
    assert [fleet.decide(items, item) for item in range(len(items))] == before


def test_among_a_thousand_equal_asks_the_first_with_room_gets_the_item() -> None:
    round_ = large(5, 1, 1)
    supply = chosen(round_.supply, np.zeros(1000, np.int64))
    supply = replace(supply, capacity=np.ones((1000, 1), np.int64))
    rich = replace(
        round_.demand, value=np.array([10**12]), needs=round_.demand.needs - 1000, load=np.array([[1]]),
        labels=np.zeros(1, np.uint64), region_cost=np.zeros((1, REGIONS), np.int64),
        barred_start=np.zeros(2, np.int64), barred=np.zeros(0, np.int64),
    )  # fmt: skip
    fleet = Fleet(round_.measure, supply, REGIONS, order=np.arange(1000)[::-1].copy(), variant="numba")
    items = fleet.items(rich)
    for provider in range(999, 995, -1):
        found = fleet.decide(items)
        assert found is not None
        assert found.provider == provider
        fleet.reserve(provider, np.array([1]))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("column", "number"),
    [
        ("prices", -1),
        ("prices", 1 << 61),
        ("minimum", -5),
        ("capacity", -1),
        ("region", REGIONS),
        ("quality", 1.5),
    ],
)
def test_an_ask_with_absurd_numbers_is_refused_and_changes_nothing(
    variant: Variant, column: str, number: float
) -> None:
    round_ = small(1, providers=5)
    fleet = Fleet(round_.measure, round_.supply, REGIONS, variant=variant)
    ask = chosen(round_.supply, np.arange(1))
    bad = replace(ask, **{column: np.full_like(getattr(ask, column), number, type(number))})
    for change in (lambda: fleet.put(0, bad), lambda: fleet.add(bad)):
        with pytest.raises(ProtocolError) as error:
            change()
        assert error.value.reason == Reason.QUANTITY_OUT_OF_RANGE
    assert len(fleet) == 5


def test_an_item_whose_price_could_overflow_is_refused_also_after_a_dear_ask() -> None:
    round_ = small(1, providers=5)
    fleet = Fleet(round_.measure, round_.supply, REGIONS)
    items = fleet.items(replace(round_.demand, usage=round_.demand.usage + (1 << 40)))
    ask = chosen(round_.supply, np.arange(1))
    fleet.put(0, replace(ask, prices=ask.prices + (1 << 40)))
    for again in (lambda: fleet.decide(items), lambda: fleet.items(items.demand)):
        with pytest.raises(ProtocolError) as error:
            again()
        assert error.value.reason == Reason.QUANTITY_OUT_OF_RANGE


@pytest.mark.parametrize("variant", VARIANTS)
def test_errors_name_their_reason(variant: Variant) -> None:
    round_ = small(1, providers=5)
    fleet = Fleet(round_.measure, round_.supply, REGIONS, variant=variant)
    for change, reason in (
        (lambda: fleet.reserve(0, np.array([99, 0])), Reason.CAPACITY_TAKEN),
        (lambda: fleet.reserve(9, np.array([1, 0])), Reason.NOT_FOUND),
        (
            lambda: fleet.release_many(np.array([0], np.int32), np.array([[1, 0]])),
            Reason.QUANTITY_OUT_OF_RANGE,
        ),
        (lambda: fleet.add(chosen(round_.supply, np.arange(1)), order=2), Reason.QUANTITY_OUT_OF_RANGE),
    ):
        with pytest.raises(SuanliError) as error:
            change()
        assert error.value.reason == reason
    assert np.array_equal(fleet.supply().capacity, round_.supply.capacity)
