"""Writers killed at random instants: nothing acknowledged is lost, nothing is decided twice."""

import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from market.db.session import transaction
from tests.integration.writer.grid import ITEM, Server, stock

ROUNDS = 3
CALLERS = 4
NODES, SLOTS = 5, 40
COPIES = 3


class Callers:
    """Buyers that take until they are told to stop, and ask again by the same key until they are answered."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers
        self.acknowledged: dict[str, str] = {}
        self.over = threading.Event()

    def call(self, number: int) -> None:
        """One caller's work."""
        for turn in range(10_000):
            if self.over.is_set():
                return
            name = f"caller{number}-{turn}"
            self.acknowledged[name] = self.answer(request(name))

    def answer(self, body: dict[str, Any]) -> str:
        """What whoever writes at last says; asked until somebody does."""
        while True:
            for server in list(self.servers):
                answer = server.take(body)
                if answer is not None and answer.status_code == 200:
                    return answer.text
                assert answer is None or answer.status_code in (421, 503), answer.text
            time.sleep(0.01)


def request(name: str) -> dict[str, Any]:
    """A take under a name of its own."""
    return {"key": name, "seconds": 300, "items": [ITEM] * COPIES}


def test_nothing_acknowledged_is_lost_and_nothing_is_decided_twice(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    stock(engine, NODES, SLOTS)
    chance = random.Random(7)
    servers = [Server(database_url, tmp_path)]
    try:
        servers[0].wait_until_writing()
        callers = Callers(servers)
        with ThreadPoolExecutor(CALLERS) as pool:
            done = [pool.submit(callers.call, number) for number in range(CALLERS)]
            for _ in range(ROUNDS):
                servers.append(Server(database_url, tmp_path))
                time.sleep(2 + chance.random())
                servers.pop(0).kill()
                servers[0].wait_until_writing()
            time.sleep(chance.random())
            callers.over.set()
            for one in done:
                one.result()
        for name in chance.sample(sorted(callers.acknowledged), 20):
            assert callers.answer(request(name)) == callers.acknowledged[name]
        check_log(engine, callers.acknowledged)
    finally:
        for server in servers:
            server.kill()


def check_log(engine: Engine, acknowledged: dict[str, str]) -> None:
    """The log has what was said, once, without a gap; no node holds more than its slots."""
    with transaction(engine) as session:
        rows = session.execute(
            text("SELECT number, key, kind, node, body FROM decisions ORDER BY number")
        ).all()
        terms = session.execute(text("SELECT term FROM writer")).scalar_one()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert terms == ROUNDS + 1
    by_key: dict[str, list[str]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row.body)
    for name, said in acknowledged.items():
        assert [json.loads(body) for body in by_key[name]] == json.loads(said)["items"]
    held = Counter(row.node for row in rows if row.kind == "TAKEN")
    assert max(held.values()) <= SLOTS
    assert len(held) == NODES
