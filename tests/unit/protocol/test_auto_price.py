"""An automatic price follows the rounds' median and never falls below the electricity that the work takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from suanli.protocol.auto_price import auto_price, electricity_floor, median_prices, price_of_offering
from suanli.protocol.messages import Prices
from suanli.protocol.offering import AutoPrice, Offering

NOTHING = Prices.of([0, 0, 0, 0])
START = Prices.of([500, 40, 30, 20])
SETTINGS = AutoPrice(
    epoch=9, rounds=3, share_basis_points=9_900, start=START, electricity_atoms_per_kilowatt_hour=0
)


def fuel(*prices: int) -> list[Prices]:
    return [Prices.of([price, 1, 2, 3]) for price in prices]


def test_a_kilowatt_hour_is_paid_by_the_work_that_takes_it() -> None:
    # 36 W at 10^9 fuel/s: 36 J per gigafuel, a kWh for 100 000 gigafuel; 0.20 tokens of 6 decimals per kWh
    floor = electricity_floor(36, 10**9, 200_000)
    assert floor == Prices.of([2_000_000, 0, 0, 0])
    assert floor.fuel * 100_000 == 200_000 * 10**6


@given(st.integers(1, 1000), st.integers(1, 10**11), st.integers(1, 10**9))
def test_no_node_works_below_its_electricity(watts: int, speed: int, per_kilowatt_hour: int) -> None:
    floor = electricity_floor(watts, speed, per_kilowatt_hour).fuel
    joules_paid_for = floor * 3_600_000 * speed  # per gigafuel, times what a kWh costs in micro-atoms
    assert joules_paid_for >= watts * 10**9 * per_kilowatt_hour * 10**6
    assert (floor - 1) * 3_600_000 * speed < watts * 10**9 * per_kilowatt_hour * 10**6


def test_a_node_follows_the_median_of_the_newest_rounds_alone() -> None:
    found = auto_price(fuel(300, 100, 200, 9, 9, 9), NOTHING, SETTINGS)
    assert (found.rounds, found.median) == (3, Prices.of([200, 1, 2, 3]))
    assert found.prices == Prices.of([198, 1, 2, 3])


def test_a_node_starts_with_its_own_prices() -> None:
    found = auto_price([], NOTHING, SETTINGS)
    assert (found.median, found.prices) == (None, START)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=9), st.integers(0, 2**64 - 1))
def test_the_price_is_never_below_the_floor(cleared: list[int], floor: int) -> None:
    found = auto_price(fuel(*cleared), Prices.of([floor, 0, 0, 0]), SETTINGS)
    assert found.prices.fuel >= floor
    assert found.prices == auto_price(fuel(*cleared), found.floor, SETTINGS).prices


def test_anyone_can_redo_the_price_from_the_offering() -> None:
    settings = SETTINGS.model_copy(update={"electricity_atoms_per_kilowatt_hour": 200_000})
    offering = Offering(watts_per_slot=36, fuel_per_second=10**9, auto_price=settings)
    again = Offering.parse(offering.canonical())
    found = price_of_offering(fuel(100), again)
    assert found is not None
    assert found.prices == Prices.of([2_000_000, 1, 2, 3])
    assert price_of_offering(fuel(100), Offering()) is None


def test_a_floor_needs_what_it_is_made_of() -> None:
    settings = SETTINGS.model_copy(update={"electricity_atoms_per_kilowatt_hour": 200_000})
    with pytest.raises(ValidationError):
        Offering(watts_per_slot=36, auto_price=settings)


def test_the_median_of_nothing_is_nothing() -> None:
    assert median_prices([]) is None
    assert median_prices(fuel(1, 4)) == Prices.of([4, 1, 2, 3])
