"""Solidity charges each usage and each whole task what the protocol charges, to the atom."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from suanli.protocol.charging import usage_at_limits
from suanli.protocol.eip712 import Struct
from suanli.protocol.messages import Limits, Prices, Usage
from suanli.protocol.units import charge
from tests.contracts.signing import values

LARGEST = 2**64 - 1
DENOMINATORS = (10**9, 1024 * 1000, 2**20, 2**20)
"""Work of each dimension per priced unit: where rounding turns."""


@pytest.fixture
def harness(contracts, relayer):
    return contracts.ChargingHarness.deploy({"from": relayer})


def around(turn: int) -> Iterator[int]:
    """Numbers at, just before and just after a turn."""
    yield from (0, 1, turn - 1, turn, turn + 1, LARGEST)


def vector(kind: type[Struct], numbers: list[int]) -> Any:
    """Prices or a usage with one number for each dimension."""
    return kind(**dict(zip(kind.model_fields, numbers, strict=True)))


def any_four(random: Random) -> list[int]:
    """Four numbers of up to 64 bits, small ones as often as large ones."""
    return [random.getrandbits(random.randint(0, 64)) for _ in range(4)]


def usages() -> list[tuple[Prices, Usage]]:
    """Every dimension alone around its turns, then all at once at random, then the largest numbers."""
    cases = []
    for dimension, turn in enumerate(DENOMINATORS):
        for price in around(10**6):
            for used in around(turn):
                vectors = [0] * 4, [0] * 4
                vectors[0][dimension], vectors[1][dimension] = price, used
                cases.append((vector(Prices, vectors[0]), vector(Usage, vectors[1])))
    random = Random(20_26)
    for _ in range(200):
        cases.append((vector(Prices, any_four(random)), vector(Usage, any_four(random))))
    cases.append((vector(Prices, [LARGEST] * 4), vector(Usage, [LARGEST] * 4)))
    return cases


def test_usage_costs_what_python_reckons(harness):
    cases = usages()
    found = harness.chargesRoundedUp(
        [values(prices) for prices, _ in cases], [values(usage) for _, usage in cases]
    )
    assert list(found) == [charge(prices, usage) for prices, usage in cases]


def test_whole_task_costs_what_python_reckons(harness):
    random = Random(12)
    cases = [
        (
            vector(Prices, any_four(random)),
            Limits(
                fuel=random.getrandbits(60),
                memoryBytes=random.getrandbits(40),
                inputBytes=random.getrandbits(64),
                outputBytes=random.getrandbits(64),
                wallSeconds=60,
            ),
        )
        for _ in range(200)
    ]
    found = harness.wholeTasksRoundedUp(
        [values(prices) for prices, _ in cases], [values(limits) for _, limits in cases]
    )
    expected = [charge(prices, usage_at_limits(limits, limits.inputBytes)) for prices, limits in cases]
    assert list(found) == expected
