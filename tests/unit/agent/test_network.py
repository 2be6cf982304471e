"""Ways are summed up by medians: one slow sample moves nothing, a degraded way shows at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.network import Download, summarise

_seconds = st.floats(1e-4, 100)


def test_one_slow_sample_moves_nothing() -> None:
    good = [Download(1000, 0.5)] * 2
    way = summarise("eu", [0.0101, 0.0101, 9.0], [*good, Download(1000, 60.0)])
    assert (way.round_trip_milliseconds, way.bytes_per_second, way.samples) == (11, 2000, 3)


def test_a_degraded_way_is_seen() -> None:
    way = summarise("eu", [0.2, 0.3, 0.01], [Download(1000, 10.0), Download(1000, 20.0), Download(1000, 0.1)])
    assert (way.round_trip_milliseconds, way.bytes_per_second) == (200, 100)


@given(st.lists(_seconds, min_size=1, max_size=9), st.lists(_seconds, min_size=1, max_size=9))
def test_a_way_lies_between_its_samples(round_trips: list[float], downloads: list[float]) -> None:
    way = summarise("eu", round_trips, [Download(10**6, seconds) for seconds in downloads])
    assert min(round_trips) * 1000 <= way.round_trip_milliseconds <= max(round_trips) * 1000 + 1
    assert 10**6 / max(downloads) - 1 <= way.bytes_per_second <= 10**6 / min(downloads) + 1


def test_an_instant_download_is_no_division_by_zero() -> None:
    assert summarise("eu", [0.0], [Download(1, 0.0)]).bytes_per_second == pytest.approx(10**6)
