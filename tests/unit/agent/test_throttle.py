"""However much a node has to upload, the market still hears its heartbeats."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.throttle import Throttle

MARKET_REQUESTS_PER_MINUTE = 1200


class Clock:
    """Stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_few_requests_after_a_rest_do_not_wait() -> None:
    throttle = Throttle(per_second=10, burst=3, clock=Clock())
    assert [throttle.delay() for _ in range(4)] == [0, 0, 0, pytest.approx(0.1)]


@given(st.lists(st.floats(0, 30), max_size=50))
def test_no_minute_takes_more_than_two_thirds_of_what_the_market_serves(pauses: list[float]) -> None:
    clock = Clock()
    throttle = Throttle(clock=clock)
    times: list[float] = []
    for pause in [*pauses, *[0.0] * 1000]:
        clock.now += pause
        clock.now += throttle.delay()
        times.append(clock.now)
    fullest = max(sum(start <= time < start + 60 for time in times) for start in times[::20])
    assert fullest <= MARKET_REQUESTS_PER_MINUTE * 2 / 3


def test_only_so_many_requests_are_under_way_at_once() -> None:
    under_way, most = 0, 0
    throttle = Throttle(together=4, per_second=10**6, burst=1000)

    async def request() -> None:
        nonlocal under_way, most
        async with throttle.turn():
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    async def scene() -> None:
        await asyncio.gather(*(request() for _ in range(50)))

    asyncio.run(scene())
    assert most == 4
