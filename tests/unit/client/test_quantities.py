import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.client import quantities as q
from suanli.protocol.units import format_money, parse_money

amounts = st.integers(min_value=0, max_value=10**17)


@given(amounts)
def test_fuel_survives_a_round_trip(fuel: int) -> None:
    assert q.parse_fuel(q.format_fuel(fuel)) == fuel


@given(amounts)
def test_sizes_survive_a_round_trip(size: int) -> None:
    assert q.parse_size(q.format_size(size)) == size


@given(st.integers(min_value=0, max_value=10**9))
def test_durations_survive_a_round_trip(seconds: int) -> None:
    assert q.parse_duration(q.format_duration(seconds)) == seconds


@given(st.integers(min_value=0, max_value=10**30), st.integers(min_value=0, max_value=18))
def test_money_survives_a_round_trip(atoms: int, decimals: int) -> None:
    assert parse_money(format_money(atoms, decimals), decimals) == atoms


@given(st.text(max_size=12), st.sampled_from([q.parse_fuel, q.parse_size, q.parse_duration]))
def test_whatever_is_written_is_a_number_or_a_value_error(text: str, parse: Callable[[str], int]) -> None:
    with contextlib.suppress(ValueError):
        assert parse(text) >= 0


@pytest.mark.parametrize(
    ("text", "fuel"), [("20G", 20 * 10**9), ("1.5M", 1_500_000), ("300", 300), ("2T", 2 * 10**12)]
)
def test_fuel_is_counted_in_decimal_units(text: str, fuel: int) -> None:
    assert q.parse_fuel(text) == fuel


def test_sizes_are_binary_or_decimal_as_written() -> None:
    assert q.parse_size("256MiB") == 256 << 20
    assert q.parse_size("1.5 GB") == 1_500_000_000


def test_a_compound_duration_adds_up() -> None:
    assert q.parse_duration("1h30m") == 5400


def test_a_unit_in_the_wrong_case_gets_a_suggestion() -> None:
    with pytest.raises(ValueError, match="did you mean 256MiB"):
        q.parse_size("256mib")
    with pytest.raises(ValueError, match="did you mean 20G"):
        q.parse_fuel("20g")


@pytest.mark.parametrize("text", ["", "10", "m10", "1m1h", "1m1m", "-5s", "1.5h", "10 m"])
def test_a_duration_needs_whole_units_in_order(text: str) -> None:
    with pytest.raises(ValueError, match="a duration"):
        q.parse_duration(text)


@pytest.mark.parametrize("text", ["10", "1.3B", "0x10MiB", "1_000MiB", "MiB", "٣MiB"])
def test_a_size_needs_a_number_and_a_unit(text: str) -> None:
    with pytest.raises(ValueError, match=r"size|whole"):
        q.parse_size(text)


def test_fuel_is_shown_to_three_digits() -> None:
    assert [q.about_fuel(fuel) for fuel in (999, 59_321, 2 * 10**9, 1_234_567_890)] == [
        "999",
        "59.3K",
        "2G",
        "1.23G",
    ]


@pytest.mark.parametrize(("text", "milliseconds"), [("50ms", 50), ("2 s", 2000), ("0ms", 0)])
def test_a_latency_is_milliseconds(text: str, milliseconds: int) -> None:
    assert q.parse_latency(text) == milliseconds


@pytest.mark.parametrize("text", ["50", "50 min", "1.5s", "-1ms", "50MS"])
def test_what_is_no_latency_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="latency"):
        q.parse_latency(text)
