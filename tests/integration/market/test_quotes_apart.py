"""Quotes are for anyone: a stranger who asks for many keeps nobody else of the market waiting."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from market.api.quotes import STREAMS_MAXIMUM
from tests.integration.market.stage import LIMITS, PRICES, Stage

QUOTE = {
    "tasks": 1,
    "policy": 0,
    "replicas": 1,
    "limits": {name: str(value) for name, value in LIMITS.model_dump().items()},
    "maximum_prices": {name: str(price) for name, price in PRICES.model_dump().items()},
    "budget": "5000000",
    "deadline": str(int(time.time()) + 3600),
}


def test_a_crowd_of_quotes_leaves_other_routes_their_threads(stage: Stage) -> None:
    state: Any = stage.client.app.state  # type: ignore[attr-defined]
    stage.ok("POST", "/quotes", json=QUOTE)
    with ThreadPoolExecutor(80) as crowd:
        with state.quoting._lock:
            asked = [crowd.submit(stage.call, "POST", "/quotes", json=QUOTE) for _ in range(60)]
            other = crowd.submit(stage.call, "GET", "/nodes")
            try:
                assert other.result(timeout=20).status_code == 200
            finally:
                assert not any(one.done() for one in asked)
        assert {one.result(timeout=20).status_code for one in asked} == {200}


def test_no_more_prices_are_watched_than_a_process_can_look_at(stage: Stage) -> None:
    state: Any = stage.client.app.state  # type: ignore[attr-defined]
    state.quote_streams = {object() for _ in range(STREAMS_MAXIMUM)}
    refused = stage.call("POST", "/quotes/stream", json=QUOTE)
    assert (refused.status_code, refused.json()["reason"]) == (429, "RATE_LIMITED")
